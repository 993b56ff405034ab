import assert from "node:assert/strict";
import { test } from "node:test";

import { initials, looks } from "../../../../static/js/views/elements/person.js";

test("the first sixty-four people all look different", () => {
  const seen = new Set(Array.from({ length: 64 }, (_, id) => JSON.stringify(looks(id))));
  assert.equal(seen.size, 64);
});

test("neighbours differ in shape and in hue", () => {
  for (let id = 0; id < 32; id += 1) {
    assert.notEqual(looks(id).shape, looks(id + 1).shape);
    assert.notEqual(looks(id).hue, looks(id + 1).hue);
  }
});

test("an id that is no figure has looks of its own, always the same", () => {
  const id = "6f9619ff-8b86-d011-b42d-00c04fc964ff";
  assert.deepEqual(looks(id), looks(id));
  assert.ok(looks(id).shape < 8 && looks(id).hue < 8);
});

test("initials are two letters of one name or one of each of two", () => {
  assert.equal(initials("Mika", 2), "Mi");
  assert.equal(initials("Quiet Otter", 2), "QO");
  assert.equal(initials("Quiet Otter", 1), "Q");
  assert.equal(initials("ليلى", 1), "ل");
  assert.equal(initials("  <b>x</b> ", 2), "Bx");
  assert.equal(initials("🎧", 2), "?");
  assert.equal(initials("", 2), "?");
});
