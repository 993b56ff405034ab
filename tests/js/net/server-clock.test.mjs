import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { ServerClock } from "../../../static/js/net/server-clock.js";

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
  near(clock.offset_ms, 50_000, 0.1);
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
  near(clock.now(), local + 50_000, clock.uncertainty_ms);
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

/** A line of 200 ± 50 ms each way: ten exchanges at once, then one each 2.5 s. */
function trembles(seed, turns, looked = () => {}) {
  const random = () => (seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
  for (let turn = 0; turn < turns; turn += 1) {
    exchange(50_000, 150 + 100 * random(), 150 + 100 * random());
    looked(turn);
    local += turn < 10 ? 100 : 2_500;
  }
}
const off = () => Math.abs(clock.now() - local - 50_000);

for (let seed = 1; seed <= 10; seed += 1) {
  test(`on a long line that trembles the clock is right to 40 ms at once, to 12 ms in a minute (line ${seed})`, () => {
    trembles(seed, 34, (turn) => turn < 9 || assert.ok(off() < 40, `off by ${off()} after ${turn}`));
    assert.ok(off() < 12, `off by ${off()}`);
  });
}

test("on a long line that trembles the clock is never further off than it says, and it does not say too much", () => {
  trembles(1, 60, () => assert.ok(off() <= clock.uncertainty_ms));
  near(clock.uncertainty_ms, 175, 25);
});

test("what a lopsided way hides is within what the clock says of itself", () => {
  for (let turn = 0; turn < 20; turn += 1) exchange(50_000, 250, 150);
  near(off(), 50);
  near(clock.uncertainty_ms, 200);
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
