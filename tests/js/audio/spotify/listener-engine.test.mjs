/** A listener's own Spotify in the page: it follows the room by the clock, and claims no more than it measures. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Api } from "../../../../static/js/net/api.js";
import { ServerClock } from "../../../../static/js/net/server-clock.js";
import { SpotifyListenerEngine } from "../../../../static/js/audio/spotify/listener-engine.js";
import { SpotifyPlayer } from "../../../../static/js/audio/spotify/player.js";
import { fakeFetch, json, passes, refusal, restoreTime, settled, stopTime } from "../../browser.mjs";
import { playing, streamed } from "../../cast.mjs";
import { FakeSdk, said } from "./sdk.mjs";

const NOON = 5_000_000;
let along, answer, calls, clock, deck;

beforeEach(() => {
  stopTime();
  FakeSdk.answers = [];
  deck = new Deck();
  answer = () => json(null, { status: 204 });
  const http = fakeFetch((call) => {
    const answered = answer(call);
    if (call.path.endsWith("/along") && answered.ok) deck.begin(call.body);
    return answered;
  });
  calls = http.calls;
  clock = new ServerClock({ local: () => Date.now() });
  clock.sample(Date.now() - 4, NOON - 2, NOON - 2, Date.now());
  const player = new SpotifyPlayer({
    url: "", name: "BeatSync: phone", token: async () => "fresh", load: async () => ({ Player: ListenersSdk }),
  });
  along = new SpotifyListenerEngine({ code: "KQ7F4M", clock, player, api: new Api({ fetch: http.fetch }) });
  along.need();
});
afterEach(() => {
  along.leave();
  restoreTime();
});

const sdk = () => FakeSdk.last;
const song = (number) => streamed(number);
let current = null;
const room = (number, starts_at_ms, facts = {}) => (current = playing(number, starts_at_ms, { track: song(number), ...facts }));
const started = () => calls.filter(({ path }) => path.endsWith("/along")).map(({ body }) => body);
const off = () => Math.round(deck.position - (clock.now() - current.starts_at_ms));

/** The player as far as it sounds: by the clock, some ms after it was told, and after each jump. */
class Deck {
  latency = 300;
  cost = 0;
  seeks = [];
  track = null;
  paused = true;
  #from = 0;
  #at = 0;

  begin({ ahead_ms }) {
    this.track = current.track;
    this.#stand(Math.max(0, clock.now() + ahead_ms - current.starts_at_ms), this.latency);
    this.paused = false;
  }

  get position() {
    return this.paused ? this.#from : this.#from + Math.max(0, Date.now() - this.#at);
  }

  get loading() {
    return !this.paused && Date.now() < this.#at;
  }

  seek(position) {
    this.seeks.push(position);
    this.#stand(position, this.cost);
  }

  turn(paused) {
    this.#stand(this.position, 0);
    this.paused = paused;
  }

  /** It falls behind all at once. */
  slip(ms) {
    this.#stand(this.position - ms, 0);
  }

  #stand(position, wait) {
    this.#from = position;
    this.#at = Date.now() + wait;
  }
}

class ListenersSdk extends FakeSdk {
  current = () => deck.track && said(deck.track, Math.round(deck.position), { paused: deck.paused, loading: deck.loading });

  async seek(position) {
    deck.seek(position);
  }

  async pause() {
    this.calls.push("pause");
    deck.turn(true);
  }

  async resume() {
    this.calls.push("resume");
    deck.turn(false);
  }
}

async function isReady() {
  await settled();
  sdk().says("ready", { device_id: "phone-1" });
  await settled();
}

/** The room is half a minute into a song that is heard here. */
async function hears({ latency = 300, cost = 0 } = {}) {
  Object.assign(deck, { latency, cost });
  along.follow(room(1, NOON - 30_000));
  await isReady();
  await passes(6_000);
}

test("a song is asked for by its play and device, as much ahead as a start takes", async () => {
  await hears();
  assert.deepEqual(started(), [{ device_id: "phone-1", play_id: "p1", ahead_ms: 300 }]);
  assert.ok(Math.abs(off()) < 60);
  assert.deepEqual(deck.seeks, []);
});

test("the next song begins with its moment, and takes one call", async () => {
  await hears();
  along.follow(room(2, clock.now() + 1_500));
  await passes(1_000);
  assert.equal(started().length, 1);
  await passes(5_000);
  assert.equal(started().length, 2);
  assert.ok(Math.abs(off()) < 60);
});

test("a start that was late is mended by one jump", async () => {
  await hears({ latency: 1_500 });
  assert.equal(deck.seeks.length, 1);
  assert.ok(Math.abs(off()) < 60);
});

