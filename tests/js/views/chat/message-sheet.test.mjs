import assert from "node:assert/strict";
import { test } from "node:test";

import { messageActs } from "../../../../static/js/views/chat/message-sheet.js";
import { can, memberInView, snapshot } from "../../cast.mjs";

const members = new Map([["m1", { role: "host" }], ["m2", { role: "cohost" }], ["m3", { role: "listener" }], ["m4", { role: "listener" }]].map(([id, facts]) => [id, memberInView(id, facts)]));
const message = (member, facts = {}) => ({ id: "7", member, at_ms: 1, text: "Hi", mentions: [], state: "shown", hidden_by: null, ...facts });

/** The acts that this member has on a message. */
function actsOf(id, about, reports = []) {
  const { role } = members.get(id);
  const acts = messageActs(about, { me: { id, role }, can: can(role), room: snapshot().room, members, state: { reports } });
  return Object.entries(acts).filter(([, may]) => may).map(([name]) => name);
}

test("a listener answers and reports others, and deletes what is their own", () => {
  assert.deepEqual(actsOf("m3", message("m4")), ["mention", "report"]);
  assert.deepEqual(actsOf("m3", message("m3")), ["delete"]);
});

test("a co-host hides what listeners write, and nothing of the host", () => {
  assert.deepEqual(actsOf("m2", message("m3")), ["mention", "hide", "mute", "hideAll"]);
  assert.deepEqual(actsOf("m2", message("m1")), ["mention", "report"]);
});

test("a hidden message can be shown again by who may hide it", () => {
  const hidden = (member) => message(member, { state: "hidden", text: "" });
  assert.deepEqual(actsOf("m1", hidden("m3")), ["show"]);
  assert.deepEqual(actsOf("m3", hidden("m4")), []);
});

test("who moderates may leave what was reported", () => {
  const reports = [{ message: message("m3"), count: 2, reasons: ["Rude"] }];
  assert.ok(actsOf("m1", message("m3"), reports).includes("clear"));
  assert.ok(!actsOf("m4", message("m3"), reports).includes("clear"));
});
