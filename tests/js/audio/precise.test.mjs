/** Precise mode: the buffer on the clock of the sound card, and the handovers between it and the element. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { ServerClock } from "../../../static/js/net/server-clock.js";
import { LocalPlayer } from "../../../static/js/audio/local-player.js";
import { FakeAudio, FakeContext, passes, record, restoreTime, settled, stopTime } from "../browser.mjs";
import { item, playing, track } from "../cast.mjs";
import { draws } from "../net/lines.mjs";

const NOON = 5_000_000;
const file = () => ({ ok: true, headers: new Headers({ "Content-Type": "audio/mpeg" }), arrayBuffer: async () => new ArrayBuffer(8) });

let audios, context, clock, localPlayer, page, fetched, answer, told, wall;

beforeEach(() => {
  stopTime();
  FakeAudio.refuses = FakeContext.refuses = false;
  open();
});
afterEach(restoreTime);

function open(more = {}) {
  audios = [];
  fetched = [];
  context = new FakeContext();
  page = Object.assign(new EventTarget(), { hidden: false });
  answer = async () => (file());
  wall = () => Date.now();
  clock = new ServerClock({ local: () => Date.now() });
  clock.sample(Date.now() - 4, NOON - 2, NOON - 2, Date.now());
  localPlayer = new LocalPlayer({
    clock,
    createAudio: () => audios[audios.push(new FakeAudio()) - 1],
    parent: { append() {} },
    createContext: () => context,
    fetch: (url, options) => fetched.push(url) && answer(url, options),
    probe: async () => 200, canSound: async () => true,
    document: page,
    wall: () => wall(),
    touch: false,
    memory: 8,
    ...more,
  });
  told = record(localPlayer, "playing", "blocked", "stalled", "ended", "error", "incident");
}

const names = () => told.map(({ name, cause, recovered }) => (cause ? `${cause} ${recovered}` : name));
const streams = () => audios.filter((audio) => audio.heard);
/** The sources that are heard now. */
const voices = () => (context.state === "running" ? context.sounding() : []);
/** How far the sound at the ear is ahead of the room, by what the sound card was told; NaN: nothing sounds. */
function ahead(starts_at_ms, number = 0) {
  const at = context.currentTime - context.latency;
  const voice = context.sounding(at)[number];
  return voice ? voice.placeAt(at) * 1000 - (clock.now() - starts_at_ms) : NaN;
}
const near = (value, wanted, by) => assert.ok(Math.abs(value - wanted) <= by, `${value} is not within ${by} of ${wanted}`);

/** Joins a track that plays, until the buffer is heard alone. */
async function joined(number = 1, since = 30_000) {
  localPlayer.follow(playing(number, NOON - since));
  await passes(1_000, 10);
  assert.equal(localPlayer.sync.mode, "precise");
}

function hides(hidden) {
  page.hidden = hidden;
  page.dispatchEvent(new Event("visibilitychange"));
}

test("who joins late hears the stream until the buffer is decoded", async () => {
  let arrives;
  answer = () => new Promise((resolve) => (arrives = resolve));
  localPlayer.follow(playing(1, NOON - 30_000));
  await passes(2_000);
  assert.equal(localPlayer.sync.mode, "pocket");
  assert.equal(streams().length, 1);
  arrives(file());
  await passes(1_000, 10);
  assert.equal(localPlayer.sync.mode, "precise");
  assert.equal(streams().length, 0);
  near(ahead(NOON - 30_000), 0, 1);
});

test("the download for the buffer does not hold up the stream in the browser's cache", async () => {
  const asked = [];
  answer = (_url, options) => asked.push(options.cache) && new Promise(() => {});
  localPlayer.follow(playing(1, NOON - 30_000));
  await settled();
  assert.deepEqual(asked, ["no-store"]);
  assert.equal(streams().length, 1);
});