test("a start that was late makes the next one earlier", async () => {
  await hears({ latency: 900 });
  assert.deepEqual(deck.seeks, []);
  along.follow(room(2, clock.now()));
  await passes(100);
  assert.ok(started()[1].ahead_ms > 500);
});

test("what a jump costs is learned, and no drift", async () => {
  await hears({ latency: 1_500, cost: 1_000 });
  assert.ok(off() < -900);
  await passes(30_000);
  assert.equal(deck.seeks.length, 2);
  assert.ok(Math.abs(off()) < 600);
});

test("a device that is a little off is left alone", async () => {
  await hears({ latency: 900 });
  await passes(30_000);
  assert.deepEqual(deck.seeks, []);
});

test("a device that keeps slipping is mended three times in a track, ten seconds apart", async () => {
  await hears();
  for (let second = 0; second < 60; second += 1) {
    if (Math.abs(off()) < 700) deck.slip(1_500);
    await passes(1_000);
  }
  assert.equal(deck.seeks.length, 3);
});

test("the badge has a number only when it is measured, and the number is what was measured", async () => {
  along.follow(room(1, NOON - 30_000));
  assert.equal(along.sync.error_ms ?? null, null);
  deck.latency = 900;
  await isReady();
  await passes(6_000);
  const { state, error_ms } = along.sync;
  assert.equal(state, "estimated");
  assert.ok(error_ms >= Math.abs(off()));
});

test("a pause, its end and a seek of the room are the player's own affair", async () => {
  await hears();
  along.follow(room(1, null, { state: "paused", position_ms: 36_000 }));
  await settled();
  assert.equal(deck.paused, true);
  await passes(5_000);
  along.follow(room(1, clock.now() - 36_000));
  await passes(3_000);
  assert.ok(Math.abs(off()) < 60);
  along.follow(room(1, clock.now() - 70_000));
  await passes(3_000);
  assert.ok(Math.abs(off()) < 60);
  assert.equal(started().length, 1);
});

test("when the room's clock is put right by a little, nothing jumps", async () => {
  await hears();
  along.follow(room(1, current.starts_at_ms + 400));
  await passes(5_000);
  assert.deepEqual(deck.seeks, []);
});

test("a track of the library silences it with its moment", async () => {
  await hears();
  along.follow(playing(2, clock.now() + 1_000));
  await passes(500);
  assert.equal(deck.paused, false);
  await passes(1_000);
  assert.equal(deck.paused, true);
});

test("a song that comes late, when the room plays something else, is stopped", async () => {
  along.follow(room(1, NOON - 30_000));
  await isReady();
  along.follow(playing(2, clock.now() - 10));
  await settled();
  deck.turn(false);
  sdk().says("player_state_changed", sdk().current());
  await settled();
  assert.equal(deck.paused, true);
});

test("only one call is under way, and what holds after it is asked for next", async () => {
  let done;
  answer = () => new Promise((resolve) => (done = () => resolve(json(null, { status: 204 }))));
  along.follow(room(1, NOON - 30_000));
  await isReady();
  along.follow(room(2, NOON - 20_000));
  along.follow(room(3, NOON - 10_000));
  await passes(1_000);
  assert.deepEqual(started().map(({ play_id }) => play_id), ["p1"]);
  done();
  await passes(500);
  assert.deepEqual(started().map(({ play_id }) => play_id), ["p1", "p3"]);
});

test("a device that comes anew is told again", async () => {
  await hears();
  sdk().says("not_ready", { device_id: "phone-1" });
  sdk().says("ready", { device_id: "phone-2" });
  await passes(1_000);
  assert.equal(started().at(-1).device_id, "phone-2");
});

test("after a sleep it looks anew, and jumps to where the room is", async () => {
  await hears();
  deck.slip(20_000);
  await passes(20_000, 20_000);
  await passes(5_000);
  assert.equal(deck.seeks.length, 1);
  assert.ok(Math.abs(off()) < 60);
});

test("what its owner has stopped goes on only by a tap", async () => {
  await hears();
  deck.turn(true);
  await passes(20_000);
  assert.equal(along.blocked, true);
  assert.equal(started().length, 1);
  along.unlock();
  await passes(3_000);
  assert.equal(along.blocked, false);
  assert.ok(Math.abs(off()) < 60);
});

test("an account that its owner took elsewhere is not taken back by the next song, but by a tap", async () => {
  await hears();
  deck.track = null;
  await passes(3_000);
  along.follow(playing(2, clock.now()));
  assert.equal(along.blocked, false);
  along.follow(room(3, clock.now()));
  await passes(20_000);
  assert.equal(along.blocked, true);
  assert.equal(started().length, 1);
  along.unlock();
  await passes(3_000);
  assert.ok(Math.abs(off()) < 60);
});

test("where only the browser wanted a tap, the next song is tried without one", async () => {
  await hears();
  sdk().says("autoplay_failed");
  along.follow(room(2, clock.now()));
  await passes(1_000);
  assert.equal(along.blocked, false);
  assert.equal(started().length, 2);
});

