import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Api } from "../../../../static/js/net/api.js";
import { ServerClock } from "../../../../static/js/net/server-clock.js";
import { SpotifyPlayer } from "../../../../static/js/audio/spotify/player.js";
import { SpotifyRoomEngine } from "../../../../static/js/audio/spotify/room-engine.js";
import { fakeFetch, json, passes, record, restoreTime, settled, stopTime } from "../../browser.mjs";
import { playing, track } from "../../cast.mjs";
import { FakeSdk, said } from "./sdk.mjs";

const NOON = 5_000_000;
const NAME = "BeatSync: laptop";
let sound, clock, calls, told;

beforeEach(() => {
  stopTime();
  FakeSdk.answers = [];
  const http = fakeFetch(() => json(null, { status: 204 }));
  calls = http.calls;
  clock = new ServerClock({ serverMs: NOON, local: () => Date.now() });
  const player = new SpotifyPlayer({
    url: "", name: NAME, token: async () => "fresh", load: async () => ({ Player: FakeSdk }),
  });
  sound = new SpotifyRoomEngine({ code: "KQ7F4M", clock, player, page: () => "page-1", api: new Api({ fetch: http.fetch }) });
  sound.need();
  told = record(sound, "blocked", "playing", "stalled", "ended", "error", "drifted", "paused");
});
afterEach(() => {
  sound.leave();
  restoreTime();
});

const sdk = () => FakeSdk.last;
const song = (number) => ({ ...track(number), uri: `spotify:track:${number}`, source: "spotify", audio: null });
const room = (number, starts_at_ms, facts = {}) => playing(number, starts_at_ms, { track: song(number), ...facts });
const names = () => told.map(({ name }) => name);
const outputs = () => calls.filter(({ path }) => path.endsWith("/output")).map(({ body }) => body);
const source = (facts = {}) => [
  { name: "spotify", state: "available", cause: null, until_ms: null, at_ms: 1, output: NAME, ...facts },
];

/** A position that runs from `position` on, in whatever shape it is asked for. */
function runs(number, position, facts) {
  const from = Date.now();
  return () => said(song(number), position + Date.now() - from, facts);
}

/** The room plays a song that the device sounds, `late` ms behind. */
async function sounds({ late = 0, at = 30_000 } = {}) {
  sound.attend(source());
  sound.follow(room(1, NOON - at));
  await settled();
  sdk().says("ready", { device_id: "d1" });
  sdk().current = runs(1, at - late);
  sdk().says("player_state_changed", sdk().current());
  await passes(600);
}

test("a device that is ready says which one it is, and of which page", async () => {
  sound.follow(room(1, NOON));
  await settled();
  sdk().says("ready", { device_id: "d1" });
  assert.deepEqual(outputs(), [{ kind: "browser", device_id: "d1", name: NAME, page: "page-1" }]);
});

test("nothing of Spotify is loaded before it is needed, and then this is a device at once", async () => {
  let loads = 0;
  const load = async () => ({ Player: FakeSdk, loads: (loads += 1) });
  const player = new SpotifyPlayer({ url: "", name: NAME, token: async () => "fresh", load });
  const idler = new SpotifyRoomEngine({ code: "KQ7F4M", clock, player, page: () => "page-1", api: new Api({}) });
  idler.unlock();
  idler.follow(playing(2, NOON));
  idler.attend(source({ output: null, state: "away", cause: "spotify_no_device" }));
  idler.take();
  await settled();
  assert.equal(loads, 0);
  idler.need();
  await settled();
  assert.deepEqual([loads, sdk().count("connect")], [1, 1]);
  idler.leave();
});

test("a page that is chosen to sound Spotify needs its player", async () => {
  const player = new SpotifyPlayer({ url: "", name: NAME, token: async () => "fresh", load: async () => ({ Player: FakeSdk }) });
  const chosen = new SpotifyRoomEngine({ code: "KQ7F4M", clock, player, page: () => "page-1", api: new Api({}) });
  chosen.follow(playing(2, NOON));
  chosen.attend(source());
  await settled();
  assert.equal(sdk().count("connect"), 1);
  chosen.leave();
});

