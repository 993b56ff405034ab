import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { ServerClock } from "../../static/js/clock.js";

let local, clock;

beforeEach(() => {
  local = 1_000;
  clock = new ServerClock({ local: () => local });
});

/** One exchange over a way of `there` and `back` ms with a server ahead by `offset`. */
function exchange(offset, there = 10, back = there) {
  const sent = local;
  local += there + back;
  clock.sample(sent, sent + there + offset, sent + there + offset, local);
}

const near = (value, wanted, by = 1) => assert.ok(Math.abs(value - wanted) <= by, `${value} is not near ${wanted}`);

test("one exchange gives the offset of an even way", () => {
  exchange(50_000, 20);
  assert.equal(clock.offset_ms, 50_000);
  assert.equal(clock.now(), local + 50_000);
  assert.equal(clock.uncertainty_ms, 20);
});

test("before any exchange the page's own time of the server is used", () => {
  const seeded = new ServerClock({ serverMs: 9_000_000, local: () => local });
  local += 500;
  assert.equal(seeded.now(), 9_000_500);
  assert.equal(seeded.uncertainty_ms, Infinity);
});

test("of several written times the one that travelled least counts", () => {
  clock.seed(500_000);
  local += 100;
  clock.seed(500_400);
  local += 100;
  clock.seed(500_450);
  assert.equal(clock.now(), 500_500);
});

test("without a word from the server the device's wall clock stands in", () => {
  assert.equal(new ServerClock({ local: () => local, wall: () => 77_000 }).now(), 77_000);
});

test("the quickest exchanges win over slow and lopsided ones", () => {
  for (let turn = 0; turn < 5; turn += 1) exchange(50_000, 5);
  for (let turn = 0; turn < 10; turn += 1) exchange(50_000, 400, 20);
  assert.equal(clock.offset_ms, 50_000);
});

test("a lopsided first exchange is corrected by the next good one", () => {
  exchange(50_000, 300, 10);
  exchange(50_000, 8);
  near(clock.offset_ms, 50_000);
});

test("a small correction is worked in without standing still or running back", () => {
  exchange(50_000, 30, 0);
  const shown = clock.now();
  exchange(50_000, 2);
  let before = clock.now();
  near(before, shown + 4, 2);
  for (let turn = 0; turn < 100; turn += 1) {
    local += 10;
    const now = clock.now();
    assert.ok(now > before);
    before = now;
  }
  assert.equal(clock.now(), local + 50_000);
});

test("a large correction is taken at once", () => {
  exchange(50_000, 200, 0);
  exchange(50_000, 2);
  near(clock.now(), local + 50_000);
});

test("after a sleep the newest exchange overrules all before it", () => {
  for (let turn = 0; turn < 20; turn += 1) exchange(50_000, 3);
  exchange(3_650_000, 40);
  assert.equal(clock.offset_ms, 3_650_000);
});

test("old exchanges are forgotten, so a slow drift is followed", () => {
  for (let turn = 0; turn < 60; turn += 1) {
    exchange(50_000 + turn / 2, 5);
    local += 10_000;
  }
  near(clock.offset_ms, 50_030, 12);
});

test("an exchange that cannot be is ignored", () => {
  exchange(50_000);
  clock.sample(local, NaN, 1, local + 5);
  clock.sample(local, 1, 1, local - 5);
  clock.sample(local, 1_000, 9_000, local + 5);
  assert.equal(clock.offset_ms, 50_000);
});

test("whole milliseconds on a way of no length still count", () => {
  clock.sample(1_000, 61_000, 61_001, 1_000.4);
  near(clock.offset_ms, 60_000, 1);
  assert.ok(clock.uncertainty_ms < 1);
});

test("a change of the device's wall clock moves nothing", () => {
  let wall = 5;
  const steady = new ServerClock({ local: () => local, wall: () => wall });
  steady.seed(70_000);
  wall = 9_999_999;
  assert.equal(steady.now(), 70_000);
});
