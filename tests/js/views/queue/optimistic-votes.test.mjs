import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { OptimisticVotes, tallyWithVote } from "../../../../static/js/views/queue/optimistic-votes.js";

const item = (up, down = 0) => ({ id: "a", up, down });
let outbox;
let hand;

class FakeOutbox extends EventTarget {
  pending = [];

  vote(itemId, value) {
    this.pending = [{ kind: "vote", itemId, value }];
    this.dispatchEvent(new CustomEvent("change"));
  }

  answer(name) {
    const [entry] = this.pending;
    this.pending = [];
    this.dispatchEvent(new CustomEvent("change"));
    this.dispatchEvent(new CustomEvent(name, { detail: { entry } }));
  }
}

beforeEach(() => {
  outbox = new FakeOutbox();
  hand = new OptimisticVotes(outbox);
});

test("a pressed key lights and counts before the server answers", () => {
  assert.equal(hand.press(item(5), 1, {}), 1);
  assert.equal(hand.voteOn("a", {}), 1);
  assert.deepEqual(hand.tally(item(5), {}), { up: 6, down: 0 });
});

test("the pressed key pressed again withdraws", () => {
  assert.equal(hand.press(item(5), 1, { a: 1 }), 0);
  assert.deepEqual(hand.tally(item(5), { a: 1 }), { up: 4, down: 0 });
});

test("changing sides moves the vote", () => {
  hand.press(item(5, 1), -1, { a: 1 });
  assert.deepEqual(hand.tally(item(5, 1), { a: 1 }), { up: 4, down: 2 });
});

test("two quick presses are one change of mind", () => {
  hand.press(item(5), 1, {});
  hand.press(item(5), -1, {});
  assert.deepEqual(hand.tally(item(5), {}), { up: 5, down: 1 });
});

test("the vote is never counted twice, whether the tally or the answer comes first", () => {
  hand.press(item(5), 1, {});
  assert.deepEqual(hand.tally(item(6), {}), { up: 6, down: 0 });
  outbox.answer("sent");
  assert.deepEqual(hand.tally(item(6), { a: 1 }), { up: 6, down: 0 });
});

test("between the answer and the new tally the count does not fall back", () => {
  hand.press(item(5), 1, {});
  outbox.answer("sent");
  assert.deepEqual(hand.tally(item(5), { a: 1 }), { up: 6, down: 0 });
});

test("a vote is shown as kept without a line, and with one once its sending has failed", () => {
  const keeps = () => [hand.isKept("a", false), hand.isKept("a", true)];
  assert.deepEqual(keeps(), [false, false]);
  hand.press(item(5), 1, {});
  assert.deepEqual(keeps(), [false, true]);
  outbox.dispatchEvent(new CustomEvent("kept", { detail: { entry: outbox.pending[0], error: null } }));
  assert.deepEqual(keeps(), [true, true]);
  outbox.answer("sent");
  assert.deepEqual(keeps(), [false, false]);
});

test("a refused vote lifts again", () => {
  hand.press(item(5), 1, {});
  outbox.answer("refused");
  assert.equal(hand.voteOn("a", {}), 0);
  assert.deepEqual(hand.tally(item(5), {}), { up: 5, down: 0 });
});

test("a vote kept over a reload counts in the hand", () => {
  outbox.pending = [{ kind: "vote", itemId: "a", value: 1 }];
  hand = new OptimisticVotes(outbox);
  assert.ok(hand.isKept("a", true));
  assert.deepEqual(hand.tally(item(2), {}), { up: 3, down: 0 });
});

test("one person moves a tally by one each way", () => {
  assert.deepEqual(tallyWithVote({ up: 1, down: 1 }, 1, -1), { up: 0, down: 2 });
  assert.deepEqual(tallyWithVote({ up: 1, down: 1 }, 0, 0), { up: 1, down: 1 });
});
