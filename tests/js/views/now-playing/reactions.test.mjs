import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Reactions, timesOf } from "../../../../static/js/views/now-playing/reactions.js";
import { passes, restoreTime, stopTime } from "../../browser.mjs";
import { can, playing, snapshot } from "../../cast.mjs";

/** A key of the page, as far as a tap needs one. */
class FakeKey {
  constructor(reaction) {
    this.dataset = { reaction };
  }
  closest() {
    return this;
  }
  hidden = true;
  attributes = new Map();
  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }
  setAttribute(name, value) {
    this.attributes.set(name, value);
  }
  removeAttribute(name) {
    this.attributes.delete(name);
  }
  addEventListener(_, handler) {
    this.tap = handler;
  }
}

let given, key, root, tap;

beforeEach(() => {
  stopTime();
  globalThis.HTMLElement = FakeKey;
  given = [];
  key = new FakeKey();
  root = new FakeKey();
  root.querySelectorAll = () => [];
  const reactions = new Reactions(root, { key, react: (...one) => given.push(one), now: () => Date.now() });
  tap = (reaction) => root.tap({ target: new FakeKey(reaction) });
  reactions.draw({ state: snapshot(), playback: playing(1, 0), can: can("listener") });
});
afterEach(() => {
  restoreTime();
  delete globalThis.HTMLElement;
});

test("a second tap within a second is no other reaction", async () => {
  tap("fire");
  tap("love");
  await passes(1_000);
  tap("clap");
  assert.deepEqual(given, [["i1", "fire"], ["i1", "clap"]]);
});

test("who may not react sees no keys for it", () => {
  assert.equal(root.hidden, false);
  const reactions = new Reactions(root, { key, react() {} });
  reactions.draw({ state: snapshot(), playback: playing(1, 0), can: can("listener", { react: false }) });
  assert.deepEqual([root.hidden, key.hidden], [true, true]);
});

test("a key opens them where they have no place of their own, and closes them again", () => {
  key.tap();
  assert.deepEqual([root.getAttribute("data-open"), key.getAttribute("aria-expanded")], ["", "true"]);
  key.tap();
  assert.deepEqual([root.getAttribute("data-open"), key.getAttribute("aria-expanded")], [null, "false"]);
});

test("counts stand while the track plays that they were given to", () => {
  const reactions = { subject: "i1", counts: { fire: 2 } };
  assert.deepEqual(timesOf(reactions, "i1"), { fire: 2 });
  assert.deepEqual(timesOf(reactions, "i2"), {});
  assert.deepEqual(timesOf({ subject: null, counts: {} }, "i1"), {});
});
