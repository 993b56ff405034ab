import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { ServerClock } from "../../../static/js/net/server-clock.js";
import { LocalPlayer } from "../../../static/js/audio/local-player.js";
import { FakeAudio, passes, record, restoreTime, settled, stopTime } from "../browser.mjs";
import { item, playing, track } from "../cast.mjs";

/** The room began at this server time; the device's clock shows something else. */
const NOON = 5_000_000;
let audios, localPlayer, clock, page, told, reached, found, isGood;

beforeEach(() => {
  stopTime();
  FakeAudio.refuses = false;
  audios = [];
  page = [];
  reached = true;
  found = 200;
  isGood = true;
  clock = new ServerClock({ serverMs: NOON, local: () => Date.now() });
  localPlayer = new LocalPlayer({
    clock,
    createAudio: () => audios[audios.push(new FakeAudio()) - 1],
    parent: { append: (audio) => page.push(audio) },
    probe: async () => (reached ? found : 0),
    canSound: async () => isGood,
  });
  told = record(localPlayer, "playing", "blocked", "stalled", "ended", "error");
});
afterEach(restoreTime);

const heard = () => audios.filter((audio) => audio.heard).map(({ url }) => url);
const front = () => audios.find((audio) => audio.heard);
const url = (number) => `/media/audio/${number}`;
const names = () => told.map(({ name }) => name);

function near(value, wanted, by) {
  assert.ok(Math.abs(value - wanted) <= by, `${value} is not within ${by} of ${wanted}`);
}

/** How far the sound is ahead of the room, in ms. */
const drift = (starts_at_ms) => front().currentTime * 1000 - (clock.now() - starts_at_ms);

test("two elements stand in the page", () => {
  assert.deepEqual(page.map(({ className }) => className), ["room-audio", "room-audio"]);
});

test("a track that plays already is joined where the room is", async () => {
  localPlayer.follow(playing(1, NOON - 30_000));
  await settled();
  assert.deepEqual(heard(), [url(1)]);
  near(front().currentTime, 30, 0.1);
  assert.equal(localPlayer.state, "playing");
});

test("a start in the future is waited for, a little less than its moment", async () => {
  localPlayer.follow(playing(1, NOON + 1_500));
  await passes(1_400, 10);
  assert.deepEqual(heard(), []);
  assert.equal(audios[0].url, url(1));
  await passes(100, 10);
  assert.deepEqual(heard(), [url(1)]);
  near(front().currentTime, 0.04, 0.02);
});

test("the old track sounds until the next begins, then only the next does", async () => {
  localPlayer.follow(playing(1, NOON - 98_000));
  await settled();
  localPlayer.follow(playing(2, NOON + 1_500));
  await passes(1_400, 10);
  assert.deepEqual(heard(), [url(1)]);
  await passes(200, 10);
  assert.deepEqual(heard(), [url(2)]);
});

test("an old track that ends by itself before the next begins is not told", async () => {
  localPlayer.follow(playing(1, NOON - 98_000));
  await settled();
  localPlayer.follow(playing(2, NOON + 1_500));
  front().runsOut();
  assert.deepEqual(names(), ["playing"]);
});

test("a skip that starts at once cuts the old track", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await settled();
  localPlayer.follow(playing(2, NOON));
  await settled();
  assert.deepEqual(heard(), [url(2)]);
});

test("of several announced tracks only the last begins", async () => {
  localPlayer.follow(playing(1, NOON + 500));
  localPlayer.follow(playing(2, NOON + 800));
  localPlayer.follow(playing(3, NOON + 1_000));
  await passes(2_000, 10);
  assert.deepEqual(heard(), [url(3)]);
});

test("the same playback again does nothing", async () => {
  localPlayer.follow(playing(1, NOON - 30_000));
  await settled();
  const { plays, seeks, loads } = front();
  const before = { plays, loads, seeks: seeks.length };
  localPlayer.follow(playing(1, NOON - 30_000, { speaker: { member: "m1", device: "d", name: "n" } }));
  await settled();
  assert.deepEqual({ plays: front().plays, loads: front().loads, seeks: front().seeks.length }, before);
});

test("a pause is silence at the paused place", async () => {
  localPlayer.follow(playing(1, NOON - 30_000));
  await settled();
  const [deck] = audios;
  localPlayer.follow(playing(1, null, { state: "paused", position_ms: 30_500 }));
  assert.deepEqual(heard(), []);
  assert.equal(deck.currentTime, 30.5);
  await passes(3_000);
  assert.equal(deck.currentTime, 30.5);
});

