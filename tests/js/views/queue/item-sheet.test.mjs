import assert from "node:assert/strict";
import { test } from "node:test";

import { factsOf, heldWords } from "../../../../static/js/views/queue/item-sheet.js";
import { can, idle, item, memberInView, playing, track } from "../../cast.mjs";

const NOW = Date.UTC(2026, 0, 1, 20, 30);
const MINUTE_MS = 60_000;

/** What somebody sees who may do this, of a room in which nobody votes now. */
function seenBy(role, facts = {}) {
  const votes = { tally: ({ up, down }) => ({ up, down }), voteOn: () => 0, isKept: () => false };
  const members = new Map([["m2", memberInView("m2", { name: "Ana" })]]);
  return { me: { id: "m1", votes: {} }, members, away: new Set(), now: NOW, can: can(role, facts), votes, stale: false, playback: idle };
}

test("held votes are told by their number, and nothing is said of why they are held", () => {
  assert.equal(heldWords(1), "1 vote of newcomers waits. It counts in at most 10 minutes.");
  assert.equal(heldWords(6), "6 votes of newcomers wait. They count in at most 10 minutes.");
});

test("everybody reads who added a track, when, its place and why it stands there", () => {
  const facts = factsOf(item(1, { added_at: NOW - 8 * MINUTE_MS }), 2, seenBy("listener"));
  assert.equal(facts.adder, "Ana");
  assert.match(facts.added, /^\d\d:\d\d, 8 min ago$/);
  assert.equal(facts.place, "3rd");
  assert.equal(facts.why, "1 vote, first track of Ana");
});

test("a track's album, length and source are told, and an album without a name is not", () => {
  const known = { ...track(1, 200_000), album: "Moon", explicit: true };
  const { album, length, source } = factsOf(item(1, { track: known }), 0, seenBy("listener"));
  assert.deepEqual({ album, length, source }, { album: "Moon", length: "3:20, explicit", source: "Music library" });
  assert.equal(factsOf(item(1), 0, seenBy("listener")).album, "");
});

test("one's own track and one of the shelf say so in place of a name", () => {
  assert.equal(factsOf(item(1, { added_by: "m1" }), 0, seenBy("listener")).adder, "You");
  assert.equal(factsOf(item(1, { added_by: null }), 0, seenBy("listener")).adder, "The room’s shelf");
});

test("votes are told in words where no keys show them", () => {
  assert.equal(factsOf(item(1), 0, seenBy("listener")).votes, "");
  assert.equal(factsOf(item(1, { locked: true, down: 1 }), 0, seenBy("listener")).votes, "1 up, 1 down");
  assert.equal(factsOf(item(1), 0, seenBy("listener", { vote: false, downvote: false })).votes, "1 vote");
});

test("what plays is told as such", () => {
  const viewModel = { ...seenBy("listener"), playback: playing(1, NOW) };
  assert.deepEqual([factsOf(item(1), -1, viewModel).place, factsOf(item(2), -1, viewModel).place], ["Plays now", "No longer waiting"]);
});

test("a track that has left the queue is told as such", () => {
  const { place, why } = factsOf(item(1), -1, seenBy("listener"));
  assert.deepEqual({ place, why }, { place: "No longer waiting", why: "" });
});
