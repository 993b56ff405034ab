import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Api } from "../../../static/js/net/api.js";
import { newKey } from "../../../static/js/browser/keys.js";
import { Outbox } from "../../../static/js/net/outbox.js";
import { Store } from "../../../static/js/state/store.js";
import { FakeStorage, fakeFetch, json, noNetwork, passes, record, refusal, restoreTime, settled, stopTime } from "../browser.mjs";
import { snapshot } from "../cast.mjs";

let storage, window, store, calls, api, answer, outbox, told;

beforeEach(() => {
  stopTime();
  storage = new FakeStorage();
  window = new EventTarget();
  store = new Store();
  store.receive(snapshot());
  answer = voted;
  const http = fakeFetch((call) => answer(call));
  calls = http.calls;
  api = new Api({ fetch: http.fetch });
  outbox = open();
  told = record(outbox, "sent", "kept", "refused");
});
afterEach(restoreTime);

function open(more = {}) {
  return new Outbox({ code: "KQ7F4M", store, api, window, storage: () => storage, locks: undefined, ...more });
}

function voted({ body, path }) {
  return body.uri
    ? json({ id: `item of ${body.uri}`, my_vote: 1 }, { status: 201 })
    : json({ item: path.split("/").at(-2), up: 1, down: 0, score: 1, my_vote: body.value });
}

const kept = () => outbox.pending.map(({ itemId, value, uri }) => (uri ? uri : [itemId, value]));
const pendingVote = (box, item) => box.pending.find(({ itemId }) => itemId === item)?.value;
const bodies = () => calls.map(({ body }) => body);

test("a vote goes out at once as an absolute value", async () => {
  outbox.vote("i2", 1);
  assert.equal(pendingVote(outbox, "i2"), 1);
  await settled();
  assert.equal(calls[0].method, "PUT");
  assert.equal(calls[0].path, "/api/rooms/KQ7F4M/queue/i2/vote");
  assert.deepEqual(bodies(), [{ value: 1 }]);
  assert.equal(pendingVote(outbox, "i2"), undefined);
  assert.equal(told[0].answer.my_vote, 1);
});

test("an answered vote is mine in the state", async () => {
  outbox.vote("i2", -1);
  await settled();
  assert.deepEqual(store.state.me.votes, { i1: 1, i2: -1 });
});

test("while one vote is on its way only the last of the following goes out", async () => {
  let release;
  answer = (call) => new Promise((resolve) => (release = () => resolve(voted(call))));
  outbox.vote("i2", 1);
  await settled();
  outbox.vote("i2", -1);
  outbox.vote("i2", 0);
  assert.equal(pendingVote(outbox, "i2"), 0);
  assert.equal(calls.length, 1);
  release();
  await settled();
  release();
  await settled();
  assert.deepEqual(bodies(), [{ value: 1 }, { value: 0 }]);
  assert.deepEqual(outbox.pending, []);
});

test("votes for different items do not wait for each other", async () => {
  answer = () => new Promise(() => {});
  outbox.vote("i1", 1);
  outbox.vote("i2", 1);
  await settled();
  assert.equal(calls.length, 2);
});

test("without a network votes are kept, the last per item, and go out once", async () => {
  answer = noNetwork;
  outbox.vote("i1", 1);
  outbox.vote("i2", 1);
  outbox.vote("i1", -1);
  await settled();
  assert.deepEqual(kept(), [["i2", 1], ["i1", -1]]);
  assert.equal(told[0].name, "kept");
  calls.length = 0;
  answer = voted;
  await outbox.flush();
  assert.equal(calls.length, 2);
  assert.deepEqual(outbox.pending, []);
});

test("adds go out in order, each with the key of its intent", async () => {
  answer = noNetwork;
  const first = outbox.add("library:1");
  const second = outbox.add("library:2");
  await settled();
  calls.length = 0;
  answer = voted;
  await outbox.flush();
  assert.deepEqual(bodies(), [{ uri: "library:1" }, { uri: "library:2" }]);
  assert.deepEqual(calls.map(({ headers }) => headers["Idempotency-Key"]), [first.key, second.key]);
  assert.deepEqual(told.filter(({ name }) => name === "sent").map(({ answer }) => answer.my_vote), [1, 1]);
});

