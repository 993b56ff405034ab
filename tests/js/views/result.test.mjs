import assert from "node:assert/strict";
import { test } from "node:test";

import { placeOf } from "../../../static/js/views/result.js";
import { item, track } from "../cast.mjs";

const queue = [item(1), item(2), item(3)];

test("a found track waits where its own entry stands, else where its other spelling does", () => {
  assert.equal(placeOf({ ...track(2), waiting_item: "i3" }, queue), 1);
  assert.equal(placeOf({ ...track(9), waiting_item: "i3" }, queue), 2);
  assert.equal(placeOf({ ...track(9), waiting_item: "i9" }, queue), -1);
  assert.equal(placeOf({ ...track(9), waiting_item: null }, queue), -1);
});
