import assert from "node:assert/strict";
import { test } from "node:test";

import { news } from "../../../../static/js/views/queue/news.js";

const me = "me";
const queue = (...ids) => ids.map((id) => ({ id, added_by: id === "mine" ? me : "other", track: { title: id.toUpperCase() }, locked: false, eta_ms: null }));
const locked = ([first, ...rest]) => [{ ...first, locked: true }, ...rest];
const told = (before, after, listening = true) => news(before, after, { me, listening }).map(({ words }) => words);

test("my own place comes before what others did", () => {
  const [first] = news(queue("a", "b", "mine"), queue("mine", "a", "b"), { me, listening: true }).sort((x, y) => x.rank - y.rank);
  assert.equal(first.words, "Yours is now 1st");
});

test("a lock is told by its title, mine as mine", () => {
  assert.deepEqual(told(queue("a", "b"), locked(queue("a", "b"))), ["Next is locked: A"]);
  assert.deepEqual(told(queue("mine", "b"), locked(queue("mine", "b"))), ["Yours is next"]);
});

test("who has nothing waiting and looks elsewhere hears of no moves", () => {
  assert.deepEqual(told(queue("a", "b"), queue("b", "a"), false), []);
  assert.deepEqual(told(queue("a", "b"), queue("b", "a"), true), ["1 track moved"]);
});

test("nothing changed, nothing said", () => {
  assert.deepEqual(told(locked(queue("a")), locked(queue("a"))), []);
});
