import assert from "node:assert/strict";
import { test } from "node:test";

import { reason } from "../../../../static/js/views/words/reasons.js";
import { item, member, streamed, why } from "../../cast.mjs";

const MINUTE = 60_000;
const NOW = 100 * MINUTE;
const members = new Map([["m2", member("m2", { name: "Ana" })]]);
const added = (minutes, because, facts = {}) => item(1, { added_at: NOW - minutes * MINUTE, score: 6, why: because, ...facts });
const away = new Set();
const read = (one) => reason(one, { me: "m3", members, now: NOW, away });
const readOwn = (one) => reason(one, { me: "m2", members, now: NOW, away });

test("in a room of votes the line says what made the difference", () => {
  const before = NOW - 40 * MINUTE;
  assert.equal(read(added(22, why("votes"))), "6 votes, first track of Ana");
  assert.equal(read(added(22, why("votes", { played_at: before }))), "6 votes, Ana has waited 22 min");
  assert.equal(read(added(22, why("votes", { played_at: NOW - 8 * MINUTE }))), "6 votes, Ana played 8 min ago");
  assert.equal(read(added(22, why("votes", { played_at: NOW - 100 }))), "6 votes, Ana played just now");
  assert.equal(read(added(0, why("votes", { played_at: before }), { score: 1 })), "New: 1 vote so far");
  assert.equal(read(added(5, why("votes", { nth: 2 }))), "6 votes, Ana’s 2nd");
});

test("long ago is a time of day", () => {
  const played = NOW - 30 * MINUTE;
  assert.match(read(added(50, why("votes", { played_at: played }))), /^6 votes, Ana played at \d\d:\d\d$/);
});

test("in fair turns the line names the turn", () => {
  assert.equal(read(added(22, why("turn"))), "Ana’s turn: waiting 22 min");
  assert.equal(read(added(0, why("turn"))), "Ana’s turn: just added");
  assert.equal(read(added(22, why("turn", { nth: 2 }), { score: 3 })), "Ana’s 2nd, 3 votes");
});

test("where somebody decided, the line says who", () => {
  assert.equal(read(added(1, why("pinned"))), "Pinned by the host");
  assert.equal(read(added(1, why("placed"))), "Placed by the host");
  assert.equal(read(added(1, why("new"), { score: 1 })), "New: 1 vote so far");
  assert.equal(read(added(1, why("spaced"))), "After another artist");
  assert.equal(read(added(1, why("next"))), "Next: fixed, 6 votes");
  assert.equal(read(added(1, why("shelf"), { added_by: null })), "From the shelf");
});

test("nobody reads about themselves by name", () => {
  assert.equal(readOwn(added(14, why("votes"))), "Yours: 6 votes, waiting 14 min");
  assert.equal(readOwn(added(0, why("votes"))), "Yours: 6 votes so far");
  assert.equal(readOwn(added(14, why("votes", { played_at: NOW - 5 * MINUTE }))), "Yours: 6 votes, you played 5 min ago");
  assert.equal(readOwn(added(14, why("turn"))), "Yours: your turn, waiting 14 min");
  assert.equal(readOwn(added(14, why("turn", { nth: 3 }))), "Yours: your 3rd, 6 votes");
  assert.equal(readOwn(added(14, why("pinned"))), "Yours: pinned by the host");
});

test("minutes pass while nothing is sent", () => {
  const waits = added(22, why("turn"));
  assert.equal(reason(waits, { me: "m3", members, now: NOW + 3 * MINUTE, away }), "Ana’s turn: waiting 25 min");
});

test("what waits for its source says so, whoever added it", () => {
  const waits = added(22, why("votes"), { track: streamed(1) });
  const reads = (me) => reason(waits, { me, members, now: NOW, away: new Set(["spotify"]) });
  assert.deepEqual([reads("m2"), reads("m3")], ["Waits for Spotify", "Waits for Spotify"]);
  assert.equal(reason(added(22, why("votes")), { me: "m3", members, now: NOW, away: new Set(["spotify"]) }), "6 votes, first track of Ana");
});

test("a kind this page does not know has the server’s words", () => {
  const odd = added(1, why("moon"), { reason: "The moon is full" });
  assert.equal(read(odd), "The moon is full");
  assert.equal(readOwn(odd), "The moon is full");
  assert.equal(read(added(1, why("toString"), { reason: "as it was" })), "as it was");
});

test("who is not known any more is a guest", () => {
  assert.equal(read(added(22, why("votes"), { added_by: "m77" })), "6 votes, first track of a guest");
});
