import assert from "node:assert/strict";
import { test } from "node:test";

import { readsWords } from "../../../../static/js/views/words/reads.js";

test("listeners read the rules by their codes and amounts", () => {
  const read = (code, values = {}) => readsWords({ reads: [""], reads_as: [{ code, values }] })[0];
  assert.equal(read("by_turns"), "Everyone gets turns, and votes move you up.");
  assert.equal(read("rest", { min: 30 }), "A track rests 30 min before it returns.");
  assert.equal(read("open_requests", { n: 1 }), "Up to 1 track of yours waits at once.");
  assert.equal(read("open_requests", { n: 3 }), "Up to 3 tracks of yours wait at once.");
});

test("a rule that this page does not know is told as the server says it", () => {
  assert.deepEqual(readsWords({ reads: ["It rains."], reads_as: [{ code: "of_tomorrow", values: {} }] }), ["It rains."]);
  assert.deepEqual(readsWords({ reads: ["It rains."] }), ["It rains."]);
});
