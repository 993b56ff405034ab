import assert from "node:assert/strict";
import { test } from "node:test";

import { statusOf } from "../../../static/js/audio/recovery.js";

function answering(status, type) {
  return async () => new Response(null, { status, headers: type ? { "Content-Type": type } : {} });
}

test("only what the server itself says of a file counts", async () => {
  for (const [status, type, found] of [
    [200, "audio/mpeg", 200],
    [200, "text/html", 0],
    [200, null, 0],
    [404, "text/html", 404],
    [429, "application/json", 429],
    [503, "text/html", 503],
    [401, "text/html", 0],
    [403, "text/html", 0],
    [511, "text/html", 511],
  ]) {
    assert.equal(await statusOf("/media/audio/1", answering(status, type)), found, `${status} ${type}`);
  }
});

test("a server that cannot be asked has not answered", async () => {
  const redirected = async () => { throw new TypeError("redirect"); };
  assert.equal(await statusOf("/media/audio/1", redirected), 0);
});
