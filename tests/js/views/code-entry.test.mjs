import assert from "node:assert/strict";
import { test } from "node:test";

import { codeOf } from "../../../static/js/views/code-entry.js";

test("spaces, dashes and case do not matter", () => {
  assert.equal(codeOf(" kq7-f4m "), "KQ7F4M");
  assert.equal(codeOf("KQ7 F4M and more"), "KQ7F4M");
  assert.equal(codeOf("kq"), "KQ");
});
