import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Store } from "../../../static/js/state/store.js";
import { events, item, member, playing, snapshot } from "../cast.mjs";

let revision, store;

beforeEach(() => {
  revision = 10;
  store = new Store();
  store.receive(snapshot({ playback: playing(1, 1_000) }));
});

const happen = (...list) => {
  store.receive(events(revision + 1, ...list));
  revision += list.length;
};
const joined = (id) => ({ type: "member.joined", member: member(id) });
const posted = (id) => ({
  type: "chat.posted",
  message: { id, member: "m1", at_ms: 1, text: "Hi", mentions: [], state: "shown", hidden_by: null },
});
const plays = (n, starts_at_ms) => ({ type: "playback.changed", playback: playing(n, starts_at_ms) });
const lines = () => store.state.activity.map(({ kind, after, members, titles, count }) => [kind, after, members, titles, count]);

test("those who join between two messages are one line", () => {
  happen(joined("m4"), joined("m5"), posted("7"), joined("m6"), joined("m6"));
  assert.deepEqual(lines(), [["joined", null, ["m4", "m5"], [], 2], ["joined", "7", ["m6"], [], 1]]);
});

test("a thousand who join name twenty and count all", () => {
  for (let n = 0; n < 1000; n += 1) happen(joined(`n${n}`));
  assert.equal(store.state.activity.length, 1);
  assert.deepEqual([store.state.activity[0].members.length, store.state.activity[0].count], [20, 1000]);
});

test("added tracks are one line with their people; a row of the shelf is none", () => {
  const added = (n, added_by) => ({ type: "queue.added", item: item(n, { added_by }), at: 0 });
  happen(added(7, "m2"), added(8, "m3"), added(9, null));
  assert.deepEqual(lines(), [["added", null, ["m2", "m3"], ["Track 7", "Track 8"], 2]]);
});

test("a track that follows in time is one line, the latest", () => {
  happen(plays(2, 101_000), plays(3, 201_000));
  assert.deepEqual(lines(), [["plays", null, ["m2"], ["Track 3"], 2]]);
});

test("a track that ends before its time was skipped", () => {
  happen(plays(2, 40_000));
  assert.deepEqual(lines().map(([kind, , , titles]) => [kind, titles]), [["skipped", ["Track 1"]], ["plays", ["Track 2"]]]);
});

test("a track that would not play was skipped by nobody", () => {
  happen(plays(2, 40_000), { type: "incident.noted", incident: { kind: "would_not_play", title: "Track 1" } });
  assert.deepEqual(lines().map(([kind]) => kind), ["plays"]);
});

test("a pause and the same track going on are no lines", () => {
  happen({ type: "playback.changed", playback: playing(1, null, { state: "paused", position_ms: 5 }) }, plays(1, 9_000));
  assert.deepEqual(lines(), []);
});

test("the lines are few however long the room goes on", () => {
  for (let n = 0; n < 300; n += 1) happen(joined(`n${n}`), posted(String(n)));
  assert.equal(store.state.activity.length, 100);
});
