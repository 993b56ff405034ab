import assert from "node:assert/strict";
import { test } from "node:test";

import { activityWords, timeline } from "../../../../static/js/views/chat/timeline.js";

const people = new Map(["m1", "m2", "m3"].map((id) => [id, { id, name: `Name ${id}` }]));
const message = (id, facts = {}) => ({ id, member: "m1", at_ms: Number(id) * 1_000, text: `Line ${id}`, mentions: [], state: "shown", hidden_by: null, ...facts });
const line = (after, facts = {}) => ({ kind: "joined", after, members: ["m2"], titles: [], count: 1, ...facts });
const rows = (facts) => timeline({ messages: [], activity: [], pending: [], people, me: "m3", ...facts });

test("messages of one person within five minutes name them once", () => {
  const found = rows({ messages: [message("1"), message("2"), message("400"), message("401", { member: "m2" })] });
  assert.deepEqual(found.map(({ isFirst }) => isFirst), [true, false, true, true]);
});

test("a line about the room stands after its message and ends a group", () => {
  const found = rows({ messages: [message("1"), message("2")], activity: [line("1"), line(null), line("gone")] });
  assert.deepEqual(found.map(({ kind, isFirst }) => [kind, isFirst]), [
    ["activity", undefined], ["message", true], ["activity", undefined], ["message", true],
  ]);
});

test("what is on its way stands last", () => {
  assert.deepEqual(rows({ messages: [message("1")], pending: [{ key: "k", text: "Soon" }] }).at(-1), { kind: "pending", key: "k", text: "Soon" });
});

test("a hidden message says by whom, and a deleted one whose it was", () => {
  const gone = [message("1", { state: "hidden", hidden_by: "m2" }), message("2", { state: "hidden" }), message("3", { state: "deleted" })];
  assert.deepEqual(rows({ messages: gone }).map(({ words }) => words), [
    "A message was hidden by Name m2", "A message was hidden", "Name m1 deleted a message",
  ]);
});

test("many people are two names and a number", () => {
  assert.equal(activityWords(line(null, { members: ["m1", "m2"], count: 2 }), people), "Name m1 and Name m2 joined");
  assert.equal(activityWords(line(null, { members: ["m1", "m2", "m3"], count: 40 }), people), "Name m1, Name m2 and 38 others joined");
});

test("each kind of line says what happened", () => {
  const words = (kind, facts) => activityWords(line(null, { kind, titles: ["Dune"], ...facts }), people);
  assert.equal(words("added"), "Name m2 added Dune");
  assert.equal(words("added", { count: 3 }), "Name m2 added 3 tracks");
  assert.equal(words("skipped"), "Dune was skipped");
  assert.equal(words("plays"), "Dune plays");
});