test("a retry of an add repeats its key", async () => {
  answer = () => (calls.length === 1 ? noNetwork() : voted(calls[1]));
  outbox.add("library:1");
  await passes(2_000);
  const [first, second] = calls.map(({ headers }) => headers["Idempotency-Key"]);
  assert.equal(first, second);
});

test("a double tap on add is one add", async () => {
  outbox.add("library:1");
  outbox.add("library:1");
  await settled();
  assert.equal(calls.length, 1);
});

test("what is kept survives a reload and goes out by itself", async () => {
  answer = noNetwork;
  const { key } = outbox.add("library:1");
  outbox.vote("i2", 1);
  await settled();
  answer = voted;
  calls.length = 0;
  const reloaded = open();
  assert.equal(pendingVote(reloaded, "i2"), 1);
  await settled();
  assert.equal(calls.find(({ method }) => method === "POST").headers["Idempotency-Key"], key);
  assert.deepEqual(reloaded.pending, []);
});

test("each room has its own outbox", async () => {
  answer = noNetwork;
  outbox.vote("i2", 1);
  await settled();
  assert.deepEqual(open({ code: "OTHER2" }).pending, []);
});

test("what was kept for half a day is an intent no more", async () => {
  answer = noNetwork;
  outbox.add("library:1");
  await passes(13 * 60 * 60 * 1000, 60 * 60 * 1000);
  assert.deepEqual(outbox.pending, []);
});

test("the return of the network sends what is kept", async () => {
  answer = noNetwork;
  outbox.vote("i2", 1);
  await settled();
  answer = voted;
  window.dispatchEvent(new Event("online"));
  await settled();
  assert.deepEqual(outbox.pending, []);
});

test("a snapshot, sign of a line that is back, sends what is kept", async () => {
  answer = noNetwork;
  outbox.vote("i2", 1);
  await settled();
  answer = voted;
  store.receive(snapshot({ revision: 12 }));
  await settled();
  assert.deepEqual(outbox.pending, []);
});

test("a refusal drops the entry and says why", async () => {
  answer = () => refusal(409, "already_started", "It plays already.");
  outbox.vote("i2", 1);
  await settled();
  assert.deepEqual(outbox.pending, []);
  assert.equal(told[0].name, "refused");
  assert.equal(told[0].error.message, "That track has already started, so its votes are closed.");
});

test("a limit is waited for as long as it says, and holds up only its own kind", async () => {
  answer = (call) => (call.body.uri ? refusal(429, "rate_limited", "Easy.", 20) : voted(call));
  outbox.add("library:1");
  await settled();
  assert.equal(told[0].name, "kept");
  assert.equal(told[0].error.retryAfter, 20);
  outbox.vote("i2", 1);
  await outbox.flush();
  await settled();
  assert.deepEqual(kept(), ["library:1"]);
  assert.equal(calls.length, 2);
  answer = voted;
  await passes(20_000, 500);
  assert.deepEqual(outbox.pending, []);
  assert.equal(calls.length, 3);
});

test("an answer that is not a decision of the server keeps the entry for another try", async () => {
  const page = (status) => () => new Response("<h1>Log in</h1>", { status, headers: { "Content-Type": "text/html" } });
  const answers = [
    ...[500, 502, 503, 504, 408, 425].map((status) => () => refusal(status, "unavailable")),
    ...[200, 401, 403, 404, 408, 425, 500, 502, 511, 520, 530].map(page),
    () => json({ login: "https://portal.example" }),
    () => json({ item: "another", my_vote: 1 }),
  ];
  for (const [index, undecided] of answers.entries()) {
    answer = undecided;
    outbox.vote("i2", 1);
    await settled();
    assert.deepEqual(kept(), [["i2", 1]], `answer ${index}`);
    answer = voted;
    await passes(2_000);
    assert.deepEqual(outbox.pending, [], `answer ${index}`);
  }
});

