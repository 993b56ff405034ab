import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Api } from "../../../../static/js/net/api.js";
import { QueueRemote } from "../../../../static/js/views/queue/queue-remote.js";
import { fakeFetch, json, refusal } from "../../browser.mjs";
import { item } from "../../cast.mjs";

let answers, calls, refused, remote;

beforeEach(() => {
  [answers, refused] = [{}, []];
  const http = fakeFetch(({ path }) => answers[path.at(-1)] ?? json(null, { status: 204 }));
  calls = http.calls;
  remote = new QueueRemote({
    api: new Api({ fetch: http.fetch }), code: "KQ7F4M", toast: {}, announcer: {}, refused: (error) => refused.push(error.code),
  });
});

const all = [1, 2, 3, 4].map((number) => item(number));

test("of several that are taken out, those that have gone or play by now hold nothing up", async () => {
  answers = { 1: refusal(404, "unknown_item"), 3: refusal(409, "already_started") };
  assert.deepEqual(await remote.withdrawAll(all), { gone: 2, left: 0 });
  assert.deepEqual(refused, []);
});

test("what stands against all of them is said once, and the others stay", async () => {
  answers = { 2: refusal(429, "rate_limited"), 3: refusal(429, "rate_limited") };
  assert.deepEqual(await remote.withdrawAll(all), { gone: 1, left: 3 });
  assert.deepEqual(refused, ["rate_limited"]);
  assert.equal(calls.length, 2);
});

test("what is fixed to play next stays, and is counted", async () => {
  assert.deepEqual(await remote.withdrawAll([item(1, { locked: true }), item(2)]), { gone: 1, left: 1 });
  assert.equal(calls.length, 1);
});
