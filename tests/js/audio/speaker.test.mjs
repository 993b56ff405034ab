import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Api } from "../../../static/js/net/api.js";
import { ServerClock } from "../../../static/js/net/server-clock.js";
import { LocalPlayer } from "../../../static/js/audio/local-player.js";
import { MediaCard } from "../../../static/js/audio/media-session.js";
import { Speaker } from "../../../static/js/audio/speaker.js";
import { FakeAudio, FakeStorage, fakeFetch, json, noNetwork, passes, record, refusal, restoreTime, settled, stopTime } from "../browser.mjs";
import { idle, playing } from "../cast.mjs";

const NOON = 5_000_000;
/** So long the server waits for the next word of a speaker while the room plays. */
const LEASE_MS = 4_000;
const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36";
let audios, localPlayer, storage, tabStorage, window, session, calls, answer, pressed, speaker;

beforeEach(() => {
  stopTime();
  FakeAudio.refuses = false;
  storage = new FakeStorage();
  tabStorage = new FakeStorage();
  session = new FakeMediaSession();
  pressed = [];
  answer = granted;
  speaker = open();
});
afterEach(async () => {
  answer = granted;
  await speaker.release();
  restoreTime();
});

function open(more = {}) {
  audios = [];
  window = new EventTarget();
  const http = fakeFetch((call) => answer(call));
  calls = http.calls;
  const clock = new ServerClock({ serverMs: NOON, local: () => Date.now() });
  localPlayer = new LocalPlayer({
    clock, createAudio: () => audios[audios.push(new FakeAudio()) - 1], parent: { append() {} }, probe: async () => 200, canSound: async () => true,
  });
  return new Speaker({
    code: "KQ7F4M", window, storage: () => storage, tabStorage: () => tabStorage, clock, localPlayer,
    api: new Api({ fetch: http.fetch }),
    navigator: { userAgent: USER_AGENT }, card: new MediaCard({ session, Metadata: Object }),
    onPlay: () => pressed.push("play"), onPause: () => pressed.push("pause"), onNext: () => pressed.push("next"),
    ...more,
  });
}

function granted({ body, path }) {
  if (path.endsWith("/report")) return json(null, { status: 204 });
  return json({ speaker: body.action === "claim" ? lease(body.device) : null });
}

const lease = (device) => ({ member: "m1", device, name: "laptop" });
const mine = (facts = {}) => playing(1, NOON - 10_000, { speaker: lease(speaker.device), ...facts });
const heard = () => audios.some((audio) => audio.heard);
const reports = () => calls.filter(({ path }) => path.endsWith("/report")).map(({ body }) => body);
const claims = () => calls.filter(({ body }) => body.action === "claim");

async function speaks() {
  speaker.follow(mine({ speaker: null }));
  await speaker.claim();
  speaker.follow(mine());
  await settled();
}

test("a device that is not the speaker is silent", async () => {
  speaker.follow(mine({ speaker: lease("another") }));
  await settled();
  assert.equal(speaker.speaking, false);
  assert.equal(heard(), false);
  assert.deepEqual(calls, []);
});

test("a claim names the device in words and sounds what plays", async () => {
  await speaks();
  assert.equal(calls[0].method, "PUT");
  assert.equal(calls[0].path, "/api/rooms/KQ7F4M/playback/speaker");
  assert.deepEqual(calls[0].body, { action: "claim", device: speaker.device, name: "laptop (Chrome on Linux)" });
  assert.equal(speaker.speaking, true);
  assert.equal(heard(), true);
});

test("a claim of a taken speaker is refused, unless it takes over", async () => {
  answer = ({ body }) => (body.takeover ? granted({ body, path: "" }) : refusal(409, "speaker_taken"));
  await assert.rejects(speaker.claim(), { code: "speaker_taken" });
  assert.equal(speaker.speaking, false);
  await speaker.claim({ takeover: true });
  assert.equal(speaker.speaking, true);
});

test("what is heard is reported every second and a half", async () => {
  await speaks();
  await passes(1_500);
  assert.equal(reports().length, 1);
  const { position_ms, ...report } = reports()[0];
  assert.deepEqual(report, { play_id: "p1", device: speaker.device, state: "playing" });
  assert.ok(Math.abs(position_ms - 11_500) < 100);
  await passes(3_000);
  assert.equal(reports().length, 3);
});

