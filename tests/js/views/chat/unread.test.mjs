import assert from "node:assert/strict";
import { test } from "node:test";

import { unreadOf } from "../../../../static/js/views/chat/unread.js";

const message = (id, facts = {}) => ({ id, member: "m1", at_ms: 1, text: "Hi", mentions: [], state: "shown", hidden_by: null, ...facts });

test("own, hidden and seen messages are not unread", () => {
  const messages = [message("9"), message("10"), message("11", { member: "me" }), message("12", { state: "hidden" }), message("13")];
  assert.deepEqual(unreadOf(messages, { seen: "9", me: "me" }), { count: 2, isMentioned: false });
});

test("an unread mention is told apart", () => {
  const messages = [message("9", { mentions: ["me"] }), message("10")];
  assert.equal(unreadOf(messages, { seen: "0", me: "me" }).isMentioned, true);
  assert.equal(unreadOf(messages, { seen: "9", me: "me" }).isMentioned, false);
});
