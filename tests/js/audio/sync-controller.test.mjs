/** How a deck is held where the room is. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { SyncController } from "../../../static/js/audio/sync-controller.js";

/** A buffer that is this far ahead of a room, a second into its track. */
function looked(ahead_ms, { tremble_ms = 0 } = {}) {
  const clock = { now: () => 1_000, local: () => 1_000, uncertainty_ms: 1 };
  const deck = { kind: "precise", position_ms: 1_000 + ahead_ms, tremble_ms, rate: 1, seams: 0, learn() {}, start: async () => void (deck.seams += 1) };
  new SyncController({ clock, playback: () => ({ state: "playing", starts_at_ms: 0 }) }).correct(deck, { afterGap: false });
  return deck;
}

test("a buffer less than a ms off is left at the track's own speed", () => {
  assert.equal(looked(0.9).rate, 1);
});

test("up to 8 ms a buffer is bent by 5 cents at most", () => {
  assert.deepEqual([2, 7.9, -7.9].map((ahead_ms) => looked(ahead_ms).rate), [0.999, 0.997, 1.003]);
  assert.equal(looked(7.9).seams, 0);
});

test("beyond 8 ms a buffer goes where the room is by one seam", () => {
  assert.deepEqual([8.1, -20].map((ahead_ms) => looked(ahead_ms).seams), [1, 1]);
});

test("what may only be the trembling of the card's clock makes no seam", () => {
  assert.equal(looked(19, { tremble_ms: 40 }).seams, 0);
  assert.equal(looked(21, { tremble_ms: 40 }).seams, 1);
});
