import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { WakeLock } from "../../../static/js/audio/wake-lock.js";
import { settled } from "../browser.mjs";

let locks, requests, page, refuses, lock;

beforeEach(() => {
  locks = [];
  requests = 0;
  refuses = false;
  page = Object.assign(new EventTarget(), { hidden: false });
  lock = new WakeLock({ navigator: { wakeLock: { request } }, document: page });
});

async function request() {
  requests += 1;
  if (refuses) throw new Error("NotAllowedError");
  const one = { released: false, release: async () => void (one.released = true) };
  locks.push(one);
  return one;
}

/** The browser takes the lock from a page that is hidden. */
async function hides(hidden) {
  page.hidden = hidden;
  if (hidden) for (const one of locks) one.released = true;
  page.dispatchEvent(new Event("visibilitychange"));
  await settled();
}

const held = () => locks.filter(({ released }) => !released).length;

test("until there is a task the screen may go off", async () => {
  await hides(true);
  await hides(false);
  assert.equal(requests, 0);
});

test("however often it is asked for, there is one request at a time", async () => {
  lock.hold();
  lock.hold();
  await settled();
  lock.hold();
  await settled();
  assert.deepEqual([requests, held()], [1, 1]);
});

test("when the task is over the screen may go off again", async () => {
  lock.hold();
  await settled();
  lock.release();
  await settled();
  assert.equal(held(), 0);
});

test("a lock that comes when the task is over is given back", async () => {
  lock.hold();
  lock.release();
  await settled();
  assert.deepEqual([requests, held()], [1, 0]);
});

test("a page that is seen again asks again, a hidden one does not", async () => {
  lock.hold();
  await settled();
  await hides(true);
  assert.deepEqual([requests, held()], [1, 0]);
  await hides(false);
  assert.deepEqual([requests, held()], [2, 1]);
});

test("a device that refuses is asked again when the page is seen again", async () => {
  refuses = true;
  lock.hold();
  await settled();
  assert.equal(held(), 0);
  refuses = false;
  await hides(false);
  assert.equal(held(), 1);
});
