import assert from "node:assert/strict";
import { test } from "node:test";

import { canRemove } from "../../../../static/js/views/queue/queue-row.js";
import { can, item } from "../../cast.mjs";

test("a waiting track can be taken out by who added it and by who curates, and one that plays next by nobody", () => {
  const listener = can("listener");
  const host = can("host");
  const mine = item(1, { added_by: "m1" });
  assert.deepEqual([canRemove(mine, listener, "m1"), canRemove(mine, listener, "m2"), canRemove(mine, host, "m2")], [true, false, true]);
  assert.deepEqual([canRemove({ ...mine, added_by: null }, listener, "m1"), canRemove({ ...mine, locked: true }, host, "m1")], [false, false]);
});
