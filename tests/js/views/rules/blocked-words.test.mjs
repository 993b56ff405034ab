import assert from "node:assert/strict";
import { test } from "node:test";

import { linesOf } from "../../../../static/js/views/rules/blocked-words.js";

test("each line is a word, and empty lines before it count", () => {
  assert.deepEqual(linesOf("spam\n\n  free money \n"), ["spam", "", "free money"]);
  assert.deepEqual(linesOf(" \n"), [""]);
});
