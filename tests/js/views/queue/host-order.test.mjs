import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { HostOrder } from "../../../../static/js/views/queue/host-order.js";
import { passes, restoreTime, settled, stopTime } from "../../browser.mjs";
import { item } from "../../cast.mjs";

const queue = [item(1), item(2), item(3)];
const ids = (items) => items.map(({ id }) => id);
let sent, answers, placing;

beforeEach(() => {
  stopTime();
  sent = [];
  answers = [];
  placing = new HostOrder({
    send: (order) => {
      sent.push(order);
      return new Promise((resolve) => answers.push(resolve));
    },
    changed: () => {},
  });
});
afterEach(restoreTime);

test("a moved item stands there before the server has answered", () => {
  assert.equal(placing.move(queue, "i3", 0), true);
  assert.deepEqual(ids(placing.applied(queue)), ["i3", "i1", "i2"]);
  assert.deepEqual(sent, [["i3", "i1", "i2"]]);
});

test("a refused order goes back", async () => {
  placing.move(queue, "i3", 0);
  answers[0](false);
  await settled();
  assert.equal(placing.applied(queue), queue);
});

test("moves made meanwhile go out as one, when the first is answered", async () => {
  placing.move(queue, "i3", 1);
  placing.move(placing.applied(queue), "i3", 0);
  placing.move(placing.applied(queue), "i1", 2);
  assert.equal(sent.length, 1);
  answers[0](true);
  await settled();
  assert.deepEqual(sent[1], ["i3", "i2", "i1"]);
});

test("once the room stands so, its own order counts again", async () => {
  placing.move(queue, "i3", 0);
  answers[0](true);
  await settled();
  placing.applied([item(3), item(1), item(2)]);
  assert.equal(placing.active, false);
});

test("an accepted order that never comes is not shown for ever", async () => {
  placing.move(queue, "i3", 0);
  answers[0](true);
  await passes(2_100);
  assert.equal(placing.applied(queue), queue);
});

test("what comes or goes meanwhile comes and goes", () => {
  placing.move(queue, "i3", 0);
  assert.deepEqual(ids(placing.applied([item(1), item(3), item(4)])), ["i3", "i1", "i4"]);
});

test("what is locked keeps its place before all others", () => {
  const fixed = [item(1, { locked: true }), item(2), item(3)];
  assert.equal(placing.move(fixed, "i1", 2), false);
  assert.equal(placing.move(fixed, "i2", 0), false);
  placing.move(fixed, "i3", 0);
  assert.deepEqual(ids(placing.applied(fixed)), ["i1", "i3", "i2"]);
});

test("a move past the ends stays at the end, and none at all is none", () => {
  assert.equal(placing.move(queue, "i3", 9), false);
  assert.equal(placing.move(queue, "i9", 0), false);
  placing.move(queue, "i1", 9);
  assert.deepEqual(sent, [["i2", "i3", "i1"]]);
});

test("a row of the shelf moves among its like, and nothing added moves behind one", () => {
  const ofShelf = (number) => item(number, { added_by: null });
  const waiting = [item(1), item(2), ofShelf(3), ofShelf(4)];
  assert.equal(placing.move(waiting, "i4", 0), true);
  assert.deepEqual(ids(placing.applied(waiting)), ["i1", "i2", "i4", "i3"]);
  assert.equal(placing.move(placing.applied(waiting), "i1", 3), true);
  assert.deepEqual(ids(placing.applied(waiting)), ["i2", "i1", "i4", "i3"]);
});