test("a resume goes on from there on the same element", async () => {
  localPlayer.follow(playing(1, null, { state: "paused", position_ms: 30_000 }));
  localPlayer.follow(playing(1, NOON - 30_000));
  await settled();
  assert.deepEqual(heard(), [url(1)]);
  assert.equal(front().loads, 1);
  near(drift(NOON - 30_000), 40, 21);
});

test("a resume whose moment lies ahead waits for it without going back", async () => {
  localPlayer.follow(playing(1, null, { state: "paused", position_ms: 30_000 }));
  const [deck] = audios;
  const sought = deck.seeks.length;
  const starts_at_ms = NOON + 250 - 30_000;
  localPlayer.follow(playing(1, starts_at_ms));
  await passes(200, 10);
  assert.deepEqual(heard(), []);
  await passes(40, 10);
  assert.deepEqual(heard(), [url(1)]);
  assert.equal(deck.seeks.length, sought);
  near(drift(starts_at_ms), 40, 20);
});

test("a seek is followed at once, however recent the last one", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await settled();
  localPlayer.follow(playing(1, NOON - 60_000));
  near(front().currentTime, 60, 0.1);
  localPlayer.follow(playing(1, NOON - 20_000));
  near(front().currentTime, 20, 0.1);
});

test("an idle room is silent", async () => {
  localPlayer.follow(playing(1, NOON - 30_000));
  await settled();
  localPlayer.follow(playing(1, null, { state: "idle", track: null, item: null }));
  assert.deepEqual(heard(), []);
});

test("the last track before an idle room may end by itself", async () => {
  localPlayer.follow(playing(1, NOON - 99_000));
  await settled();
  localPlayer.follow(playing(0, null, { state: "idle", track: null, item: null }));
  assert.deepEqual(heard(), [url(1)]);
});

test("a track this browser cannot play is silence, not the old track", async () => {
  localPlayer.follow(playing(1, NOON - 30_000));
  await settled();
  localPlayer.follow(playing(2, NOON, { track: { ...track(2), audio: undefined } }));
  assert.deepEqual(heard(), []);
});

test("the next track is loaded as soon as it is known and begins on that element", async () => {
  localPlayer.follow(playing(1, NOON - 30_000));
  await settled();
  localPlayer.follow(playing(1, NOON - 30_000, { next: item(2) }));
  assert.equal(audios[1].url, url(2));
  localPlayer.follow(playing(2, NOON + 200));
  await passes(400, 10);
  assert.equal(front(), audios[1]);
  assert.equal(audios[1].loads, 1);
});

test("the one after is loaded once its element is free", async () => {
  localPlayer.follow(playing(1, NOON - 98_500));
  await settled();
  localPlayer.follow(playing(2, NOON + 1_500, { next: item(3) }));
  assert.equal(audios[0].url, url(1));
  await passes(1_600, 10);
  assert.equal(audios[0].url, url(3));
});

test("the same track twice in a row begins anew", async () => {
  localPlayer.follow(playing(1, NOON - 99_900));
  await settled();
  localPlayer.follow({ ...playing(1, NOON + 100), play_id: "again" });
  await passes(200, 10);
  near(front().currentTime, 0.1, 0.1);
  assert.equal(heard().length, 1);
});

test("a large drift is one seek, and not more than one in three seconds", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await passes(1_000);
  const { seeks } = front();
  const before = seeks.length;
  front().slips(0.4);
  const slipped = seeks.length;
  await passes(1_000);
  assert.equal(seeks.length, slipped + 1);
  front().slips(0.4);
  await passes(2_000);
  assert.equal(seeks.length, slipped + 1);
  await passes(1_000);
  assert.equal(seeks.length, slipped + 2);
  near(drift(NOON - 10_000), 0, 130);
  assert.ok(before > 0);
});

test("a small drift is worked off within a hundredth of the speed", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await passes(1_000);
  const seeks = front().seeks.length;
  front().slips(0.1);
  await passes(1_000);
  assert.ok(front().playbackRate > 1 && front().playbackRate <= 1.01);
  await passes(20_000, 100);
  near(drift(NOON - 10_000), 0, 10);
  assert.equal(front().playbackRate, 1);
  assert.equal(front().seeks.length, seeks);
});

test("a device that starts late learns to start earlier", async () => {
  localPlayer.follow(playing(1, NOON + 100));
  await passes(120, 10);
  audios[0].slips(0.1);
  await passes(1_000);
  localPlayer.follow(playing(2, NOON + 3_000));
  await passes(1_800, 5);
  assert.deepEqual(heard(), [url(1)]);
  await passes(30, 5);
  assert.deepEqual(heard(), [url(2)]);
});

