import assert from "node:assert/strict";
import { test } from "node:test";

import { troubleOf } from "../../../static/js/views/trouble.js";
import { clockTime } from "../../../static/js/views/words.js";
import { idle, member, playing } from "../cast.mjs";

const lost = { member: "m1", name: "laptop (Chrome on Linux)", at_ms: 1_000_000 };
const at = clockTime(lost.at_ms);
const show = (playback, pause = false) => ({ playback, may: { pause }, members: new Map([["m1", member("m1")]]) });

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