test("a page that loads again leaves Spotify off where somebody switched it off", async () => {
  sound.attend(source({ state: "away", cause: "spotify_off", output: null }));
  sound.follow(room(1, NOON));
  await settled();
  sdk().says("ready", { device_id: "d1" });
  assert.deepEqual(outputs(), []);
  sound.take();
  assert.equal(outputs().length, 1);
});

test("a device that comes again does not displace one that somebody chose", async () => {
  sound.attend(source({ output: "Kitchen" }));
  sound.follow(room(1, NOON));
  await settled();
  sdk().says("ready", { device_id: "d1" });
  assert.deepEqual(outputs(), []);
  sound.take();
  assert.equal(outputs().length, 1);
});

test("what sounds is told with the position of the device", async () => {
  await sounds({ late: 300 });
  assert.deepEqual(names(), ["playing"]);
  assert.equal(sound.playId, "p1");
  assert.ok(Math.abs(sound.position_ms - 30_300) < 60);
});

test("while it loads nothing sounds, though the position moves", async () => {
  sound.attend(source());
  sound.follow(room(1, NOON - 30_000));
  await settled();
  sdk().current = runs(1, 30_000, { loading: true });
  await passes(3_000);
  assert.deepEqual(names(), []);
  assert.equal(sound.playId, null);
});

test("another recording that Spotify plays instead is the same song", async () => {
  sound.follow(room(1, NOON - 30_000));
  await settled();
  const other = { ...song(1), title: "Track 1 (2024 Mix)", uri: "spotify:track:other", linked_from: { uri: "spotify:track:1", id: "1" } };
  const from = Date.now();
  sdk().current = () => said(other, 30_000 + Date.now() - from);
  await passes(1_000);
  assert.deepEqual(names(), ["playing"]);
});

test("what the account plays otherwise is not the room's sound", async () => {
  sound.follow(room(1, NOON - 30_000));
  await settled();
  sdk().current = runs(2, 30_000);
  await passes(3_000);
  assert.equal(sound.state, "quiet");
});

test("a position in seconds is not believed", async () => {
  sound.follow(room(1, NOON - 30_000));
  await settled();
  sdk().current = runs(1, 30_000);
  sdk().says("player_state_changed", said(song(1), 30));
  await settled();
  assert.equal(sound.position_ms, 30_000);
});

test("a device that settled late moves the room's clock, once", async () => {
  await sounds({ late: 1_200 });
  await passes(6_000);
  assert.deepEqual(names(), ["playing", "drifted"]);
  sound.follow(room(1, NOON - 28_800));
  await passes(15_000);
  assert.deepEqual(names(), ["playing", "drifted"]);
});

test("a start that is rough for a second moves nothing", async () => {
  await sounds({ late: 2_000 });
  await passes(800);
  sdk().current = runs(1, 31_400);
  await passes(5_000);
  assert.deepEqual(names(), ["playing"]);
});

test("a device that is a little off is left alone", async () => {
  await sounds({ late: 600 });
  await passes(15_000);
  assert.deepEqual(names(), ["playing"]);
});

test("a clock that will not follow is asked three times, ten seconds apart", async () => {
  await sounds({ late: 2_000 });
  await passes(9_000);
  assert.equal(names().filter((name) => name === "drifted").length, 1);
  await passes(50_000);
  assert.equal(names().filter((name) => name === "drifted").length, 3);
});

test("a seek is not undone by the position of before it", async () => {
  await sounds();
  sound.follow(room(1, NOON - 70_000));
  await passes(3_000);
  assert.deepEqual(names(), ["playing"]);
  sdk().current = runs(1, 73_600);
  await passes(5_000);
  assert.deepEqual(names(), ["playing", "playing"]);
});

test("an end that is told three times is one end", async () => {
  await sounds({ at: 99_000 });
  for (const more of [0, 24, 48]) {
    sdk().becomes(said(song(1), 0, { paused: true, duration: 100_000 + more, before: [song(1)] }));
    await settled();
  }
  await passes(2_000);
  assert.deepEqual(names(), ["playing", "ended"]);
});

test("an end that is told shortly before it is one, too", async () => {
  await sounds({ at: 99_000 });
  sdk().becomes(said(song(1), 99_970, { paused: true }));
  assert.equal(sound.state, "ended");
});

test("an end of the track before is none of the next", async () => {
  await sounds({ at: 99_000 });
  sound.follow(room(2, NOON));
  await settled();
  sdk().becomes(said(song(1), 0, { paused: true, before: [song(1)] }));
  assert.deepEqual(names(), ["playing"]);
});