test("in the handover there is no silence, and no more than a moment of both", async () => {
  localPlayer.follow(playing(1, NOON - 30_000));
  let both = 0;
  await settled();
  for (let ms = 0; ms < 800; ms += 2) {
    await passes(2, 2);
    assert.ok(streams().length + voices().length > 0, `silent after ${ms} ms`);
    if (streams().length > 0 && voices().length > 0) both += 2;
  }
  assert.ok(both >= 10 && both <= 60, `${both} ms of both`);
});

test("a start that is announced is heard at its moment, the way to the ear included", async () => {
  localPlayer.follow(playing(1, NOON + 1_500));
  await passes(1_480, 10);
  assert.deepEqual(voices(), []);
  await passes(40, 2);
  near(ahead(NOON + 1_500), 0, 0.5);
  assert.equal(streams().length, 0);
});

test("the next track is decoded when it is known, and follows without a gap", async () => {
  await joined(1, 90_000);
  localPlayer.follow(playing(1, NOON - 90_000, { next: item(2) }));
  await settled();
  assert.equal(context.decodes, 2);
  assert.equal(audios[1].loads, 0);
  await passes(7_500);
  localPlayer.follow(playing(2, NOON + 10_000));
  let silent = 0;
  for (let ms = 0; ms < 2_500; ms += 2) {
    await passes(2, 2);
    if (voices().length === 0) silent += 2;
  }
  assert.ok(silent < 10, `${silent} ms of silence`);
  near(ahead(NOON + 10_000), 0, 0.5);
  assert.equal(voices().length, 1);
});

test("the next track begins in time though the timers of a hidden tab are late", async () => {
  await joined(1, 95_000);
  localPlayer.follow(playing(1, NOON - 95_000, { next: item(2) }));
  await passes(2_000, 100);
  localPlayer.follow(playing(2, NOON + 5_000));
  hides(true);
  await passes(3_000, 1_000);
  near(ahead(NOON + 5_000), 0, 0.5);
});

test("a planned start follows what the clock learns meanwhile", async () => {
  localPlayer.follow(playing(1, NOON + 3_000));
  await passes(500, 10);
  clock.sample(Date.now() - 1, clock.now() + 8, clock.now() + 8, Date.now());
  await passes(3_000, 10);
  near(ahead(NOON + 3_000), 0, 4);
});

test("of several announced tracks only the last is heard", async () => {
  localPlayer.follow(playing(1, NOON + 500));
  localPlayer.follow(playing(2, NOON + 800));
  localPlayer.follow(playing(3, NOON + 1_000));
  await passes(2_000, 10);
  assert.equal(voices().length, 1);
  near(ahead(NOON + 1_000), 0, 1);
});

test("a pause is silence, and a resume lands in step", async () => {
  await joined();
  localPlayer.follow(playing(1, null, { state: "paused", position_ms: 31_000 }));
  await passes(200, 10);
  assert.deepEqual(voices(), []);
  assert.equal(localPlayer.position_ms, 31_000);
  await passes(5_000);
  const starts_at_ms = clock.now() + 250 - 31_000;
  localPlayer.follow(playing(1, starts_at_ms));
  await passes(240, 10);
  assert.deepEqual(voices(), []);
  await passes(60, 10);
  near(ahead(starts_at_ms), 0, 0.5);
});

test("a seek lands in step at once", async () => {
  await joined();
  localPlayer.follow(playing(1, NOON - 70_000));
  await passes(250, 10);
  near(ahead(NOON - 70_000), 0, 0.5);
  assert.equal(voices().length, 1);
});

test("a skip that arrives too late begins where the room is by then", async () => {
  await joined();
  localPlayer.follow(playing(1, NOON - 30_000, { next: item(2) }));
  await passes(100, 10);
  localPlayer.follow(playing(2, NOON + 950));
  await passes(300, 10);
  near(ahead(NOON + 950), 0, 0.5);
});

for (const skew of [0.0003, -0.0003]) {
  test(`a sound card ${skew > 0 ? "fast" : "slow"} by three times the usual worst stays within 2 ms for ever`, async () => {
    context.skew = skew;
    await joined(1, 10_000);
    for (let second = 0; second < 60; second += 1) {
      await passes(1_000, 250);
      near(ahead(NOON - 10_000), 0, 2);
      near(localPlayer.sync.offset_ms, ahead(NOON - 10_000), 2);
    }
    const voice = context.voices.at(-1);
    near(voice.playbackRate.value, 1, 0.003);
    assert.equal(localPlayer.sync.corrected.how, "rate");
  });
}

