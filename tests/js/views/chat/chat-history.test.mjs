import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Store } from "../../../../static/js/state/store.js";
import { ChatHistory } from "../../../../static/js/views/chat/chat-history.js";
import { events, snapshot } from "../../cast.mjs";

const message = (n, facts = {}) => ({ id: String(n), member: "m1", at_ms: n, text: `Line ${n}`, mentions: [], state: "shown", hidden_by: null, ...facts });
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => message(from + n));
const posted = (n) => ({ type: "chat.posted", message: message(n) });

let asked, history, page, store;

beforeEach(() => {
  asked = [];
  page = { items: range(51, 100).reverse(), next: "51" };
  store = new Store();
  store.receive(snapshot({ chat: range(101, 150) }));
  history = new ChatHistory({ store, readPage: async (before) => (asked.push(before), page) });
});
const ids = () => history.messages.map(({ id }) => Number(id));

test("an older page comes before what is known, asked for once at a time", async () => {
  await Promise.all([history.loadOlder(), history.loadOlder()]);
  assert.deepEqual(asked, ["101"]);
  assert.deepEqual(ids(), range(51, 150).map(({ id }) => Number(id)));
  assert.equal(history.hasOlder, true);
});

test("the last page says that there are no older ones", async () => {
  page = { items: range(100, 100), next: null };
  await history.loadOlder();
  assert.equal(history.hasOlder, false);
});

test("a message that has slid out of the state stays, and is hidden with the others", () => {
  store.receive(events(11, posted(151), { type: "chat.hidden", messages: ["101"], by: "m1" }));
  assert.equal(history.messages.length, 51);
  assert.equal(history.messages[0].state, "hidden");
});

test("an answered message and the event that tells of it are one message", () => {
  history.addAnswered(message(152));
  store.receive(events(11, posted(151), posted(152)));
  assert.deepEqual(ids().slice(-2), [151, 152]);
  assert.equal(history.messages.length, 52);
});

test("a snapshot with the same messages keeps the older ones, and any other forgets them", async () => {
  await history.loadOlder();
  store.receive(snapshot({ revision: 20, chat: range(101, 150) }));
  assert.equal(history.messages.length, 100);
  store.receive(snapshot({ revision: 30, chat: range(102, 151) }));
  assert.equal(history.messages.length, 50);
  assert.equal(history.hasOlder, true);
});

test("a page that no longer joins what is known is left out", async () => {
  const loading = history.loadOlder();
  store.receive(snapshot({ revision: 30, chat: range(201, 250) }));
  await loading;
  assert.equal(ids()[0], 201);
});

test("of very many the oldest are forgotten, once nobody reads them", () => {
  store.receive(events(11, ...Array.from({ length: 2_001 }, (_, n) => posted(151 + n))));
  assert.equal(history.messages.length, 2_051);
  assert.equal(history.hasOlder, true);
  history.forgetOldest();
  assert.deepEqual([history.messages.length, history.hasOlder, ids()[0]], [2_000, true, 152]);
});
