/** This device listening along: one localPlayer for it and the speaker. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { ListenAlong } from "../../../static/js/audio/listen-along.js";
import { Api } from "../../../static/js/net/api.js";
import { ServerClock } from "../../../static/js/net/server-clock.js";
import { LocalPlayer } from "../../../static/js/audio/local-player.js";
import { MediaCard } from "../../../static/js/audio/media-session.js";
import { Speaker } from "../../../static/js/audio/speaker.js";
import { JsonStorage } from "../../../static/js/browser/json-storage.js";
import { SpotifyListenerEngine } from "../../../static/js/audio/spotify/listener-engine.js";
import { SpotifyPlayer } from "../../../static/js/audio/spotify/player.js";
import { FakeAudio, FakeStorage, fakeFetch, json, noNetwork, passes, record, refusal, restoreTime, settled, stopTime } from "../browser.mjs";
import { idle, playing, streamed } from "../cast.mjs";
import { FakeSdk, said } from "./spotify/sdk.mjs";

const NOON = 5_000_000;
const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36";
let along, answer, audios, calls, localPlayer, session, speaker, storage, tabStorage;

beforeEach(() => {
  stopTime();
  FakeAudio.refuses = false;
  storage = new FakeStorage();
  tabStorage = new FakeStorage();
  session = { handlers: {}, metadata: null, setActionHandler(action, handler) { this.handlers[action] = handler; } };
  answer = () => json(null, { status: 204 });
  open();
});
afterEach(() => {
  along.off();
  restoreTime();
});

function open({ own = false } = {}) {
  audios = [];
  const http = fakeFetch((call) => answer(call));
  calls = http.calls;
  const api = new Api({ fetch: http.fetch });
  const clock = new ServerClock({ local: () => Date.now() });
  clock.sample(Date.now() - 4, NOON - 2, NOON - 2, Date.now());
  localPlayer = new LocalPlayer({
    clock, createAudio: () => audios[audios.push(new FakeAudio()) - 1], parent: { append() {} }, probe: async () => 200, canSound: async () => true,
  });
  const card = new MediaCard({ session, Metadata: Object });
  speaker = new Speaker({
    code: "KQ7F4M", clock, localPlayer, card, api, storage: () => storage, tabStorage: () => new FakeStorage(),
    navigator: { userAgent: USER_AGENT }, window: new EventTarget(),
  });
  const player = new SpotifyPlayer({ url: "", name: "", token: async () => "", load: async () => ({ Player: FakeSdk }) });
  const spotify = own ? new SpotifyListenerEngine({ code: "KQ7F4M", clock, player, api }) : null;
  spotify?.need();
  along = new ListenAlong({
    code: "KQ7F4M", clock, localPlayer, speaker, card, api, storage: new JsonStorage(() => storage), tabStorage: () => tabStorage,
  });
  if (spotify) along.attach("spotify", spotify);
}

/** What both are told on every change. */
function room(playback) {
  speaker.follow(playback);
  along.follow(playback);
}
const lease = (device) => ({ member: "m1", device, name: "laptop" });
const heard = () => audios.some((audio) => audio.heard);
const told = () => calls.filter(({ path }) => path.endsWith("/playback/device")).map(({ body }) => body);
const now = playing(1, NOON - 10_000, { speaker: lease("another") });

test("until it is switched on, nothing is heard and nothing told", async () => {
  room(now);
  await passes(20_000);
  assert.equal(along.listening, false);
  assert.equal(heard(), false);
  assert.deepEqual(calls, []);
});

test("switched on, it sounds what the room plays, where the room is", async () => {
  room(now);
  const seen = record(along, "change");
  along.on();
  await settled();
  assert.equal(along.listening, true);
  assert.equal(heard(), true);
  assert.ok(seen.length > 0);
  assert.ok(Math.abs(localPlayer.position_ms - 10_000) < 100);
});

test("it follows every change of the room", async () => {
  along.on();
  room(now);
  await settled();
  assert.equal(heard(), true);
  room({ ...idle, speaker: lease("another") });
  assert.equal(heard(), false);
});

test("it tells how well it keeps time every ten seconds, in whole numbers", async () => {
  room(now);
  along.on();
  await passes(13_000);
  assert.equal(told().length, 2);
  const { device, name, along: is, mode, corrected_ms, ...numbers } = told()[1];
  assert.deepEqual([device, name, is, mode], [speaker.device, "laptop (Chrome on Linux)", true, "pocket"]);
  assert.ok(corrected_ms === null || Number.isInteger(corrected_ms));
  assert.deepEqual(Object.keys(numbers), ["offset_ms", "jitter_ms", "uncertainty_ms"]);
  assert.ok(Object.values(numbers).every(Number.isInteger));
});

