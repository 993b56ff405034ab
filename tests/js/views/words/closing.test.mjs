import assert from "node:assert/strict";
import { test } from "node:test";

import { closingOf } from "../../../../static/js/views/words/closing.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function model({ after = 60, then = "end", state = "playing", by = "7" } = {}) {
  return { room: { created_at: 0, rules: { closes_after_min: after, at_closing: then } }, playback: { state, item: { added_by: by } } };
}

test("Nothing is said of a room that stays open, nor more than 20 minutes before", () => {
  assert.equal(closingOf(model({ after: null }), HOUR), null);
  assert.equal(closingOf(model(), HOUR - 20 * MINUTE - 1), null);
});

test("From 20 minutes before, the minutes are counted down", () => {
  assert.equal(closingOf(model(), HOUR - 20 * MINUTE).bold, "Closing in 20 minutes.");
  assert.equal(closingOf(model(), HOUR - 1).bold, "Closing in 1 minute.");
});

test("After it what plays is the last track, and what follows is told", () => {
  assert.deepEqual(closingOf(model(), HOUR), { bold: "The last track.", rest: "The room ends after it." });
  assert.equal(closingOf(model({ then: "shelf" }), HOUR).rest, "The shelf goes on after it.");
  assert.equal(closingOf(model({ then: "shelf", by: null }), HOUR).rest, "The shelf plays on.");
});