test("nothing of Spotify is loaded before there is a song of it, and then this is a device at once", async () => {
  let loads = 0;
  const load = async () => ({ Player: ListenersSdk, loads: (loads += 1) });
  const player = new SpotifyPlayer({ url: "", name: "BeatSync: phone", token: async () => "fresh", load });
  const idler = new SpotifyListenerEngine({ code: "KQ7F4M", clock, player, api: new Api({}) });
  idler.unlock();
  idler.follow(playing(2, NOON));
  await passes(5_000);
  assert.equal(loads, 0);
  idler.need();
  await settled();
  assert.deepEqual([loads, sdk().count("connect")], [1, 1]);
  idler.leave();
});

test("what was never heard is asked for once more, then waits for a tap", async () => {
  along.follow(room(1, NOON - 30_000));
  await isReady();
  deck.track = null;
  sdk().current = null;
  await passes(20_000);
  assert.equal(started().length, 2);
  assert.equal(along.blocked, true);
});

test("a browser that wants a tap gets one, and the player is touched in it", async () => {
  await hears();
  sdk().says("autoplay_failed");
  assert.equal(along.blocked, true);
  along.unlock();
  assert.equal(sdk().count("activate"), 1);
});

test("by hand it goes where the room is, however near", async () => {
  await hears({ latency: 900 });
  along.resync();
  await passes(3_000);
  assert.equal(deck.seeks.length, 1);
  assert.ok(Math.abs(off()) < 60);
});

test("a nudge is one jump, when the hand has come to rest", async () => {
  await hears();
  for (const nudge of [10, 20, 200]) {
    along.nudge_ms = nudge;
    await passes(100);
  }
  await passes(3_000);
  assert.equal(deck.seeks.length, 1);
  assert.ok(Math.abs(off() - 200) < 60);
});

test("an account without Premium is said here, and to nobody else", async () => {
  along.follow(room(1, NOON));
  await settled();
  sdk().says("account_error", { message: "premium users only" });
  assert.equal(along.trouble.kind, "premium");
  await passes(5_000);
  assert.deepEqual(calls.map(({ path }) => path), ["/api/rooms/KQ7F4M/spotify/along/trouble"]);
});

test("a trouble is over, and the page told so, once the player is ready", async () => {
  along.follow(room(1, NOON));
  await settled();
  sdk().says("account_error", { message: "premium users only" });
  const noted = [];
  along.addEventListener("trouble", () => noted.push(along.trouble));
  await isReady();
  assert.deepEqual(noted, [null]);
});

test("a refusal is said as the server says it, until the next song", async () => {
  answer = () => refusal(409, "conflict", "Another room plays through this account just now.");
  along.follow(room(1, NOON - 30_000));
  await isReady();
  assert.match(along.trouble.message, /^Another room/);
  await passes(20_000);
  assert.equal(started().length, 1);
  along.follow(room(2, clock.now()));
  assert.equal(along.trouble, null);
});

test("a device that is not known at once is asked for again, four times within three seconds", async () => {
  answer = () => refusal(409, "spotify_no_device");
  along.follow(room(1, NOON - 30_000));
  await isReady();
  await passes(2_400);
  assert.equal(started().length, 3);
  answer = () => json(null, { status: 204 });
  await passes(5_000);
  assert.equal(started().length, 4);
  assert.equal(along.trouble, null);
  assert.equal(sdk().count("disconnect"), 0);
  assert.ok(Math.abs(off()) < 60);
});

test("a device that stays unknown is made anew once in a track, then said", async () => {
  answer = () => refusal(409, "spotify_no_device", "Spotify has lost sight of this page.");
  along.follow(room(1, NOON - 30_000));
  await isReady();
  await passes(5_000);
  assert.deepEqual([started().length, sdk().count("disconnect"), along.trouble], [4, 1, null]);
  sdk().says("ready", { device_id: "phone-2" });
  await passes(20_000);
  assert.deepEqual([started().length, sdk().count("disconnect")], [8, 1]);
  assert.match(along.trouble.message, /lost sight/);
});

test("an outage is waited for", async () => {
  answer = () => refusal(503, "spotify_away");
  along.follow(room(1, NOON - 30_000));
  await isReady();
  await passes(3_000);
  answer = () => json(null, { status: 204 });
  await passes(5_000);
  assert.equal(along.trouble, null);
  assert.ok(Math.abs(off()) < 60);
});

test("who leaves is silent and no device any more", async () => {
  await hears();
  along.leave();
  await settled();
  assert.equal(deck.paused, true);
  assert.equal(sdk().count("disconnect"), 1);
  await passes(10_000);
  assert.equal(started().length, 1);
});
