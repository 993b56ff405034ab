import assert from "node:assert/strict";
import { test } from "node:test";

import { waitFor } from "../../../../static/js/views/queue/move-delay.js";

const quiet = { askedAt: 1_000, held: false, touchedAt: -Infinity, restsUntil: -Infinity };

test("changes within a quarter of a second move together", () => {
  assert.equal(waitFor({ ...quiet, now: 1_000 }), 250);
  assert.equal(waitFor({ ...quiet, now: 1_250 }), 0);
});

test("a key that was just touched holds the rows", () => {
  assert.equal(waitFor({ ...quiet, touchedAt: 990, now: 1_000 }), 590);
});

test("no row moves under a finger", () => {
  assert.ok(waitFor({ ...quiet, held: true, now: 2_500 }) > 0);
});

test("nobody holds the rows for more than two seconds", () => {
  assert.equal(waitFor({ ...quiet, held: true, touchedAt: 2_999, now: 3_000 }), 0);
});

test("a device that takes long to move rows moves them less often", () => {
  assert.equal(waitFor({ ...quiet, restsUntil: 1_700, now: 1_000 }), 700);
});