test("what the deck believes of its place is what the sound card does, after any number of corrections", async () => {
  context.skew = 0.0004;
  await joined(1, 10_000);
  for (let turn = 0; turn < 30; turn += 1) {
    localPlayer.nudge_ms = turn % 2 ? 20 : 0;
    await passes(1_500, 50);
  }
  const at = context.currentTime - context.latency;
  near(localPlayer.sampled().position_ms, context.sounding(at)[0].placeAt(at) * 1000, 1);
});

test("a nudge is heard within a second, by one seam", async () => {
  await joined();
  const { length } = context.voices;
  localPlayer.nudge_ms = 60;
  await passes(1_200, 10);
  near(ahead(NOON - 30_000), 60, 1);
  assert.equal(context.voices.length, length + 1);
});

test("other headphones are one cross-faded jump", async () => {
  await joined();
  const { length } = context.voices;
  context.latency = 0.5;
  await passes(3_000, 50);
  assert.equal(context.voices.length, length + 1);
  near(ahead(NOON - 30_000), 0, 5);
  assert.equal(localPlayer.sync.corrected.how, "seek");
});

for (const gap_ms of [8, 30, 150]) {
  test(`after a gap of ${gap_ms} ms of the sound card the sound is in step within a second, by one seam`, async () => {
    await joined();
    const { length } = context.voices;
    context.latency += gap_ms / 1_000;
    await passes(1_000, 10);
    near(ahead(NOON - 30_000, context.sounding().length - 1), 0, 2);
    assert.equal(context.voices.length, length + 1);
  });
}

test("a seam is asked for before a context that renders three chunks in a row is there", async () => {
  await joined();
  const asked = [];
  const make = context.createBufferSource.bind(context);
  context.createBufferSource = () => asked.push(context.currentTime) && make();
  context.latency += 0.03;
  await passes(1_000, 10);
  assert.equal(asked.length, 1);
  assert.ok(context.voices.at(-1).from - asked[0] >= 0.07);
});

test("times of the sound card that tremble by 8 ms make no seam", async () => {
  const steady = context.getOutputTimestamp.bind(context);
  const draw = draws(1);
  context.getOutputTimestamp = () => ({ ...steady(), performanceTime: Date.now() + 8 * (draw() - 0.5) });
  await joined();
  const { length } = context.voices;
  await passes(20_000, 20);
  assert.equal(context.voices.length, length);
  near(ahead(NOON - 30_000), 0, 5);
});

test("a browser without times of the card, whose clock moves in steps of 40 ms, makes no seam", async () => {
  const steady = () => Object.getOwnPropertyDescriptor(FakeContext.prototype, "currentTime").get.call(context);
  context.getOutputTimestamp = undefined;
  Object.defineProperty(context, "currentTime", { get: () => Math.floor(steady() / 0.04) * 0.04 });
  await joined();
  const { length } = context.voices;
  await passes(60_000, 17);
  assert.equal(context.voices.length, length);
});

test("a latency that changes each second makes no more than one jump each second", async () => {
  await joined();
  const { length } = context.voices;
  for (let second = 0; second < 12; second += 1) {
    context.latency = second % 2 ? 0.5 : 0.1;
    await passes(1_000, 50);
  }
  assert.ok(context.voices.length - length <= 12, `${context.voices.length - length} jumps`);
});

test("volume and loudness apply to the buffer, too", async () => {
  localPlayer.volume = 0.5;
  localPlayer.follow(playing(1, NOON + 500, { track: { ...track(1), gain_db: -6 } }));
  await passes(1_000, 10);
  near(voices()[0].gain.value, 0.25, 0.005);
  localPlayer.volume = 1;
  near(voices()[0].gain.value, 0.5, 0.01);
  localPlayer.follow(playing(2, NOON + 1_000, { track: { ...track(2), gain_db: 40 } }));
  await passes(1_000, 10);
  assert.equal(voices()[0].gain.value, 1);
});

