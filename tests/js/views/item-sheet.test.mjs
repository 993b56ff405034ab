import assert from "node:assert/strict";
import { test } from "node:test";

import { heldWords } from "../../../static/js/views/item-sheet.js";

test("held votes are told by their number, and nothing is said of why they are held", () => {
  assert.equal(heldWords(1), "1 vote of newcomers waits. It counts in at most 10 minutes.");
  assert.equal(heldWords(6), "6 votes of newcomers wait. They count in at most 10 minutes.");
});
