import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Api } from "../../../../static/js/net/api.js";
import { ServerClock } from "../../../../static/js/net/server-clock.js";
import { LocalPlayer } from "../../../../static/js/audio/local-player.js";
import { Speaker } from "../../../../static/js/audio/speaker.js";
import { SpotifyPlayer } from "../../../../static/js/audio/spotify/player.js";
import { SpotifyRoomEngine } from "../../../../static/js/audio/spotify/room-engine.js";
import { FakeAudio, FakeStorage, fakeFetch, json, passes, restoreTime, settled, stopTime } from "../../browser.mjs";
import { item, playing, track } from "../../cast.mjs";
import { FakeSdk, said } from "./sdk.mjs";

const NOON = 5_000_000;
const NAME = "BeatSync: laptop";
let audios, calls, speaker, spotify, openSpeaker;

beforeEach(async () => {
  stopTime();
  FakeAudio.refuses = false;
  FakeSdk.answers = [];
  audios = [];
  const http = fakeFetch(({ path }) => (path.endsWith("/speaker") ? json({ speaker: lease() }) : json(null, { status: 204 })));
  calls = http.calls;
  const api = new Api({ fetch: http.fetch });
  const clock = new ServerClock({ serverMs: NOON, local: () => Date.now() });
  const localPlayer = new LocalPlayer({
    clock, createAudio: () => audios[audios.push(new FakeAudio()) - 1], parent: { append() {} }, probe: async () => 200, canSound: async () => true,
  });
  const player = new SpotifyPlayer({ url: "", name: NAME, token: async () => "fresh", load: async () => ({ Player: FakeSdk }) });
  spotify = new SpotifyRoomEngine({ code: "KQ7F4M", clock, player, page: () => speaker.device, api });
  openSpeaker = (parts) => new Speaker({
    code: "KQ7F4M", window: new EventTarget(), storage: () => new FakeStorage(), tabStorage: () => new FakeStorage(),
    clock, localPlayer, api, navigator: { userAgent: "" }, ...parts,
  });
  speaker = openSpeaker();
  speaker.attach("spotify", spotify);
  spotify.attend([{ name: "spotify", state: "available", cause: null, until_ms: null, at_ms: 1, output: NAME }]);
});
afterEach(async () => {
  await speaker.release();
  restoreTime();
});

const sdk = () => FakeSdk.last;
const lease = () => ({ member: "m1", device: speaker.device, name: "laptop" });
const song = (number) => ({ ...track(number), uri: `spotify:track:${number}`, source: "spotify", audio: null });
const mine = (number, starts_at_ms, facts = {}) => playing(number, starts_at_ms, { speaker: lease(), ...facts });
const heard = () => audios.filter((audio) => audio.heard).map(({ url }) => url);
const reports = () => calls.filter(({ path }) => path.endsWith("/report")).map(({ body }) => body);

/** This page speaks, and a song of Spotify sounds from it, `late` ms behind the room. */
async function soundsSong({ late = 0, at = 30_000, ...facts } = {}) {
  speaker.follow(mine(1, NOON - at, { track: song(1), ...facts }));
  await speaker.claim();
  await settled();
  sdk().says("ready", { device_id: "d1" });
  const from = Date.now();
  sdk().current = () => said(song(1), at - late + Date.now() - from);
  await passes(600);
}

test("of a song the position of Spotify's device is reported", async () => {
  await soundsSong({ late: 400 });
  await passes(1_500);
  const { state, play_id, position_ms } = reports()[0];
  assert.deepEqual([state, play_id], ["playing", "p1"]);
  assert.ok(Math.abs(position_ms - 31_600) < 600);
});

test("a device that is off is reported as such, with where it is", async () => {
  await soundsSong({ late: 2_000 });
  await passes(4_000);
  const drifted = reports().filter(({ cause }) => cause === "drifted");
  assert.equal(drifted.length, 1);
  assert.deepEqual([drifted[0].state, drifted[0].starts_at_ms], ["playing", NOON - 30_000]);
});

test("a pause in another app is reported, and of which moment it is", async () => {
  await soundsSong();
  await passes(3_500);
  sdk().becomes(said(song(1), 34_000, { paused: true }));
  await passes(3_000);
  const paused = reports().filter(({ state }) => state === "paused");
  assert.deepEqual(paused.map(({ play_id, starts_at_ms }) => [play_id, starts_at_ms]), [["p1", NOON - 30_000]]);
  assert.ok(Math.abs(paused[0].position_ms - 34_000) < 100);
});

test("the end of a song is reported once as over", async () => {
  await soundsSong({ at: 99_000 });
  sdk().becomes(said(song(1), 0, { paused: true, before: [song(1)] }));
  await passes(4_000);
  const over = reports().filter(({ cause }) => cause === "over");
  assert.deepEqual(over.map(({ state }) => state), ["ended"]);
});

test("during a song the library is silent, and the next of its tracks is loaded and begins in time", async () => {
  await soundsSong({ at: 98_500, next: item(2) });
  assert.deepEqual(heard(), []);
  assert.deepEqual(audios.map(({ url }) => url).filter(Boolean), [track(2).audio]);
  speaker.follow(mine(2, NOON + 1_500));
  await passes(1_100, 10);
  assert.deepEqual(heard(), [track(2).audio]);
});

test("a song that the browser blocks blocks the speaker, until a tap", async () => {
  await soundsSong();
  sdk().current = null;
  sdk().says("autoplay_failed");
  assert.equal(speaker.blocked, true);
  await passes(1_500);
  assert.deepEqual([reports().at(-1).state, reports().at(-1).cause], ["stalled", "suspended"]);
  speaker.unlock();
  assert.equal(speaker.blocked, false);
  assert.equal(sdk().count("activate"), 1);
});

test("a page that gives the sound up is no device of Spotify any more", async () => {
  await soundsSong();
  await speaker.release();
  assert.equal(sdk().count("disconnect"), 1);
});

test("the volume is that of Spotify's player, too", async () => {
  await soundsSong();
  speaker.volume = 0.4;
  assert.equal(sdk().volume, 0.4);
});

test("a tap and a claim that come before Spotify's part is loaded count for it", async () => {
  speaker = openSpeaker();
  speaker.unlock();
  speaker.follow(mine(1, NOON - 30_000, { track: song(1) }));
  await speaker.claim();
  speaker.attach("spotify", spotify);
  await settled();
  assert.equal(sdk().count("activate"), 1);
});