for (const [state, cause, happens] of [
  ["error", "decode", (audio) => audio.fails(3)],
  ["ended", undefined, (audio) => audio.runsOut()],
  ["stalled", "network", (audio) => audio.fails(2)],
]) {
  test(`"${state}" is reported at once, and why`, async () => {
    await speaks();
    happens(audios[0]);
    await settled();
    assert.deepEqual(reports().map((report) => [report.state, report.cause]), [[state, cause]]);
  });
}

test("another length than the room's is told until it is heard, and once", async () => {
  await speaks();
  answer = () => json({ error: { code: "unavailable", message: "" } }, { status: 503 });
  audios[0].duration = 40;
  audios[0].runsOut();
  await settled();
  answer = granted;
  await passes(3_000);
  assert.deepEqual(reports().map(({ state, length_ms }) => [state, length_ms]), [
    ["ended", 40_000], ["ended", 40_000], ["ended", undefined],
  ]);
});

test("a paused speaker keeps its lease without claiming to sound", async () => {
  await speaks();
  speaker.follow(mine({ state: "paused", starts_at_ms: null, position_ms: 10_000 }));
  await passes(5_000);
  assert.deepEqual(reports(), []);
  assert.equal(claims().length, 2);
});

test("a blocked speaker does not claim to sound", async () => {
  FakeAudio.refuses = true;
  const seen = record(speaker, "blocked");
  await speaks();
  await passes(5_000);
  assert.equal(speaker.blocked, true);
  assert.equal(seen.length, 1);
  assert.ok(reports().length > 0);
  assert.ok(reports().every(({ state, cause }) => state === "stalled" && cause === "suspended"));
});

test("a device that slept takes its place back before it says so", async () => {
  await speaks();
  calls.length = 0;
  localPlayer.dispatchEvent(new CustomEvent("incident", { detail: { cause: "slept", recovered: true } }));
  await settled();
  assert.deepEqual(calls.map(({ body }) => body.action ?? body.cause), ["claim", "slept"]);
});

test("a device that slept while another took its place says nothing", async () => {
  await speaks();
  calls.length = 0;
  answer = () => refusal(409, "speaker_taken");
  localPlayer.dispatchEvent(new CustomEvent("incident", { detail: { cause: "slept", recovered: true } }));
  await settled();
  assert.deepEqual([reports().length, speaker.speaking], [0, false]);
});

test("while the room plays, a device that hears nothing says so as often as one that does", async () => {
  FakeAudio.refuses = true;
  await speaks();
  const before = reports().length;
  await passes(LEASE_MS);
  assert.ok(reports().length - before >= 2);
});

test("when the music goes on, the device is heard of within the grace of the room", async () => {
  await speaks();
  speaker.follow(mine({ state: "paused", starts_at_ms: null, position_ms: 10_000 }));
  await passes(20_000);
  const before = reports().length;
  speaker.follow(mine());
  await passes(LEASE_MS);
  assert.ok(reports().length > before);
});

test("a device whose person was muted falls silent", async () => {
  await speaks();
  answer = () => refusal(403, "muted");
  await passes(2_000);
  assert.equal(speaker.speaking, false);
  assert.equal(heard(), false);
});

test("a tap unlocks", async () => {
  FakeAudio.refuses = true;
  await speaks();
  FakeAudio.refuses = false;
  speaker.unlock();
  await settled();
  assert.equal(speaker.blocked, false);
  assert.equal(heard(), true);
});

test("when another device takes over, this one falls silent and says so", async () => {
  await speaks();
  const lost = record(speaker, "lost");
  speaker.follow(mine({ speaker: lease("another") }));
  assert.equal(speaker.speaking, false);
  assert.equal(heard(), false);
  assert.equal(lost[0].speaker.device, "another");
  const before = calls.length;
  await passes(10_000);
  assert.equal(calls.length, before);
});

test("a fact from before the takeover does not undo it", async () => {
  await speaker.claim({ takeover: true });
  speaker.follow(mine({ speaker: lease("another") }));
  assert.equal(speaker.speaking, true);
  speaker.follow(mine());
  speaker.follow(mine({ speaker: lease("another") }));
  assert.equal(speaker.speaking, false);
});