test("a wrong idea of the device's lateness does not make seek after seek", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await passes(500);
  front().slips(0.45);
  const before = front().seeks.length;
  await passes(30_000, 100);
  assert.ok(front().seeks.length - before <= 2);
  near(drift(NOON - 10_000), 0, 30);
});

test("an element that is used again begins at its start", async () => {
  localPlayer.follow(playing(1, NOON));
  await passes(1_500, 10);
  localPlayer.follow(playing(2, NOON + 1_500));
  await passes(500, 10);
  localPlayer.follow({ ...playing(1, NOON + 2_250), play_id: "again" });
  await passes(260, 10);
  assert.deepEqual(heard(), [url(1)]);
  near(front().currentTime, 0.04, 0.03);
});

test("a browser that wants a tap first says so, and sounds after it", async () => {
  FakeAudio.refuses = true;
  localPlayer.follow(playing(1, NOON - 10_000));
  await settled();
  assert.equal(localPlayer.blocked, true);
  assert.deepEqual(names(), ["blocked"]);
  await passes(5_000);
  assert.equal(audios[0].plays, 1);
  FakeAudio.refuses = false;
  localPlayer.unlock();
  await settled();
  assert.equal(localPlayer.blocked, false);
  assert.deepEqual(heard(), [url(1)]);
  near(front().currentTime, 15, 0.1);
});

test("a tap touches both elements and lets nothing be heard", async () => {
  localPlayer.unlock();
  await settled();
  assert.deepEqual(audios.map(({ plays }) => plays), [1, 1]);
  assert.deepEqual(heard(), []);
});

test("a tap while a track sounds does not disturb it", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await settled();
  localPlayer.unlock();
  await settled();
  assert.deepEqual(heard(), [url(1)]);
  assert.equal(audios[0].plays, 1);
});

test("sound that the system stopped begins again where the room is", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await passes(1_000);
  front().pause();
  await passes(1_000);
  assert.deepEqual(heard(), [url(1)]);
  near(drift(NOON - 10_000), 40, 30);
});

test("sound that stands still is told within three seconds, and told when it goes on", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await passes(1_000);
  audios[0].stuck = true;
  audios[0].readyState = 2;
  await passes(3_000);
  assert.equal(localPlayer.state, "stalled");
  audios[0].stuck = false;
  audios[0].readyState = 4;
  await passes(2_000);
  assert.deepEqual(names(), ["playing", "stalled", "playing"]);
});

test("the end of the file is told", async () => {
  localPlayer.follow(playing(1, NOON - 99_000));
  await settled();
  front().runsOut();
  assert.equal(localPlayer.state, "ended");
  await passes(2_000);
  assert.deepEqual(heard(), []);
});

test("a file that was heard up to an early end has that length", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await settled();
  front().duration = 20;
  front().runsOut();
  assert.deepEqual([localPlayer.state, localPlayer.length_ms], ["ended", 20_000]);
});

test("a file that the browser takes to its guessed end at once has not told its length", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await settled();
  front().duration = 3.7; // guessed by the first frames
  front().runsOut();
  await settled();
  assert.deepEqual([localPlayer.state, localPlayer.cause, localPlayer.length_ms], ["error", "decode", null]);
});

test("a broken line is tried once more before it is an error", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await settled();
  audios[0].fails(2);
  assert.equal(localPlayer.state, "stalled");
  await passes(1_000);
  assert.deepEqual(heard(), [url(1)]);
  near(front().currentTime, 11, 0.1);
  audios[0].fails(2);
  await passes(10);
  assert.deepEqual([localPlayer.state, localPlayer.cause], ["error", "network"]);
});

test("a file that the browser will not take, though the server has it, is broken", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await settled();
  audios[0].fails(4);
  await passes(1_000);
  audios[0].fails(4);
  await passes(10);
  assert.deepEqual([localPlayer.state, localPlayer.cause], ["error", "decode"]);
});

test("while the server is away a broken line is not the file's fault", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await settled();
  reached = false;
  audios[0].fails(2);
  await passes(20_000);
  assert.equal(localPlayer.state, "stalled");
  reached = true;
  await passes(1_000);
  assert.equal(localPlayer.state, "playing");
  near(front().currentTime, 31, 0.1);
});

