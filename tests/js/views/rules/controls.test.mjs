import assert from "node:assert/strict";
import { test } from "node:test";

import { meant } from "../../../../static/js/views/rules/controls.js";

test("what a form says is told to the API in its own words", () => {
  assert.equal(meant("none"), null);
  assert.equal(meant("0"), 0);
  assert.equal(meant("80"), 80);
  assert.equal(meant("on"), true);
  assert.equal(meant("off"), false);
  assert.equal(meant("everyone"), "everyone");
});
