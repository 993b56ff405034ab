import assert from "node:assert/strict";
import { test } from "node:test";

import { farewell } from "../../../../static/js/views/elements/room-closed.js";

const state = {
  room: { name: "Friday", state: "live", ended_at: null, host: "1" },
  me: { id: "2", banned: false },
  members: [{ id: "1", name: "Mika" }, { id: "2", name: "Ana" }],
};

test("a live room has no farewell", () => {
  assert.equal(farewell(null, state), null);
});

test("a removed person reads who can help", () => {
  assert.match(farewell(4403, state).lead, /talk to Mika/);
  assert.equal(farewell(null, { ...state, me: { ...state.me, banned: true } }).stop, true);
});

test("an ended room says its name and how many were there", () => {
  const notice = farewell(null, { ...state, room: { ...state.room, state: "ended" } });
  assert.equal(notice.title, "That was Friday");
  assert.equal(notice.band, "2 people");
});

test("a room that ended before one was in has ended, too", () => {
  assert.equal(farewell(4410, { room: null, me: null, members: [] }).title, "This room has ended");
});

test("who keeps no cookies reads that, and nothing of a host", () => {
  const { title, lead } = farewell("csrf", { room: null, me: null, members: [] });
  assert.match(lead, /cookies/);
  assert.doesNotMatch(title + lead, /host/);
});

test("an unknown room says what to check", () => {
  assert.match(farewell(4404, { room: null, me: null, members: [] }).lead, /last characters/);
});

test("a room that the site ended says why, and an older notice is not taken for that", () => {
  const room = { ...state.room, state: "ended", ended_at: 90_000 };
  assert.equal(farewell(null, { ...state, room, notice: { text: "Ended: Spam.", at_ms: 90_000 } }).lead, "Ended: Spam.");
  assert.equal(farewell(null, { ...state, room, notice: { text: "Fire drill", at_ms: 10 } }).lead, undefined);
});

test("who is banned from the site reads what the server says", () => {
  assert.equal(farewell("site_banned", { room: null, me: null, members: [] }, "This site banned you.").lead, "This site banned you.");
});