test("a desktop stays precise behind another tab", async () => {
  await joined();
  hides(true);
  await passes(2_000);
  assert.equal(localPlayer.sync.mode, "precise");
});

test("a phone goes over to the element when it is locked, and back when it is opened, in step and without a gap", async () => {
  open({ touch: true });
  await joined();
  for (const [hidden, mode] of [[true, "pocket"], [false, "precise"]]) {
    hides(hidden);
    for (let ms = 0; ms < 1_500; ms += 5) {
      await passes(5, 5);
      assert.ok(streams().length + voices().length > 0, `silent after ${ms} ms`);
    }
    assert.equal(localPlayer.sync.mode, mode);
    near(localPlayer.sampled().position_ms - (clock.now() - NOON + 30_000), 0, 30);
  }
});

test("a file that only the element can play is played by it", async () => {
  context.decoded = new Error("EncodingError");
  localPlayer.follow(playing(1, NOON - 30_000));
  await passes(20_000);
  assert.equal(localPlayer.sync.mode, "pocket");
  assert.equal(streams().length, 1);
  assert.equal(context.decodes, 1);
  assert.deepEqual(names(), ["playing"]);
});

test("a page that a portal sends in the place of a file is asked for again later", async () => {
  answer = async () => new Response("<h1>Log in</h1>", { headers: { "Content-Type": "text/html" } });
  localPlayer.follow(playing(1, NOON - 30_000));
  await passes(2_000);
  assert.equal(context.decodes, 0);
  answer = async () => file();
  await passes(6_000);
  assert.equal(localPlayer.sync.mode, "precise");
});

test("a download that failed is tried again later", async () => {
  answer = async () => { throw new TypeError("Failed to fetch"); };
  localPlayer.follow(playing(1, NOON - 30_000));
  await passes(2_000);
  answer = async () => (file());
  await passes(6_000);
  assert.equal(localPlayer.sync.mode, "precise");
});

test("a track too long for the memory streams", async () => {
  open({ memory: 2 });
  localPlayer.follow(playing(1, NOON - 30_000, { track: track(1, 20 * 60_000) }));
  await passes(2_000);
  assert.deepEqual(fetched, []);
  assert.equal(streams().length, 1);
});

test("a next track that does not fit beside the present one waits until that is gone", async () => {
  open({ memory: 2 });
  const long = track(1, 4 * 60_000);
  localPlayer.follow(playing(1, NOON - 236_000, { track: long, next: { ...item(2), track: track(2, 4 * 60_000) } }));
  await passes(1_000, 10);
  assert.deepEqual(fetched, ["/media/audio/1"]);
  assert.equal(audios[1].url, "/media/audio/2");
  context.decoded = { duration: 240 };
  localPlayer.follow(playing(2, NOON + 2_500, { track: track(2, 4 * 60_000) }));
  await passes(4_000, 10);
  assert.equal(localPlayer.sync.mode, "precise");
  assert.equal(localPlayer.playId, "p2");
});

test("music takes its memory from the moment it is being decoded", async () => {
  open({ memory: 2 });
  context.decoded = new Promise(() => {});
  const long = track(1, 4 * 60_000);
  localPlayer.follow(playing(1, NOON - 30_000, { track: long }));
  await passes(1_000);
  assert.equal(context.decodes, 1);
  localPlayer.follow(playing(1, NOON - 30_000, { track: long, next: { ...item(2), track: track(2, 4 * 60_000) } }));
  await passes(1_000);
  assert.deepEqual(fetched, ["/media/audio/1"]);
});