test("a server that answers for 20 seconds that it cannot give the file is given up", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await settled();
  found = 503;
  audios[0].fails(2);
  await passes(19_000);
  assert.equal(localPlayer.state, "stalled");
  await passes(4_000);
  assert.deepEqual([localPlayer.state, localPlayer.cause], ["error", "network"]);
});

test("a file that was asked for too often is asked for again, and is not taken for missing", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await settled();
  found = 429;
  audios[0].fails(2);
  await passes(5_000);
  assert.equal(localPlayer.state, "stalled");
  found = 200;
  await passes(2_000);
  assert.equal(localPlayer.state, "playing");
});

test("a server that is away in between has its 20 seconds anew", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await settled();
  found = 503;
  audios[0].fails(2);
  await passes(15_000);
  reached = false;
  await passes(15_000);
  reached = true;
  await passes(15_000);
  assert.equal(localPlayer.state, "stalled");
});

test("a track that was left while its line was broken is not tried again", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await settled();
  reached = false;
  audios[0].fails(2);
  await passes(500);
  localPlayer.silence();
  reached = true;
  await passes(3_000);
  assert.deepEqual(heard(), []);
});

test("a file that fails before its moment is an error soon after, also when that moment is planned anew", async () => {
  found = 404;
  localPlayer.follow(playing(1, NOON + 3_000));
  await passes(50, 10);
  audios[0].fails(2);
  const [here, there] = [clock.local(), clock.now() + 20];
  clock.sample(here, there, there, here);
  await passes(6_000);
  assert.deepEqual([localPlayer.state, localPlayer.cause], ["error", "missing"]);
});

test("a file that cannot be decoded is an error at once", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await settled();
  audios[0].fails(3);
  await settled();
  assert.deepEqual(names(), ["playing", "error"]);
  assert.equal(localPlayer.cause, "decode");
});

test("no file is blamed where not even a known good sound plays", async () => {
  const states = [];
  const ways = [(audio) => audio.fails(3), (audio) => (audio.fails(4), setTimeout(() => audio.fails(4), 1_500)), (audio) => (audio.stuck = true)];
  for (const [number, breaks] of ways.entries()) {
    isGood = true;
    localPlayer.follow(playing(number, clock.now()));
    await passes(1_000);
    isGood = false;
    breaks(audios.find((audio) => audio.url === url(number)));
    await passes(30_000);
    states.push([localPlayer.state, localPlayer.cause]);
  }
  assert.deepEqual(states, Array(3).fill(["error", "device"]));
});

test("what a browser without an output takes for the end of a file is none", async () => {
  isGood = false;
  localPlayer.follow(playing(1, NOON - 10_000));
  await settled();
  audios[0].fails(3);
  audios[0].runsOut();
  await settled();
  assert.deepEqual([names(), localPlayer.cause], [["playing", "error"], "device"]);
});

test("a track that is skipped while the device is tried is no fault of anybody's", async () => {
  let answer;
  localPlayer.follow(playing(1, NOON - 10_000));
  await settled();
  isGood = new Promise((resolve) => (answer = resolve));
  audios[0].fails(3);
  localPlayer.follow(playing(2, NOON));
  answer(false);
  await passes(1_000);
  assert.deepEqual(names(), ["playing", "playing"]);
});

test("the track after a broken one plays", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await settled();
  audios[0].fails(3);
  localPlayer.follow(playing(2, NOON));
  await settled();
  assert.deepEqual(heard(), [url(2)]);
  assert.equal(localPlayer.state, "playing");
});

test("a next track that failed to load is loaded again when it begins", async () => {
  localPlayer.follow(playing(1, NOON - 10_000, { next: item(2) }));
  await settled();
  audios[1].fails(4);
  assert.deepEqual(names(), ["playing"]);
  localPlayer.follow(playing(2, NOON));
  await settled();
  assert.deepEqual(heard(), [url(2)]);
});

test("loudness evens out between tracks and never passes full", async () => {
  localPlayer.volume = 0.5;
  localPlayer.follow(playing(1, NOON, { track: { ...track(1), gain_db: -6 } }));
  await settled();
  near(audios[0].volume, 0.25, 0.005);
  localPlayer.volume = 0.9;
  localPlayer.follow(playing(2, NOON, { track: { ...track(2), gain_db: 6 } }));
  assert.equal(audios[1].volume, 1);
});

test("silence ends everything, also what is announced", async () => {
  localPlayer.follow(playing(1, NOON - 10_000));
  await settled();
  localPlayer.follow(playing(2, NOON + 1_000));
  localPlayer.silence();
  await passes(3_000);
  assert.deepEqual(heard(), []);
});
