import assert from "node:assert/strict";
import { test } from "node:test";

import { aheadOrBehind, badgeOf, milliseconds, nudgeWords } from "../../../../static/js/views/words/badge.js";

const sync = (state, facts = {}) => ({
  state, mode: "precise", offset_ms: 0, jitter_ms: 0, uncertainty_ms: 0, corrected: null, ...facts,
});

test("a badge never claims more than is measured: what the clock may be off by counts", () => {
  assert.equal(badgeOf(sync("in_step", { offset_ms: -4, jitter_ms: 3, uncertainty_ms: 5 })).words, "In sync, ±12 ms");
  assert.equal(badgeOf(sync("in_step")).words, "In sync, ±1 ms");
});

test("each state has words and a mark of its own, never a colour alone", () => {
  const badges = ["in_step", "catching_up", "off", "estimated", "blocked", "quiet"].map((state) => badgeOf(sync(state)));
  assert.equal(new Set(badges.map(({ words }) => words)).size, 6);
  assert.ok(badges.every(({ icon }) => icon));
});

test("where nobody measures, no number is claimed", () => {
  assert.equal(badgeOf(sync("estimated", { offset_ms: 3, uncertainty_ms: 2 })).words, "Position estimated");
});

test("an estimate says how far it may be off, as measured and never better than anybody knows", () => {
  const words = (error_ms) => badgeOf(sync("estimated", { error_ms })).words;
  assert.equal(words(null), "Position estimated");
  assert.equal(words(612), "Position estimated, about ±0.7 s");
  assert.equal(words(80), "Position estimated, about ±0.5 s");
  assert.equal(words(2_400), "Position estimated, about ±2.4 s");
});

test("how far off is said in the unit that fits", () => {
  assert.equal(badgeOf(sync("off", { offset_ms: -180.4 })).words, "Off by 180 ms");
  assert.equal(milliseconds(-2_380), "2.4 s");
});

test("ahead, behind or together", () => {
  assert.deepEqual([3.2, -3.2, 0.2].map(aheadOrBehind), ["3 ms ahead", "3 ms behind", "together"]);
});

test("a nudge says which way it goes", () => {
  assert.deepEqual([20, -20, 0].map(nudgeWords), ["20 ms earlier", "20 ms later", "As measured"]);
});
