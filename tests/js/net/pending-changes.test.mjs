import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { PendingChanges } from "../../../static/js/net/pending-changes.js";
import { passes, record, restoreTime, settled, stopTime } from "../browser.mjs";

/** A server that answers when the test says so. */
function server() {
  const asked = [];
  const send = (values) => new Promise((answer, refuse) => asked.push({ values, answer, refuse }));
  return { asked, changes: new PendingChanges(send) };
}

beforeEach(() => stopTime());
afterEach(() => restoreTime());

test("five taps on a step are one request with the last value", async () => {
  const { asked, changes } = server();
  for (const value of [2, 3, 4, 5, 6]) {
    changes.put("open_requests", value, 400);
    await passes(100);
  }
  assert.deepEqual(asked, []);
  await passes(300);
  assert.deepEqual(asked.map(({ values }) => values), [{ open_requests: 6 }]);
});

test("a change made while another is under way follows it", async () => {
  const { asked, changes } = server();
  changes.put("mode", "fair");
  await passes(50);
  changes.put("mode", "host");
  await passes(50);
  assert.equal(asked.length, 1);
  asked[0].answer();
  await settled();
  assert.deepEqual(asked.map(({ values }) => values.mode), ["fair", "host"]);
});

test("what is not yet answered counts as on its way", async () => {
  const { asked, changes } = server();
  changes.put("explicit", false);
  assert.ok(changes.has("explicit"));
  await passes(50);
  assert.ok(changes.has("explicit"));
  asked[0].answer();
  await settled();
  assert.ok(!changes.has("explicit"));
});

test("a refused change is told with its names and not tried again", async () => {
  const { asked, changes } = server();
  const seen = record(changes, "saved", "refused");
  changes.put("rest_min", 80);
  await passes(50);
  const error = new Error("Only the host can do that.");
  asked[0].refuse(error);
  await passes(1_000);
  assert.deepEqual(seen, [{ name: "refused", names: ["rest_min"], error }]);
  assert.equal(asked.length, 1);
});

test("what was dropped in time is never sent", async () => {
  const { asked, changes } = server();
  changes.put("open_requests", 5, 400);
  changes.drop();
  changes.put("preset", "office");
  await passes(500);
  assert.deepEqual(asked.map(({ values }) => values), [{ preset: "office" }]);
});
