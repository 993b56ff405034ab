import assert from "node:assert/strict";
import { test } from "node:test";

import { LastInput } from "../../../static/js/browser/input.js";

test("a key is what was used last, until a pointer is", () => {
  const page = new EventTarget();
  const input = new LastInput(page);
  assert.equal(input.isKey, false);
  page.dispatchEvent(new Event("keydown"));
  assert.equal(input.isKey, true);
  page.dispatchEvent(new Event("pointerdown"));
  assert.equal(input.isKey, false);
});