test("a track that was skipped while it was being decoded takes its memory until that is done", async () => {
  open({ memory: 2 });
  let decoded;
  context.decoded = new Promise((resolve) => (decoded = resolve));
  localPlayer.follow(playing(1, NOON - 30_000, { track: track(1, 4 * 60_000) }));
  await passes(1_000);
  localPlayer.follow(playing(2, NOON + 1_000, { track: track(2, 4 * 60_000) }));
  await passes(2_000);
  assert.deepEqual(fetched, ["/media/audio/1"]);
  decoded({ duration: 240 });
  await passes(2_000);
  assert.equal(localPlayer.sync.mode, "precise");
});

test("a context that needs a tap is blocked with the element, and one tap heals both", async () => {
  FakeAudio.refuses = FakeContext.refuses = true;
  localPlayer.follow(playing(1, NOON - 30_000));
  await passes(2_000);
  assert.equal(localPlayer.blocked, true);
  assert.equal(localPlayer.sync.state, "blocked");
  FakeAudio.refuses = FakeContext.refuses = false;
  localPlayer.unlock();
  await passes(1_000, 10);
  assert.equal(localPlayer.blocked, false);
  near(ahead(NOON - 30_000), 0, 1);
  assert.equal(streams().length, 0);
});

test("a context that the system stops is blocked, told, and healed by a tap", async () => {
  await joined();
  told.length = 0;
  FakeContext.refuses = true;
  context.becomes("interrupted");
  await passes(1_000);
  assert.equal(localPlayer.blocked, true);
  assert.equal(localPlayer.cause, "suspended");
  assert.deepEqual(names(), ["suspended false", "stalled", "blocked"]);
  await passes(10_000);
  FakeContext.refuses = false;
  localPlayer.unlock();
  await passes(1_500, 10);
  assert.equal(localPlayer.blocked, false);
  assert.ok(names().includes("suspended true"));
  near(ahead(NOON - 30_000), 0, 1);
});

test("an interruption that ends by itself heals by itself", async () => {
  await joined();
  FakeContext.refuses = true;
  context.becomes("interrupted");
  await passes(5_000);
  FakeContext.refuses = false;
  await passes(2_500, 10);
  assert.equal(localPlayer.blocked, false);
  near(ahead(NOON - 30_000), 0, 1);
});

/** Paused for so long that the sound card rests. */
async function rested() {
  await joined();
  localPlayer.follow(playing(1, null, { state: "paused", position_ms: 31_000 }));
  await passes(31_000, 500);
  assert.equal(context.state, "suspended");
}

test("in a paused room the sound card rests, but not for a breath", async () => {
  await joined();
  localPlayer.follow(playing(1, null, { state: "paused", position_ms: 31_000 }));
  await passes(29_000, 500);
  assert.equal(context.state, "running");
  await passes(2_000, 500);
  assert.equal(context.state, "suspended");
  assert.deepEqual(names(), ["playing"]);
});

test("after a rest the music goes on at its exact moment", async () => {
  await rested();
  const starts_at_ms = clock.now() + 250 - 31_000;
  localPlayer.follow(playing(1, starts_at_ms));
  await passes(300, 10);
  near(ahead(starts_at_ms), 0, 0.5);
  assert.equal(streams().length, 0);
});

test("a resting sound card wakes when the next track is fixed that this device can play", async () => {
  localPlayer.follow(playing(1, NOON, { track: { ...track(1), audio: null } }));
  localPlayer.unlock();
  await passes(31_000, 500);
  assert.equal(context.state, "suspended");
  localPlayer.follow(playing(1, NOON, { track: { ...track(1), audio: null }, next: item(2) }));
  await settled();
  assert.equal(context.state, "running");
});

test("a sound card that only a tap woke does not rest again, and meanwhile the element sounds", async () => {
  await rested();
  FakeContext.refuses = true;
  localPlayer.follow(playing(1, NOON));
  await passes(3_000);
  assert.equal(streams().length, 1);
  FakeContext.refuses = false;
  localPlayer.unlock();
  localPlayer.follow(playing(1, null, { state: "paused", position_ms: 40_000 }));
  await passes(60_000, 500);
  assert.equal(context.state, "running");
});

