import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Store } from "../../../static/js/state/store.js";
import { events, snapshot } from "../cast.mjs";

const message = (n, facts = {}) => ({
  id: String(n), member: "m1", at_ms: n, text: `Line ${n}`, mentions: ["m2"], state: "shown", hidden_by: null, ...facts,
});
const posted = (n) => ({ type: "chat.posted", message: message(n) });

let asked, store;

beforeEach(() => {
  asked = 0;
  store = new Store({ onGap: () => (asked += 1) });
  store.receive(snapshot({ chat: [message(1), message(2)] }));
});

test("a message comes last, and as many are kept as a snapshot has", () => {
  store.receive(events(11, ...Array.from({ length: 60 }, (_, n) => posted(n + 3))));
  assert.equal(store.state.chat.length, 50);
  assert.equal(store.state.chat.at(-1).id, "62");
});

test("a hidden message loses its text until it is shown again", () => {
  store.receive(events(11, { type: "chat.hidden", messages: ["2", "900"], by: "m1" }));
  assert.deepEqual(store.state.chat, [message(1), message(2, { text: "", mentions: [], state: "hidden", hidden_by: "m1" })]);
  store.receive(events(12, { type: "chat.shown", messages: [message(2)] }));
  assert.deepEqual(store.state.chat, [message(1), message(2)]);
});

test("a deleted message loses its text", () => {
  store.receive(events(11, { type: "chat.deleted", message: "1" }));
  assert.deepEqual(store.state.chat[0], message(1, { text: "", mentions: [], state: "deleted" }));
});

test("what happens to a message older than those here changes nothing", () => {
  const before = store.state.chat;
  store.receive(events(11, { type: "chat.deleted", message: "0" }));
  assert.equal(store.state.chat, before);
});

test("a message that is here already asks for a snapshot", () => {
  store.receive(events(11, posted(2)));
  assert.equal(asked, 1);
});