test("a report that is refused because another speaks ends the sound", async () => {
  await speaks();
  answer = () => refusal(409, "speaker_taken");
  await passes(5_000);
  assert.equal(speaker.speaking, false);
  assert.equal(heard(), false);
});

test("a stale report and a lost line change nothing", async () => {
  await speaks();
  answer = () => refusal(409, "stale_play");
  await passes(5_000);
  answer = noNetwork;
  await passes(5_000);
  assert.equal(speaker.speaking, true);
  assert.equal(heard(), true);
});

test("a lease that ran out during a silence is claimed again", async () => {
  await speaks();
  const before = claims().length;
  speaker.follow(mine({ speaker: null }));
  await settled();
  assert.equal(claims().length, before + 1);
  assert.equal(claims().at(-1).body.takeover, undefined);
  assert.equal(heard(), true);
});

test("a reload of the speaker's tab goes on sounding", async () => {
  await speaks();
  const { device } = speaker;
  window.dispatchEvent(new Event("pagehide"));
  assert.equal(calls.filter(({ body }) => body.action === "release").length, 0);
  speaker = open();
  assert.equal(speaker.device, device);
  speaker.follow(mine());
  await settled();
  assert.equal(speaker.speaking, true);
  assert.equal(heard(), true);
  assert.equal(claims().length, 1);
});

test("a reload that the browser does not let sound shows that it is blocked", async () => {
  await speaks();
  window.dispatchEvent(new Event("pagehide"));
  FakeAudio.refuses = true;
  speaker = open();
  speaker.follow(mine());
  await settled();
  assert.equal(speaker.speaking, true);
  assert.equal(speaker.blocked, true);
});

test("release gives the sound up, and a late fact does not bring it back", async () => {
  await speaks();
  await speaker.release();
  assert.equal(calls.at(-1).body.action, "release");
  assert.equal(speaker.speaking, false);
  speaker.follow(mine({ position_ms: 1 }));
  assert.equal(speaker.speaking, false);
  assert.equal(heard(), false);
});

test("the screen stays on as long as this device is the speaker", async () => {
  const said = [];
  speaker = open({ wakeLock: { hold: () => said.push("hold"), release: () => said.push("release") } });
  await speaks();
  assert.deepEqual(said, ["hold"]);
  speaker.follow(mine({ speaker: lease("another") }));
  assert.deepEqual(said, ["hold", "release"]);
});

test("the volume is remembered on this device", async () => {
  speaker.volume = 0.3;
  assert.equal(open().volume, 0.3);
  assert.deepEqual(audios.map(({ volume }) => volume), [0.3, 0.3]);
  speaker.volume = 7;
  assert.equal(speaker.volume, 1);
});

test("without storages it works with full volume", async () => {
  const none = () => { throw new Error("SecurityError"); };
  const bare = open({ storage: none, tabStorage: none });
  assert.equal(bare.volume, 1);
  bare.volume = 0.5;
  assert.equal(bare.volume, 0.5);
});

test("the lock screen shows the track and its keys reach the room", async () => {
  await speaks();
  assert.equal(session.metadata.title, "Track 1");
  assert.equal(session.metadata.artist, "Harbour Static");
  assert.equal(session.playbackState, "playing");
  assert.deepEqual(session.position, { duration: 100, position: 10, playbackRate: 1 });
  for (const action of ["play", "pause", "nexttrack"]) session.handlers[action]();
  assert.deepEqual(pressed, ["play", "pause", "next"]);
});

test("the lock screen is left to others when nothing plays or someone else speaks", async () => {
  await speaks();
  speaker.follow({ ...idle, speaker: lease(speaker.device) });
  assert.equal(session.metadata, null);
  assert.equal(session.playbackState, "none");
  assert.equal(session.handlers.play, null);
});

test("a browser without a media session sounds all the same", async () => {
  speaker = open({ card: new MediaCard({ session: undefined, Metadata: undefined }) });
  await speaks();
  assert.equal(heard(), true);
});

class FakeMediaSession {
  metadata = null;
  playbackState = "none";
  handlers = {};

  setActionHandler(action, handler) {
    this.handlers[action] = handler;
  }

  setPositionState(position) {
    if (position.position > position.duration) throw new TypeError("beyond the end");
    this.position = position;
  }
}