test("a pause in mid-track is no end", async () => {
  await sounds();
  sdk().becomes(said(song(1), 0, { paused: true, before: [song(1)] }));
  assert.equal(sound.state, "playing");
});

test("a pause that somebody makes in another app is told once, and where", async () => {
  await sounds();
  await passes(3_500);
  sdk().becomes(said(song(1), 34_000, { paused: true }));
  await passes(1_000);
  assert.deepEqual(names(), ["playing"]);
  await passes(2_000);
  assert.deepEqual(names(), ["playing", "paused"]);
  assert.ok(Math.abs(sound.position_ms - 34_000) < 1_500);
});

for (const [where, position] of [["at the beginning", 0], ["just before the end", 99_800]]) {
  test(`what stands ${where} long before the room does was paused by nobody, and is asked for again`, async () => {
    await sounds();
    await passes(3_500);
    const before = outputs().length;
    sdk().becomes(said(song(1), position, { paused: true, before: [song(1)] }));
    await passes(8_000);
    assert.deepEqual(names(), ["playing", "stalled"]);
    assert.equal(outputs().length, before + 1);
  });
}

test("silence counts for no pause that comes after it", async () => {
  await sounds();
  await passes(3_500);
  sdk().becomes(null);
  await passes(1_000);
  sdk().becomes(said(song(1), 34_000, { paused: true }));
  await passes(1_000);
  assert.deepEqual(names(), ["playing"]);
});

test("what is asked to play again and stands at first was paused by nobody", async () => {
  await sounds();
  await passes(3_500);
  sdk().becomes(null);
  await passes(7_500);
  sdk().becomes(said(song(1), 42_000, { paused: true }));
  await passes(3_000);
  assert.equal(names().includes("paused"), false);
});

test("a tap whose sound comes slowly is no pause", async () => {
  await sounds();
  await passes(3_500);
  sdk().says("autoplay_failed");
  sdk().becomes(said(song(1), 34_000, { paused: true }));
  sound.unlock();
  await passes(4_000);
  assert.equal(names().includes("paused"), false);
});

test("a pause right after a start is the answer to what was before", async () => {
  await sounds();
  sdk().becomes(said(song(1), 31_000, { paused: true }));
  await passes(4_000);
  assert.deepEqual(names(), ["playing"]);
});

test("what has not sounded yet, or only loads, was paused by nobody", async () => {
  sound.attend(source());
  sound.follow(room(1, NOON - 30_000));
  await settled();
  sdk().current = said(song(1), 30_000, { paused: true });
  await passes(3_000);
  sound.follow(room(2, NOON));
  await sounds();
  sdk().becomes(said(song(1), 31_000, { paused: true, loading: true }));
  await passes(3_000);
  assert.equal(names().includes("paused"), false);
});

test("a device that falls silent is told, asked for again and given up", async () => {
  await sounds();
  const before = outputs().length;
  sdk().becomes(said(song(1), 31_000));
  await passes(6_000);
  assert.equal(sound.state, "stalled");
  assert.equal(sound.cause, "stalled");
  await passes(3_000);
  assert.equal(outputs().length, before + 1);
  await passes(9_000);
  assert.deepEqual(names(), ["playing", "stalled", "error"]);
});

test("what somebody plays elsewhere is not ended, but taken back by a tap", async () => {
  await sounds();
  sdk().becomes(null);
  await passes(17_000);
  assert.equal(sound.blocked, true);
  const before = outputs().length;
  sound.unlock();
  assert.equal(outputs().length, before + 1);
});

test("somebody who plays elsewhere is not fought for it", async () => {
  await sounds();
  const before = outputs().length;
  sdk().becomes(null);
  await passes(30_000, 500);
  assert.equal(outputs().length, before);
  assert.equal(names().includes("error"), false);
});

test("a page becomes no device by itself where somebody has to choose one", async () => {
  for (const cause of ["spotify_elsewhere", "spotify_in_use"]) {
    sound.attend(source({ state: "away", cause, output: null }));
    sound.follow(room(1, NOON));
    await settled();
    sdk().says("ready", { device_id: "d1" });
    assert.deepEqual(outputs(), []);
  }
  sound.take({ takeover: true });
  assert.deepEqual(outputs().map(({ takeover }) => takeover), [true]);
});

