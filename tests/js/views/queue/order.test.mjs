import assert from "node:assert/strict";
import { test } from "node:test";

import { movers } from "../../../../static/js/views/queue/order.js";

const moved = (before, after) => Object.fromEntries(movers([...before], [...after]));

test("of two that swap the one that rose has moved", () => {
  assert.deepEqual(moved("abc", "bac"), { b: 1 });
});

test("a row that jumps moves alone, however many it pushes down", () => {
  assert.deepEqual(moved("abcdef", "afbcde"), { f: 4 });
});

test("a row that falls moves alone too", () => {
  assert.deepEqual(moved("abcde", "bcdea"), { a: -4 });
});

test("a played head and a new tail move nobody", () => {
  assert.deepEqual(moved("abc", "bcd"), {});
});

test("the same order moves nobody", () => {
  assert.deepEqual(moved("abc", "abc"), {});
  assert.deepEqual(moved("", ""), {});
});
