import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { canSound } from "../../../static/js/audio/known-good.js";
import { FakeAudio, passes, restoreTime, stopTime } from "../browser.mjs";

beforeEach(() => stopTime());
afterEach(restoreTime);

/** What is found with an element on which this goes wrong. */
async function tries(breaks = () => {}) {
  const audio = new FakeAudio();
  breaks(audio);
  const answer = canSound(() => audio);
  await passes(7_000);
  assert.ok(audio.paused, "nothing goes on sounding");
  return answer;
}

const refuses = (name) => (audio) => (audio.play = async () => { throw Object.assign(new Error(name), { name }); });

test("a known good sound tells a device that sounds from one that does not", async () => {
  const found = {
    "it plays": await tries(),
    "it stands still": await tries((audio) => (audio.stuck = true)),
    // Firefox without an output says so a moment after it has begun, and goes to the end.
    "it fails a moment later": await tries((audio) => setTimeout(() => Object.assign(audio, { error: { code: 3 }, currentTime: 0.5 }), 200)),
    "it never begins": await tries((audio) => (audio.play = () => new Promise(() => {}))),
    "it is refused": await tries(refuses("NotSupportedError")),
    "a tap is wanted first": await tries(refuses("NotAllowedError")),
  };
  assert.deepEqual(found, {
    "it plays": true, "it stands still": false, "it fails a moment later": false, "it never begins": false, "it is refused": false,
    "a tap is wanted first": true,
  });
});

test("the known good sound is a whole WAV file of half a second, and silent", async () => {
  let url;
  await tries((audio) => Object.defineProperty(audio, "src", { set: (src) => (url ||= src) }));
  const bytes = Buffer.from(url.split(",")[1], "base64");
  assert.equal(bytes.toString("latin1", 0, 4) + bytes.toString("latin1", 8, 16), "RIFFWAVEfmt ");
  assert.equal(bytes.readUInt32LE(4), bytes.length - 8);
  assert.equal(bytes.readUInt32LE(40) / bytes.readUInt32LE(28), 0.5);
  assert.ok(bytes.subarray(44).every((sample) => sample === 128));
});
