import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Api } from "../../../static/js/net/api.js";
import { join } from "../../../static/js/net/join.js";
import { fakeFetch, json, noNetwork, passes, refusal, restoreTime, stopTime } from "../browser.mjs";

let answer, calls, waits, outcome;

beforeEach(() => stopTime());
afterEach(restoreTime);

async function joins(first) {
  answer = first;
  const http = fakeFetch((call) => answer(call));
  calls = http.calls;
  waits = [];
  outcome = undefined;
  const api = new Api({ fetch: http.fetch });
  join({ api, code: "KQ7F4M", waits: ({ message }, ms) => waits.push([message, ms]) }).then((reason) => (outcome = reason));
  await passes(0);
}

const joined = () => json({});

test("a room that lets one in is asked once", async () => {
  await joins(joined);
  assert.equal(outcome, null);
  assert.deepEqual(calls.map(({ path, method }) => `${method} ${path}`), ["POST /api/rooms/KQ7F4M/join"]);
});

test("too many at once: the page says so, waits as long as it was told, and joins", async () => {
  await joins(() => refusal(429, "rate_limited", "Many people join.", 7));
  assert.deepEqual(waits, [["Many people join.", 7_000]]);
  answer = joined;
  await passes(6_900);
  assert.equal(calls.length, 1);
  await passes(200);
  assert.equal(outcome, null);
});

test("without a line it is tried again, for ever", async () => {
  await joins(noNetwork);
  await passes(9_100);
  assert.equal(calls.length, 4);
  assert.equal(outcome, undefined);
  answer = joined;
  await passes(3_000);
  assert.equal(outcome, null);
});

for (const [status, code, reason] of [
  [409, "room_ended", 4410], [403, "banned", 4403], [404, "unknown_room", 4404], [403, "csrf", "csrf"],
]) {
  test(`"${code}" is the last word`, async () => {
    await joins(() => refusal(status, code));
    assert.equal(outcome, reason);
    await passes(10_000);
    assert.equal(calls.length, 1);
    assert.deepEqual(waits, []);
  });
}
