import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Store } from "../../../../static/js/state/store.js";
import { Renderer } from "../../../../static/js/views/room/renderer.js";
import { passes, restoreTime, stopTime } from "../../browser.mjs";
import { events, snapshot, tally } from "../../cast.mjs";

let frames, store, renderer;

beforeEach(() => {
  stopTime();
  frames = [];
  globalThis.requestAnimationFrame = (callback) => frames.push(callback);
  globalThis.cancelAnimationFrame = (number) => (frames[number - 1] = () => {});
  store = new Store();
  store.receive(snapshot());
  const placing = { applied: (queue) => queue, active: false };
  renderer = new Renderer({ store, clock: { now: () => Date.now() }, votes: {}, placing });
});
afterEach(() => {
  restoreTime();
  delete globalThis.requestAnimationFrame;
  delete globalThis.cancelAnimationFrame;
});

/** The next animation frame. */
function frame() {
  for (const callback of frames.splice(0)) callback();
}

/** A view that reads with `read`, and how often it was drawn. */
function viewOf(read) {
  const view = { draws: 0, draw: (show) => (view.draws += Number(read(show) !== null)) };
  renderer.put(view);
  view.draws = 0;
  return view;
}

test("many frames of the server in one animation frame are drawn once", () => {
  const view = viewOf(({ queue }) => queue);
  for (let up = 2; up < 7; up += 1) store.receive(events(9 + up, tally("i1", up)));
  assert.equal(view.draws, 0);
  frame();
  assert.equal(view.draws, 1);
});

test("a view that reads nothing of what changed is not drawn", () => {
  const view = viewOf((show) => [show.members, show.can, show.state.sources]);
  store.receive(events(11, tally("i1", 2)));
  frame();
  assert.equal(view.draws, 0);
});

test("a hidden page gets no frames and is drawn all the same", async () => {
  const view = viewOf(({ queue }) => queue);
  store.receive(events(11, tally("i1", 2)));
  await passes(300);
  assert.equal(view.draws, 1);
});

test("a view that keeps its model reads there what is known now", () => {
  let kept;
  viewOf((show) => (kept = show).room);
  store.receive(events(11, tally("i1", 7)));
  frame();
  assert.equal(kept.queue[0].up, 7);
});

test("a change beside the store draws every view", () => {
  const view = viewOf(({ members }) => members.size);
  renderer.ask();
  frame();
  assert.equal(view.draws, 1);
});

test("while a finger is down nothing that others did is drawn", () => {
  const view = viewOf(({ queue }) => queue);
  store.receive(events(11, tally("i1", 2)));
  renderer.rest();
  frame();
  assert.equal(view.draws, 0);
});
