import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Store } from "../../../static/js/state/store.js";
import { events, snapshot } from "../cast.mjs";

const restriction = (member, kind, why = "spam") => ({ member, kind, why, by: "m1", at_ms: 1, until_ms: null, reach: "person" });
const entry = (number) => ({ id: `${number}`, at_ms: number, kind: "member.muted", by: "m1", by_name: "", target: "m2", why: "", facts: {}, undoable: true, undone_at_ms: null });

let store;

beforeEach(() => {
  store = new Store();
  store.receive(snapshot({ restrictions: [restriction("m2", "mute"), restriction("m3", "ban")], log: [entry(1)] }));
});

test("a mute on other terms stands in place of the one before", () => {
  store.receive(events(11, { type: "restriction.set", restriction: restriction("m2", "mute", "rude") }));
  assert.deepEqual(store.state.restrictions.map(({ member, why }) => [member, why]), [["m3", "spam"], ["m2", "rude"]]);
});

test("lifting a ban leaves the mute of the same person", () => {
  store.receive(events(11, { type: "restriction.set", restriction: restriction("m2", "ban") }, { type: "restriction.lifted", member: "m2", kind: "ban" }));
  assert.deepEqual(store.state.restrictions.map(({ member, kind }) => [member, kind]), [["m2", "mute"], ["m3", "ban"]]);
});

test("a muted person knows why and until when, and no more when it is lifted", () => {
  const mute = { why: "spam", until_ms: 5_000 };
  store.receive(events(11, { type: "me.muted", mute }));
  assert.deepEqual(store.state.me.mute, mute);
  store.receive(events(12, { type: "me.muted", mute: null }));
  assert.equal(store.state.me.mute, null);
});

test("the log has the latest first, and no more than a snapshot has", () => {
  store.receive(events(11, ...Array.from({ length: 25 }, (_, index) => ({ type: "log.added", entry: entry(index + 2) }))));
  assert.equal(store.state.log.length, 20);
  assert.equal(store.state.log[0].id, "26");
});

test("a flood of reports leaves the latest that a snapshot would have", () => {
  const report = (id) => ({ type: "chat.reported", report: { message: { id: `${id}` }, count: 1, reasons: ["Loud"] } });
  store.receive(events(11, ...Array.from({ length: 60 }, (_, index) => report(index + 1))));
  assert.deepEqual([store.state.reports.length, store.state.reports[0].message.id], [50, "11"]);
});

test("what was undone cannot be undone again", () => {
  store.receive(events(11, { type: "log.undone", entry: "1", undone_at_ms: 9 }));
  assert.deepEqual([store.state.log[0].undoable, store.state.log[0].undone_at_ms], [false, 9]);
});

test("an entry that has changed takes the place of the old one", () => {
  store.receive(events(11, { type: "log.added", entry: entry(2) }, { type: "log.changed", entry: { ...entry(1), undoable: false } }));
  assert.deepEqual(store.state.log.map(({ id, undoable }) => [id, undoable]), [["2", true], ["1", false]]);
});

test("who is no co-host is told neither", () => {
  store.receive(snapshot());
  assert.deepEqual([store.state.restrictions, store.state.log], [[], []]);
});