test("a sound card that wakes by itself rests again", async () => {
  await rested();
  localPlayer.follow(playing(1, NOON));
  await passes(3_000);
  localPlayer.follow(playing(1, null, { state: "paused", position_ms: 40_000 }));
  await passes(31_000, 500);
  assert.equal(context.state, "suspended");
});

test("a sound card that stands still is told within 5 seconds, and the element takes over", async () => {
  await joined();
  context.stuck = true;
  await passes(5_000);
  assert.ok(names().includes("stalled false"));
  await passes(3_000);
  assert.equal(localPlayer.sync.mode, "pocket");
  assert.equal(streams().length, 1);
  assert.ok(names().includes("stalled true"));
});

test("after a sleep the sound is where the room is within a look, and both are told", async () => {
  await joined();
  told.length = 0;
  let ahead_ms = 0;
  wall = () => Date.now() + ahead_ms;
  // The device's steady clock stood still for a minute; the next exchange tells.
  ahead_ms = 60_000;
  clock.sample(Date.now() - 4, clock.now() + 59_998, clock.now() + 59_998, Date.now());
  await passes(1_300, 10);
  near(ahead(NOON - 30_000), 0, 2);
  await passes(2_000);
  assert.deepEqual(names(), ["slept false", "slept true"]);
});

test("a decoded track tells its length before its end, and ends there without a failure", async () => {
  context.decoded = { duration: 50 };
  localPlayer.follow(playing(1, NOON - 30_000));
  assert.equal(localPlayer.length_ms, null);
  await passes(1_000, 10);
  assert.equal(localPlayer.length_ms, 50_000);
  context.voices.at(-1).runsOut();
  assert.equal(localPlayer.state, "ended");
});

test("a track whose sound has ended where the room is has ended, too", async () => {
  context.decoded = { duration: 20 };
  localPlayer.follow(playing(1, NOON - 30_000));
  await passes(2_000, 10);
  assert.deepEqual([localPlayer.state, localPlayer.length_ms], ["ended", 20_000]);
});

test("a buffer of next to nothing is a broken file", async () => {
  context.decoded = { duration: 0.05 };
  localPlayer.follow(playing(1, NOON - 1_000));
  await passes(2_000, 10);
  assert.deepEqual([localPlayer.state, localPlayer.cause], ["error", "decode"]);
});

test("the end of a whole track is told", async () => {
  await joined(1, 98_500);
  await passes(800, 10);
  context.voices.at(-1).runsOut();
  assert.equal(localPlayer.state, "ended");
});

test("sync says what is measured", async () => {
  assert.equal(localPlayer.sync.state, "quiet");
  localPlayer.follow(playing(1, NOON - 30_000));
  assert.equal(localPlayer.sync.state, "catching_up");
  await passes(8_000, 50);
  const { offset_ms, jitter_ms, ...sync } = localPlayer.sync;
  assert.deepEqual(sync, { state: "in_step", mode: "precise", uncertainty_ms: clock.uncertainty_ms, corrected: null });
  near(offset_ms, 0, 2);
  near(jitter_ms, 0, 2);
});

test("the sound goes on until nobody wants it any more", async () => {
  const along = {};
  const speaker = {};
  localPlayer.follow(playing(1, NOON - 30_000), along);
  await passes(1_000, 10);
  localPlayer.follow(playing(1, NOON - 30_000), speaker);
  localPlayer.leave(along);
  await passes(500);
  assert.equal(voices().length, 1);
  assert.equal(context.voices.length, 1);
  localPlayer.leave(speaker);
  await passes(200, 10);
  assert.deepEqual(voices(), []);
  assert.equal(localPlayer.sync.state, "quiet");
});

test("without a Web Audio the element does it all", async () => {
  open({ createContext: null });
  localPlayer.follow(playing(1, NOON - 30_000));
  await passes(2_000);
  assert.equal(streams().length, 1);
  assert.deepEqual(fetched, []);
});

test("where the sound card tells no times, its latency is taken off", async () => {
  context.getOutputTimestamp = undefined;
  context.outputLatency = 0.08;
  await joined();
  near(ahead(NOON - 30_000), 0, 2);
});

// --- Clocks of browsers that run wrong ---------------------------------------------------------

