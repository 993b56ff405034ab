import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { ServerClock } from "../../../../static/js/net/server-clock.js";
import { RadioSound } from "../../../../static/js/audio/radio/station-sound.js";
import { FakeAudio, passes, restoreTime, settled, stopTime } from "../../browser.mjs";
import { playing, track } from "../../cast.mjs";

const NOON = 5_000_000;
const STREAM = "/api/rooms/KQ7F4M/stations/ab12/sound?device=tab-1&play=p1";
let audio, sound, events;

class FakeStream extends FakeAudio {
  removeAttribute() {
    this.url = "";
  }
}

beforeEach(() => {
  stopTime();
  FakeAudio.refuses = false;
  audio = new FakeStream();
  const clock = new ServerClock({ serverMs: NOON, local: () => Date.now() });
  sound = new RadioSound({ code: "KQ7F4M", clock, device: () => "tab-1", createAudio: () => audio });
  events = [];
  for (const name of ["playing", "stalled", "error", "blocked"]) sound.addEventListener(name, () => events.push(name));
});
afterEach(() => {
  sound.leave();
  restoreTime();
});

const station = () => ({ ...track(1, null), uri: "radio:ab12", source: "radio", live: true, audio: null });
const onAir = (number = 1, starts_at_ms = NOON, facts = {}) => playing(number, starts_at_ms, { track: station(), ...facts });

test("a station sounds through the server, and its position is the room's", async () => {
  sound.follow(onAir(1, NOON - 60_000));
  await passes(1_000);
  assert.deepEqual([audio.url, sound.state, events], [STREAM, "playing", ["playing"]]);
  assert.equal(sound.playId, "p1");
  assert.equal(sound.position_ms, 61_000);
});

test("what the room plays besides is no concern of it", async () => {
  sound.follow(playing(1, NOON));
  await passes(1_000);
  assert.deepEqual([audio.url, sound.state, sound.playId], [undefined, "quiet", null]);
});

test("it sounds until the next track starts, and its connection is closed then", async () => {
  sound.follow(onAir());
  await passes(1_000);
  sound.follow(playing(2, NOON + 2_500));
  await passes(1_000);
  assert.equal(audio.heard, true);
  await passes(1_000);
  assert.deepEqual([audio.heard, audio.url, sound.state], [false, "", "quiet"]);
});

test("a pause closes the connection, and another one is made to go on", async () => {
  sound.follow(onAir());
  await passes(1_000);
  sound.follow(onAir(1, null, { state: "paused", position_ms: 1_000 }));
  assert.equal(audio.url, "");
  sound.follow(onAir());
  await passes(1_000);
  assert.deepEqual([audio.url, sound.state], [STREAM, "playing"]);
});

test("a stream that breaks off is asked for again, and stalls meanwhile", async () => {
  sound.follow(onAir());
  await passes(1_000);
  const plays = audio.plays;
  audio.stuck = true;
  audio.dispatchEvent(new Event("error"));
  await passes(6_000);
  assert.deepEqual([audio.plays, sound.state, sound.cause], [plays + 1, "stalled", "stalled"]);
  audio.stuck = false;
  await passes(1_000);
  assert.equal(sound.state, "playing");
});

test("where the browser wants a tap, a tap lets it sound", async () => {
  FakeAudio.refuses = true;
  sound.follow(onAir());
  await settled();
  assert.deepEqual([sound.blocked, events], [true, ["blocked"]]);
  FakeAudio.refuses = false;
  sound.unlock();
  await passes(1_000);
  assert.deepEqual([sound.blocked, sound.state], [false, "playing"]);
});