test("a choice of this page is over when nobody wants its sound any more", async () => {
  sound.attend(source({ state: "away", cause: "spotify_in_use", output: null }));
  sound.follow(room(1, NOON));
  sound.take({ takeover: true });
  sound.leave();
  sound.follow(room(1, NOON));
  await settled();
  sdk().says("ready", { device_id: "d1" });
  assert.deepEqual(outputs(), []);
  sound.take();
  assert.equal("takeover" in outputs()[0], false);
});

test("a page that nobody wanted meanwhile does not come anew for the device that was missed before", async () => {
  await sounds();
  sound.attend(source({ state: "away", cause: "spotify_no_device" }));
  sound.leave();
  sound.follow(room(2, NOON));
  await settled();
  sdk().says("ready", { device_id: "d1" });
  const before = sdk().count("connect");
  await passes(20_000);
  assert.equal(sdk().count("connect"), before);
});

test("a page becomes the device once the other room has given the account up", async () => {
  sound.attend(source({ state: "away", cause: "spotify_in_use", output: null }));
  sound.follow(room(1, NOON));
  await settled();
  sdk().says("ready", { device_id: "d1" });
  sound.attend(source({ state: "away", cause: "spotify_no_device", output: null }));
  assert.equal(outputs().length, 1);
});

test("where another device sounds, silence here is as it should be", async () => {
  sound.attend(source({ output: "Kitchen" }));
  sound.follow(room(1, NOON - 30_000));
  await passes(30_000);
  assert.deepEqual(names(), []);
});

test("a track that the player refuses has failed, once", async () => {
  await sounds();
  sdk().says("playback_error", { message: "not available" });
  sdk().says("playback_error", { message: "not available" });
  await settled();
  assert.deepEqual(names(), ["playing", "error"]);
  assert.equal(sound.cause, "refused");
});

test("a refusal of something else is not of this track", async () => {
  await sounds();
  sdk().current = runs(2, 0);
  sdk().says("playback_error", { message: "not available" });
  await settled();
  assert.deepEqual(names(), ["playing"]);
});

test("a tap heals what the browser blocked, at the place where the room is by then", async () => {
  await sounds();
  sdk().says("autoplay_failed");
  assert.equal(sound.blocked, true);
  const before = outputs().length;
  sound.unlock();
  assert.equal(sdk().count("activate"), 1);
  assert.equal(outputs().length, before + 1);
  assert.equal(sound.blocked, false);
});

test("during a track of the library it is quiet, and remains a device", async () => {
  await sounds();
  sound.follow(playing(2, NOON));
  await passes(5_000);
  assert.equal(sound.state, "quiet");
  assert.equal(sdk().count("disconnect"), 0);
});

test("when nobody wants its sound, it is no device any more", async () => {
  await sounds();
  sound.leave();
  assert.equal(sdk().count("disconnect"), 1);
  assert.equal(sound.playId, null);
});

test("a device that the room misses comes anew, but not all the time", async () => {
  await sounds();
  sound.attend(source({ state: "away", cause: "spotify_no_device" }));
  await passes(10_000);
  assert.equal(sdk().count("connect"), 1);
  await passes(10_000);
  assert.equal(sdk().count("connect"), 2);
});

test("what somebody has switched off stays off", async () => {
  await sounds();
  const before = outputs().length;
  sound.attend(source({ state: "away", cause: "spotify_no_device", output: null }));
  await passes(60_000, 500);
  assert.equal(outputs().length, before);
  assert.equal(sdk().count("connect"), 1);
});

test("when what was in the way is over, it does not wait for its next try", async () => {
  FakeSdk.answers = [false, false, false, false, false];
  sound.attend(source({ state: "away", cause: "spotify_reconnect" }));
  sound.follow(room(1, NOON));
  await passes(16_000);
  const before = sdk().count("connect");
  sound.attend(source());
  await settled();
  assert.equal(sdk().count("connect"), before + 1);
});

test("what keeps the page from it is told to the room", async () => {
  sound.follow(room(1, NOON));
  await settled();
  sdk().says("account_error", { message: "premium users only" });
  assert.equal(sound.trouble.kind, "premium");
  assert.deepEqual(calls.at(-1).body, { kind: "premium" });
});