/** Where the sound is ahead of the room after so long, and how it is made. */
async function heardAfter(seconds) {
  localPlayer.follow(playing(1, NOON - 30_000));
  await passes(seconds * 1_000, 10);
  return [localPlayer.sync.mode, Math.round(ahead(NOON - 30_000))];
}

const doubled = () => {
  const began = Date.now();
  return () => ({ contextTime: context.currentTime - context.latency, performanceTime: began + 2 * (Date.now() - began) });
};

test("times of the sound card that cannot be are left for the context's own clock", async () => {
  const cases = {
    "at twice real time, as in WebKitGTK": () => (context.getOutputTimestamp = () => ({ contextTime: context.currentTime - context.latency, performanceTime: 2 * Date.now() })),
    "at twice real time from now on": () => (context.getOutputTimestamp = doubled()),
    "never any": () => (context.getOutputTimestamp = () => ({ contextTime: 0, performanceTime: 0 })),
    "not numbers": () => (context.getOutputTimestamp = () => ({ contextTime: NaN, performanceTime: NaN })),
    "of another day": () => (context.getOutputTimestamp = () => ({ contextTime: context.currentTime, performanceTime: 5 })),
    "none at all": () => (context.getOutputTimestamp = undefined),
  };
  const found = {};
  for (const [name, breaks] of Object.entries(cases)) {
    open();
    context.outputLatency = context.latency;
    breaks();
    found[name] = await heardAfter(6);
    localPlayer.silence();
  }
  assert.deepEqual(found, Object.fromEntries(Object.keys(cases).map((name) => [name, ["precise", 0]])));
});

test("a time of the sound card that goes wrong later is left, too", async () => {
  context.outputLatency = context.latency;
  await joined();
  context.getOutputTimestamp = doubled();
  await passes(6_000, 10);
  near(ahead(NOON - 30_000), 0, 1);
  assert.equal(localPlayer.sync.mode, "precise");
});

test("a latency that cannot be is none", async () => {
  const found = [];
  for (const latency of [NaN, -1, 40, Infinity, undefined]) {
    open();
    Object.assign(context, { getOutputTimestamp: undefined, outputLatency: latency, latency: 0, baseLatency: 0 });
    found.push(await heardAfter(3));
    localPlayer.silence();
  }
  assert.deepEqual(found, Array(5).fill(["precise", 0]));
});

test("where no clock of the context can be believed the stream sounds", async () => {
  Object.assign(context, { getOutputTimestamp: undefined, outputLatency: 0.08, skew: 1 });
  localPlayer.follow(playing(1, NOON - 30_000));
  await passes(10_000, 10);
  assert.equal(localPlayer.sync.mode, "pocket");
  assert.deepEqual([streams().length, voices().length], [1, 0]);
  near(streams()[0].currentTime * 1000 - (clock.now() - NOON + 30_000), 0, 60);
});

test("a stream whose own clock runs wrong is not sought again and again", async () => {
  open({ createContext: null });
  localPlayer.follow(playing(1, NOON - 30_000));
  const [audio] = audios;
  const began = Date.now();
  Object.defineProperty(audio, "currentTime", { get: () => 30 + (2 * (Date.now() - began)) / 1000, set: () => (sought += 1) });
  let sought = 0;
  await passes(4_000);
  sought = 0;
  await passes(60_000);
  assert.equal(sought, 0);
  near(localPlayer.position_ms, 30_000 + 64_000, 100);
});

test("times of the sound card that come late on a busy machine are believed on", async () => {
  await joined();
  let told = context.getOutputTimestamp();
  const card = FakeContext.prototype.getOutputTimestamp.bind(context);
  const began = Date.now();
  // In each second the card is heard of for six tenths only.
  context.getOutputTimestamp = () => ((Date.now() - began) % 1_000 < 600 ? (told = card()) : told);
  context.outputLatency = 0.5;
  await passes(6_000, 10);
  assert.equal(localPlayer.sync.mode, "precise");
  near(ahead(NOON - 30_000), 0, 1);
});
