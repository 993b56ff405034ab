import assert from "node:assert/strict";
import { test } from "node:test";

import { arrange } from "../../../../static/js/views/elements/keyed.js";

/** A parent that notes which of its children are put somewhere. */
class Parent {
  put = [];

  constructor(...children) {
    this.children = children;
  }

  insertBefore(node, next) {
    this.put.push(node);
    this.children = this.children.filter((child) => child !== node);
    this.children.splice(next === null ? this.children.length : this.children.indexOf(next), 0, node);
  }
}

const row = (name) => ({ name });
const [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map(row);

test("the fewest nodes are moved", () => {
  const parent = new Parent(a, b, c, d, e);
  arrange(parent, [b, c, d, e, a]);
  assert.deepEqual(parent.children, [b, c, d, e, a]);
  assert.deepEqual(parent.put, [a]);
});

test("the anchor is never moved, for it would lose the focus", () => {
  const parent = new Parent(a, b, c, d, e);
  arrange(parent, [b, c, d, e, a], a);
  assert.deepEqual(parent.children, [b, c, d, e, a]);
  assert.ok(!parent.put.includes(a));
});

test("nothing is touched where all stand right", () => {
  const parent = new Parent(a, b, c);
  arrange(parent, [a, b, c]);
  assert.deepEqual(parent.put, []);
});
