import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { Api, ApiError } from "../../../static/js/net/api.js";
import { refusalWords } from "../../../static/js/words/refusal.js";

let server, base, heard, answer;

/** A real server: what it heard is kept, `answer` says what comes back. */
before(async () => {
  server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    heard = { method: request.method, url: request.url, headers: request.headers, body };
    answer(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${server.address().port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const api = new Api({
  fetch: (path, options) => fetch(base + path, options),
  cookies: () => "theme=dark; csrftoken=abc%3D; other=1",
});

function says(status, body, headers = {}) {
  answer = (response) => response.writeHead(status, { "Content-Type": "application/json; charset=utf-8", ...headers }).end(body);
}

const OFFLINE = { status: 0, code: "offline", message: "No connection. Try again in a moment." };

function isApiError(facts) {
  return (error) => {
    assert.ok(error instanceof ApiError);
    const { status, code, message, retryAfter, untilMs } = error;
    assert.deepEqual({ status, code, message, retryAfter, untilMs }, { retryAfter: null, untilMs: null, ...facts });
    return true;
  };
}

test("a write carries JSON, the CSRF token and its key", async () => {
  says(201, '{"id": "i1"}');
  assert.deepEqual(await api.post("/queue", { uri: "library:1" }, { key: "k1" }), { id: "i1" });
  assert.equal(heard.method, "POST");
  assert.equal(heard.body, '{"uri":"library:1"}');
  assert.equal(heard.headers["content-type"], "application/json");
  assert.equal(heard.headers["x-csrftoken"], "abc=");
  assert.equal(heard.headers["idempotency-key"], "k1");
});

test("a read carries neither body nor token", async () => {
  says(200, "[1]");
  assert.deepEqual(await api.get("/queue"), [1]);
  assert.equal(heard.headers["x-csrftoken"], undefined);
  assert.equal(heard.body, "");
});

test("an answer without a body is null", async () => {
  says(204);
  assert.equal(await api.delete("/queue/i1"), null);
});

test("a refusal keeps its code, sentence and waiting time", async () => {
  says(429, '{"error": {"code": "rate_limited", "message": "Easy.", "retry_after": 4}}');
  await assert.rejects(
    api.put("/vote", { value: 1 }),
    isApiError({ status: 429, code: "rate_limited", message: "Easy.", retryAfter: 4 }),
  );
});

test("a refusal that time heals says until when", async () => {
  says(409, '{"error": {"code": "rests", "message": "It rests.", "until_ms": 1700000000000}}');
  await assert.rejects(api.post("/queue"), isApiError({ status: 409, code: "rests", message: "It rests.", untilMs: 1_700_000_000_000 }));
});

test("a refusal keeps which of the sentences of its code it is", async () => {
  const may = '{"error": {"code": "not_allowed", "detail": "may_not_add", "message": "No."}}';
  says(403, may);
  const error = await api.post("/queue").catch((refused) => refused);
  assert.equal(error.message, "Only the host and co-hosts add tracks in this room.");
  assert.equal(refusalWords(error.refusal), error.message);
});

test("the waiting time may also stand in the header", async () => {
  says(503, '{"error": {"code": "by_the_moon", "message": "Later."}}', { "Retry-After": "7" });
  await assert.rejects(
    api.get("/search"),
    isApiError({ status: 503, code: "by_the_moon", message: "Later.", retryAfter: 7 }),
  );
});

/** What portals, proxies and firewalls say in the place of the server. */
const ANSWERS_OF_OTHERS = [200, 401, 403, 404, 408, 425, 500, 502, 511, 520, 522, 530];

test("a page or JSON of somebody else is being offline, whatever its status", async () => {
  for (const status of ANSWERS_OF_OTHERS) {
    says(status, "<h1>Please log in</h1>", { "Content-Type": "text/html" });
    await assert.rejects(api.put("/vote", { value: 1 }), isApiError(OFFLINE));
    says(status, "null", { "Content-Type": "text/html" });
    await assert.rejects(api.get("/queue"), isApiError(OFFLINE));
  }
  for (const body of ["null", '{"error": "login"}', '{"message": "denied"}']) {
    says(403, body);
    await assert.rejects(api.get("/queue"), isApiError(OFFLINE));
  }
});

test("a redirect to another page is being offline", async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    says(status, "", { Location: "/login" });
    await assert.rejects(api.put("/vote", { value: 1 }), isApiError(OFFLINE));
  }
});

test("a server that cannot be reached is being offline", async () => {
  const lost = new Api({ fetch: () => fetch("http://127.0.0.1:1/") });
  await assert.rejects(lost.get("/"), isApiError(OFFLINE));
});

test("a server that does not answer in time is being offline", async () => {
  answer = () => {};
  const hasty = new Api({ fetch: (path, options) => fetch(base + path, options), timeoutMs: 20 });
  await assert.rejects(hasty.get("/slow"), isApiError(OFFLINE));
});

test("a call that its caller gave up says so and is not an error of the line", async () => {
  answer = () => {};
  const given = new AbortController();
  const call = api.get("/search", { signal: given.signal });
  given.abort(new Error("a newer search"));
  await assert.rejects(call, /a newer search/);
  await assert.rejects(api.get("/search", { signal: given.signal }), /a newer search/);
});

test("what did not change is not sent again", async () => {
  says(200, '{"revision": 4}', { ETag: '"4"' });
  assert.deepEqual(await api.getIfChanged("/room", null), { body: { revision: 4 }, etag: '"4"' });
  assert.equal(heard.headers["if-none-match"], undefined);
  says(304, undefined);
  assert.deepEqual(await api.getIfChanged("/room", '"4"'), { body: null, etag: '"4"' });
  assert.equal(heard.headers["if-none-match"], '"4"');
});