test("switched off, it is silent and says so once", async () => {
  room(now);
  along.on();
  await passes(4_000);
  along.off();
  await passes(100, 10);
  assert.equal(heard(), false);
  assert.equal(told().at(-1).along, false);
  const { length } = told();
  await passes(30_000);
  assert.equal(told().length, length);
});

for (const [what, happens] of [["a server that knows nothing of it", () => refusal(404, "not_found")], ["no line", noNetwork]]) {
  test(`${what} changes nothing for the ears`, async () => {
    answer = happens;
    room(now);
    along.on();
    await passes(15_000);
    assert.equal(along.listening, true);
    assert.equal(heard(), true);
  });
}

test("a device that becomes the speaker is no longer along, and its sound does not break", async () => {
  answer = ({ body }) => json({ speaker: lease(body.device) });
  room(now);
  along.on();
  await passes(1_000);
  const [{ plays }] = audios;
  await speaker.claim({ takeover: true });
  room({ ...now, speaker: lease(speaker.device) });
  await passes(4_000);
  assert.equal(along.listening, false);
  assert.equal(speaker.speaking, true);
  assert.equal(heard(), true);
  assert.equal(audios[0].plays, plays);
  assert.equal(told().at(-1).along, false);
  await speaker.release();
  assert.equal(heard(), false);
});

test("during a song of Spotify nothing is measured, and nothing claimed", async () => {
  room(now);
  along.on();
  await passes(3_000);
  assert.equal(along.sync.state, "in_step");
  room({ ...now, play_id: "p2", track: { ...now.track, source: "spotify", audio: null } });
  assert.equal(along.sync.state, "estimated");
});

test("on an own account songs are heard, estimated by what Spotify says, and told with that", async () => {
  open({ own: true });
  room({ ...now, track: streamed(1) });
  along.on();
  await settled();
  FakeSdk.last.says("ready", { device_id: "d1" });
  const from = Date.now();
  FakeSdk.last.current = () => said(streamed(1), 9_400 + Date.now() - from);
  await passes(6_000);
  assert.deepEqual([along.sync.state, along.resyncs, along.ownTrouble], ["estimated", true, null]);
  assert.ok(along.sync.error_ms >= 600);
  await passes(8_000);
  assert.ok(Math.abs(told().at(-1).offset_ms + 600) < 60);
});

test("the tap that turns it on is Spotify's, too; a device that becomes the speaker gives its own up", async () => {
  answer = ({ path, body }) => (path.endsWith("/speaker") ? json({ speaker: lease(body.device) }) : json(null, { status: 204 }));
  open({ own: true });
  room({ ...now, track: streamed(1) });
  await settled();
  along.on();
  assert.equal(FakeSdk.last.count("activate"), 1);
  await speaker.claim({ takeover: true });
  await settled();
  assert.equal(along.listening, false);
  assert.equal(FakeSdk.last.count("disconnect"), 1);
});

test("the lock screen shows what is heard; its pause key switches off", async () => {
  room(now);
  along.on();
  assert.equal(session.metadata.title, "Track 1");
  session.handlers.pause();
  assert.equal(along.listening, false);
  assert.equal(session.metadata, null);
});

test("the card of a speaker that was along stays", async () => {
  answer = ({ body }) => json({ speaker: lease(body.device) });
  room(now);
  along.on();
  await speaker.claim({ takeover: true });
  assert.equal(session.metadata.title, "Track 1");
});

test("a reload of the tab goes on listening, or waits for one tap", async () => {
  room(now);
  along.on();
  FakeAudio.refuses = true;
  open();
  room(now);
  await settled();
  assert.equal(along.listening, true);
  assert.equal(along.blocked, true);
  assert.equal(along.sync.state, "blocked");
  FakeAudio.refuses = false;
  along.unlock();
  await settled();
  assert.equal(along.blocked, false);
  assert.equal(heard(), true);
});

test("the nudge is kept on this device, within half a second", async () => {
  along.nudge_ms = 40;
  open();
  assert.equal(along.nudge_ms, 40);
  assert.equal(localPlayer.nudge_ms, 40);
  along.nudge_ms = 9_000;
  assert.equal(along.nudge_ms, 500);
});
