import assert from "node:assert/strict";
import { test } from "node:test";

import { messagesAround, reasonsWords } from "../../../../static/js/views/chat/reports-sheet.js";

const message = (n, state = "shown") => ({ id: String(n), member: "m1", at_ms: n, text: `Line ${n}`, mentions: [], state, hidden_by: null });
const ids = (messages) => messages.map(({ id }) => Number(id));

test("a reported message comes with two before and one after it that can be read", () => {
  const messages = [message(1), message(2), message(3, "hidden"), message(4), message(5), message(6, "deleted"), message(7), message(8)];
  const { before, after } = messagesAround(messages, "5");
  assert.deepEqual([ids(before), ids(after)], [[2, 4], [7]]);
});

test("around a message that the page does not know stands nothing", () => {
  assert.deepEqual(messagesAround([message(1)], "9"), { before: [], after: [] });
});

test("the same reason of several people is read once", () => {
  assert.equal(reasonsWords({ count: 3, reasons: ["Spam", "Spam", "Rude"] }), "3 people: “Spam”, “Rude”");
  assert.equal(reasonsWords({ count: 1, reasons: ["Spam"] }), "1 person: “Spam”");
});
