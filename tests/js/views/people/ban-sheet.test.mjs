import assert from "node:assert/strict";
import { test } from "node:test";

import { othersNote, readsWhenBanned, termsIn } from "../../../../static/js/views/people/ban-sheet.js";

test("what the sheet of a ban says is what the server gets", () => {
  const form = new Map([["why", "rude"], ["minutes", "60"], ["reach", "person"]]);
  assert.deepEqual(termsIn(form), { why: "rude", minutes: 60, reach: "person" });
  assert.equal(termsIn(new Map([...form, ["minutes", ""]])).minutes, null);
});

test("who bans sees what the person will read", () => {
  assert.equal(readsWhenBanned("Jonas", "Mika", { why: "spam" }), "Jonas reads: “Mika removed you from this room. Reason: spam.”");
});

test("who bans sees how many others came from the same network", () => {
  assert.equal(othersNote(0), "Nobody else here came from it.");
  assert.equal(othersNote(1), "1 other person here came from it. That one stays.");
  assert.equal(othersNote(14), "14 others here came from it. They stay.");
});
