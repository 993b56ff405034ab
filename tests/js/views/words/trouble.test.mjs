import assert from "node:assert/strict";
import { test } from "node:test";

import { silenceOf, troubleOf } from "../../../../static/js/views/words/trouble.js";
import { clockTime } from "../../../../static/js/views/words/words.js";
import { idle, memberInView, playing } from "../../cast.mjs";

const lost = { member: "m1", name: "laptop (Chrome on Linux)", at_ms: 1_000_000 };
const at = clockTime(lost.at_ms);
const show = (playback, pause = false, facts = {}) => ({
  playback, can: { pause }, members: new Map([["m1", memberInView("m1", { here: true })]]), room: { host: "m1" }, ...facts,
});

test("while all is well nothing is said", () => {
  assert.equal(troubleOf(show(playing(1, 0)), true), null);
  assert.equal(troubleOf(show(idle), true), null);
});

test("a device that vanished is named, and whoever may plays here instead", () => {
  const trouble = troubleOf(show(playing(1, 0, { lost })), true);
  assert.equal(`${trouble.bold} ${trouble.rest}`, `m1’s laptop went silent at ${at}. The music goes on without it.`);
  assert.equal(trouble.act, "here");
  assert.equal(troubleOf(show(playing(1, 0, { lost })), false).act, null);
});

test("of music that nobody hears it is not said that it goes on", () => {
  const unheard = show(playing(1, 0, { lost, unheard: true }), false, { unheard: true });
  assert.equal(troubleOf(unheard, true).rest, "Nothing sounds now.");
  assert.equal(troubleOf(unheard, false).rest, "Nothing sounds now. m1 can play it on a device.");
  const away = { ...unheard, members: new Map([["m1", memberInView("m1", { here: false })]]) };
  assert.equal(troubleOf(away, false).rest, "Nothing sounds now. m1 is offline.");
});

test("another device that plays by now ends the trouble", () => {
  const speaker = { member: "m1", device: "other", name: "phone" };
  assert.equal(troubleOf(show(playing(1, 0, { lost, speaker })), true), null);
});

test("music that waits for its device says what it waits for", () => {
  const halt = { why: "speaker", at_ms: lost.at_ms };
  const trouble = troubleOf(show(playing(1, 0, { state: "paused", lost, halt })), true);
  assert.match(`${trouble.bold} ${trouble.rest}`, /^The music waits. .* goes on when a device plays the sound again.$/);
});

test("after three failures whoever may play can go on", () => {
  const halt = { why: "failures", at_ms: 1 };
  assert.equal(troubleOf(show({ ...idle, halt }, true), false).act, "play");
  assert.equal(troubleOf(show({ ...idle, halt }), false).act, null);
});

test("what plays unheard is said, and whoever may plays it here", () => {
  const unheard = show(playing(1, 0, { unheard: true }), false, { unheard: true });
  const [mine, others] = [silenceOf(unheard, true), silenceOf(unheard, false)];
  assert.deepEqual([mine.bold, mine.act], ["Nothing sounds.", "here"]);
  assert.deepEqual([others.bold, others.rest, others.act], ["Nothing sounds yet.", "m1 can play it on a device.", null]);
});

test("a first track that waits for a device is told to those who have no key to start it", () => {
  const waits = { ...idle, halt: { why: "speaker", at_ms: 1 } };
  assert.equal(silenceOf(show(waits, false, { can: { control: false } }), false).bold, "Nothing sounds yet.");
  assert.equal(silenceOf(show(waits, true, { can: { control: true } }), true), null);
});

test("a device that can play nothing is named, and another one may play instead", () => {
  const speaker = { member: "m1", device: "other", name: "laptop (Firefox on Linux)" };
  const waits = show(playing(1, 0, { state: "paused", speaker, halt: { why: "device", at_ms: 1 } }), true);
  assert.equal(troubleOf(waits, false).rest, "m1’s laptop plays no sound. Check it, then press play.");
  assert.equal(troubleOf({ ...waits, can: {} }, false).rest, "m1’s laptop plays no sound.");
  assert.deepEqual([troubleOf(waits, false).act, troubleOf(waits, true).act], ["play", "here"]);
});
