import assert from "node:assert/strict";
import { test } from "node:test";

import { findRoom, showRoom } from "../../../static/js/browser/tabs.js";

test("a tab learns that the room is open in another, and in which room", async () => {
  const room = showRoom("KQ7F4M");
  const other = findRoom("ABCDEF", () => assert.fail("that room is open nowhere"));
  await new Promise((found) => findRoom("KQ7F4M", found));
  room.close();
  other.close();
});