test("what the server itself fails at again and again is refused in the end", async () => {
  answer = () => refusal(500, "server_error");
  outbox.add("library:1");
  await passes(300_000);
  assert.deepEqual(outbox.pending, []);
  assert.equal(calls.length, 5);
  assert.equal(told.at(-1).error.code, "server_error");
});

test("being kept is told once, however often it is tried", async () => {
  answer = noNetwork;
  outbox.vote("i2", 1);
  await passes(20_000, 500);
  assert.ok(calls.length > 2);
  assert.equal(told.length, 1);
});

test("two tabs with locks send each entry once", async () => {
  const locks = new Locks();
  answer = noNetwork;
  outbox.add("library:1");
  outbox.vote("i2", 1);
  await settled();
  calls.length = 0;
  answer = async (call) => (await settled(), voted(call));
  open({ locks });
  open({ locks });
  for (let turn = 0; turn < 20; turn += 1) await settled();
  assert.equal(calls.length, 2);
});

test("locks that are refused are done without", async () => {
  const locks = { request: async () => Promise.reject(new Error("SecurityError")) };
  const one = open({ locks });
  one.vote("i2", 1);
  await settled();
  assert.equal(calls.length, 1);
});

test("without a storage it works as long as the page lives", async () => {
  const one = open({ storage: () => { throw new Error("SecurityError"); } });
  answer = noNetwork;
  one.vote("i2", 1);
  await settled();
  assert.equal(pendingVote(one, "i2"), 1);
  answer = voted;
  await one.flush();
  assert.deepEqual(one.pending, []);
});

test("a storage full of something else is an empty outbox", () => {
  storage.setItem("beatsync:outbox:KQ7F4M", "{not json");
  assert.deepEqual(open().pending, []);
});

test("a write of another tab is a change here", () => {
  const changes = record(outbox, "change");
  window.dispatchEvent(Object.assign(new Event("storage"), { key: "beatsync:outbox:KQ7F4M" }));
  window.dispatchEvent(Object.assign(new Event("storage"), { key: "something else" }));
  assert.equal(changes.length, 1);
});

test("keys are made on plain http too, where randomUUID is missing", () => {
  const insecure = { getRandomValues: (bytes) => crypto.getRandomValues(bytes) };
  const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.match(newKey(insecure), shape);
  assert.match(newKey(), shape);
  assert.notEqual(newKey(insecure), newKey(insecure));
});

/** navigator.locks of one browser: one holder per name, the others in line. */
class Locks {
  #lines = new Map();

  request(name, work) {
    const turn = (this.#lines.get(name) ?? Promise.resolve()).then(work);
    this.#lines.set(name, turn.catch(() => {}));
    return turn;
  }
}

const written = ({ body }) => json({ id: `of ${body.text}`, text: body.text }, { status: 201 });

test("messages go out one after the other, each under its own key", async () => {
  answer = written;
  outbox.post("Hello", ["m3"]);
  outbox.post("Again", []);
  await settled();
  assert.deepEqual(calls.map(({ method, path }) => [method, path]), Array(2).fill(["POST", "/api/rooms/KQ7F4M/chat"]));
  assert.deepEqual(bodies(), [{ text: "Hello", mentions: ["m3"] }, { text: "Again", mentions: [] }]);
  assert.notEqual(calls[0].headers["Idempotency-Key"], calls[1].headers["Idempotency-Key"]);
});

test("a message that came too early in slow mode is kept and sent when it may go", async () => {
  answer = () => refusal(429, "slow_mode", "Slow chat.", 8);
  outbox.post("Hello", []);
  await settled();
  assert.equal(outbox.pending.length, 1);
  answer = written;
  await passes(8_100);
  assert.equal(told.at(-1).name, "sent");
  assert.deepEqual(outbox.pending, []);
});
