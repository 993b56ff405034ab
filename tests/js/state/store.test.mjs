import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Store } from "../../../static/js/state/store.js";
import { passes, record, restoreTime, stopTime } from "../browser.mjs";
import { events, snapshot, tally } from "../cast.mjs";

let asked, store, changes;

beforeEach(() => {
  stopTime();
  asked = 0;
  store = new Store({ onGap: () => (asked += 1) });
  changes = record(store, "change");
  store.receive(snapshot());
});
afterEach(restoreTime);

const score = () => store.state.queue[0].score;

test("a snapshot replaces whatever was there", () => {
  store.receive(events(11, tally("i1", 9)));
  store.receive(snapshot({ revision: 5 }));
  assert.equal(store.state.revision, 5);
  assert.equal(score(), 1);
});

test("the next frame applies and is told once, with its events", () => {
  const frame = events(11, tally("i1", 2), tally("i1", 3));
  store.receive(frame);
  const [, change] = changes;
  assert.equal(changes.length, 2);
  assert.deepEqual(change.events, frame.events);
  assert.equal(change.previous.revision, 10);
  assert.equal(change.state, store.state);
});

test("a frame that was seen is dropped in silence", () => {
  store.receive(events(10, tally("i1", 9)));
  assert.equal(changes.length, 1);
  assert.equal(score(), 1);
});

test("a frame that comes early waits for the one before it", async () => {
  store.receive(events(12, tally("i1", 3)));
  assert.equal(score(), 1);
  store.receive(events(11, tally("i1", 2)));
  assert.equal(score(), 3);
  await passes(1_000);
  assert.equal(asked, 0);
});

test("early frames apply in order, whatever order they came in", () => {
  store.receive(events(13, tally("i1", 4)));
  store.receive(events(12, tally("i1", 3)));
  store.receive(events(11, tally("i1", 2)));
  assert.equal(score(), 4);
  assert.equal(changes.length, 4);
});

test("a hole that lasts asks for a snapshot, once", async () => {
  store.receive(events(12, tally("i1", 3)));
  await passes(200);
  assert.equal(asked, 0);
  store.receive(events(13, tally("i1", 4)));
  await passes(100);
  assert.equal(asked, 1);
  store.receive(events(14, tally("i1", 5)));
  await passes(2_000);
  assert.equal(asked, 1);
});

test("a new line may go on from what is known, but not over a hole or a doubt", async () => {
  assert.deepEqual(store.resumePoint, { revision: 10, member: store.state.me.id });
  store.receive(events(12, tally("i1", 3)));
  assert.equal(store.resumePoint, null);
  await passes(300);
  store.receive(snapshot({ revision: 12 }));
  assert.equal(store.resumePoint.revision, 12);
  store.receive(events(13, tally("not here", 3)));
  assert.equal(store.resumePoint, null);
  assert.equal(new Store().resumePoint, null);
});

test("the snapshot that was asked for takes early frames along", async () => {
  store.receive(events(13, tally("i1", 4)));
  await passes(300);
  store.receive(snapshot({ revision: 12 }));
  assert.equal(store.state.revision, 13);
  assert.equal(score(), 4);
  assert.equal(store.waiting, false);
});

test("events before the first snapshot wait for it", async () => {
  const fresh = new Store({ onGap: () => (asked += 1) });
  fresh.receive(events(11, tally("i1", 8)));
  fresh.receive(snapshot());
  assert.equal(fresh.state.queue[0].score, 8);
});

test("a frame that does not fit what is known asks for a snapshot at once", () => {
  store.receive(events(11, { type: "queue.ordered", items: ["i1"] }));
  assert.equal(asked, 1);
  assert.equal(store.state.queue.length, 3);
});

test("frames without a number apply while a hole waits", () => {
  store.receive(events(12, tally("i1", 3)));
  store.receive({ type: "presence", here: [] });
  assert.deepEqual(store.state.presence.here, []);
  assert.equal(store.state.revision, 10);
});

test("frames that are not about the room change nothing", () => {
  store.receive({ type: "error", code: "malformed", message: "No." });
  assert.equal(changes.length, 1);
});
