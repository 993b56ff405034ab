import assert from "node:assert/strict";
import { test } from "node:test";

import { FirstVote } from "../../../../static/js/views/queue/first-vote.js";
import { settled } from "../../browser.mjs";
import { item } from "../../cast.mjs";

/** Somebody without a name whose votes count; what the room asks and says of it. */
function voter(moment = {}, { sheet = { open: false } } = {}) {
  const now = { isQueueSeen: true, isTyping: false, isKeyLast: false, ...moment };
  const outbox = new EventTarget();
  const kept = new Map();
  const seen = { asked: [], said: [] };
  new FirstVote({
    outbox, sheet,
    renderer: { viewModel: { me: { name: "Quiet Fox", named: false, votes: {} }, queue: [item(1)], votes: { tally: () => ({ up: 2 }) } } },
    storage: { read: (key) => kept.get(key), write: (key, value) => kept.set(key, value) },
    moment: () => now,
    loadName: async () => (options) => seen.asked.push(options),
    showMessage: (words) => seen.said.push(words),
  });
  const votes = async (facts = {}) => {
    outbox.dispatchEvent(new CustomEvent("sent", { detail: { entry: { kind: "vote", value: 1, itemId: "i1", ...facts } } }));
    await settled();
  };
  return { votes, now, seen, sheet };
}

test("the room asks for a name after the first vote that counted, once", async () => {
  const { votes, seen } = voter();
  await votes({ value: 0 });
  assert.equal(seen.asked.length, 0);
  await votes();
  await votes();
  assert.equal(seen.asked.length, 1);
  assert.match(seen.asked[0].note, /^Track 1 is 1st with 2 votes\. /);
});

for (const [where, moment] of [["over another view", { isQueueSeen: false }], ["into typing", { isTyping: true }]]) {
  test(`the room does not ask ${where}, and asks after a later vote`, async () => {
    const { votes, now, seen } = voter(moment);
    await votes();
    assert.deepEqual(seen, { asked: [], said: [] });
    Object.assign(now, { isQueueSeen: true, isTyping: false });
    await votes();
    assert.equal(seen.asked.length, 1);
  });
}

test("the room does not ask over another sheet, not even one that has opened meanwhile", async () => {
  const { votes, seen, sheet } = voter();
  const voted = votes();
  sheet.open = true;
  await voted;
  await votes();
  assert.equal(seen.asked.length, 0);
});

test("a person at the keys reads a line in place of the sheet", async () => {
  const { votes, seen } = voter({ isKeyLast: true });
  await votes();
  await votes();
  assert.deepEqual(seen, { asked: [], said: ["Your vote is in. You are Quiet Fox until you press Name."] });
});
