import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Heartbeat } from "../../../static/js/net/heartbeat.js";
import { ServerClock } from "../../../static/js/net/server-clock.js";
import { passes, restoreTime, stopTime } from "../browser.mjs";

/** By how much each of the device's clocks went on while its timers stood still. */
let slept, asked, clock, heart;

beforeEach(() => {
  stopTime();
  slept = { local: 0, wall: 0 };
  asked = 0;
  clock = new ServerClock({ local: () => Date.now() + slept.local });
  heart = new Heartbeat({
    clock,
    wall: () => Date.now() + slept.wall,
    send: ({ type }) => type === "clock" && (asked += 1) && heart.heard(),
    onDead: () => assert.fail("the line is well"),
  });
  heart.start();
});
afterEach(() => {
  heart.stop();
  restoreTime();
});

/** How often the server was asked for its time meanwhile. */
async function askedIn(ms) {
  const before = asked;
  await passes(ms, 100);
  return asked - before;
}

test("a new line compares the clocks five times within a second", async () => {
  assert.equal(await askedIn(1_000), 5);
});

test("from the moment that sound is made here the clocks are compared at once, and every second", async () => {
  await passes(1_000, 100);
  clock.eager = true;
  assert.equal(await askedIn(1_000), 20);
  await passes(1_000, 100);
  assert.equal(await askedIn(10_000), 10);
});

test("after that once in ten seconds is enough, and no burst comes of it", async () => {
  await passes(1_000, 100);
  assert.equal(await askedIn(30_000), 3);
});

for (const [what, clocks] of [
  ["stood still", { local: 0, wall: 60_000 }],
  ["went on", { local: 60_000, wall: 60_000 }],
]) {
  test(`after a sleep in which the device's steady clock ${what}, the clocks are compared anew`, async () => {
    await passes(5_000, 100);
    slept = clocks;
    assert.equal(await askedIn(2_000), 5);
    assert.equal(await askedIn(5_000), 0);
  });
}

test("a line that was closed asks nothing after a sleep", async () => {
  heart.stop();
  slept = { local: 60_000, wall: 60_000 };
  assert.equal(await askedIn(5_000), 0);
});
