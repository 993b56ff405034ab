import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { PARTS } from "../../../static/js/state/parts/index.js";
import { Store } from "../../../static/js/state/store.js";
import { events, snapshot, tally } from "../cast.mjs";

/** A part as a feature brings it: nothing else knows of applause. */
const applause = {
  name: "applause",
  empty: Object.freeze({ claps: 0 }),
  reducers: { "applause.heard": (known, { claps }) => ({ ...known, claps: known.claps + claps }) },
  fits: (known, event) => event.type !== "applause.heard" || event.after === known.claps,
  mine: { clapped: { empty: false, reducers: { "me.clapped": () => true } } },
  derive: (state) => {
    const isLoud = state.applause.claps > state.members.length;
    return state.applause.isLoud === isLoud ? state : { ...state, applause: { ...state.applause, isLoud } };
  },
};
const heard = (after, claps) => ({ type: "applause.heard", after, claps });

let asked, store;

beforeEach(() => {
  asked = 0;
  store = new Store({ parts: [...PARTS, applause], onGap: () => (asked += 1) });
});

test("a new part is there before the first snapshot, and where the server knows nothing of it", () => {
  assert.deepEqual(store.state.applause, { claps: 0 });
  store.receive(snapshot());
  assert.deepEqual(store.state.applause, { claps: 0, isLoud: false });
  assert.equal(store.state.me.clapped, false);
});

test("a new part is read from the snapshot, and its events change it alone", () => {
  store.receive(snapshot({ applause: { claps: 2 } }));
  const before = store.state;
  store.receive(events(11, heard(2, 5), tally("i1", 9)));
  assert.deepEqual(store.state.applause, { claps: 7, isLoud: true });
  assert.equal(store.state.queue[0].score, 9);
  assert.equal(store.state.members, before.members);
});

test("an event that does not fit a new part asks for a snapshot", () => {
  store.receive(snapshot({ applause: { claps: 2 } }));
  store.receive(events(11, heard(2, 1)));
  assert.equal(asked, 0);
  store.receive(events(12, heard(9, 1)));
  assert.equal(asked, 1);
});

test("what a new part knows of me alone stands beside my votes", () => {
  store.receive(snapshot());
  store.receive(events(11, { type: "me.clapped" }));
  assert.deepEqual(store.state.me, { ...snapshot().me, clapped: true });
});
