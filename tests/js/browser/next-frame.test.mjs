import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { NextFrame, restsUntil, TAP_MS } from "../../../static/js/browser/next-frame.js";
import { passes, restoreTime, stopTime } from "../browser.mjs";

let frames, drawn, next;

beforeEach(() => {
  stopTime();
  frames = [];
  drawn = 0;
  globalThis.requestAnimationFrame = (callback) => frames.push(callback);
  globalThis.cancelAnimationFrame = (number) => (frames[number - 1] = () => {});
  next = new NextFrame(() => (drawn += 1));
});
afterEach(() => {
  restoreTime();
  delete globalThis.requestAnimationFrame;
  delete globalThis.cancelAnimationFrame;
});

function frame() {
  for (const callback of frames.splice(0)) callback();
}

test("a frame that took 40 ms is followed by 120 ms without one, where a quarter of the time is its share", () => {
  assert.equal(restsUntil(1_000, 1_040, 1 / 4), 1_160);
});

test("a single slow frame stops drawing for a second at most", () => {
  assert.equal(restsUntil(1_000, 4_000, 1 / 8), 5_000);
});

test("while a finger is down, what was asked for waits, and then comes", async () => {
  next.ask();
  next.rest(TAP_MS);
  frame();
  assert.equal(drawn, 0);
  await passes(TAP_MS + 50);
  frame();
  assert.equal(drawn, 1);
});

test("what is asked for while a finger is down waits as well", () => {
  next.rest(TAP_MS);
  next.ask();
  frame();
  assert.equal(drawn, 0);
});
