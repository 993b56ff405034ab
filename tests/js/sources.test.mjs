import assert from "node:assert/strict";
import { test } from "node:test";

import { awayOf, linkOf, spotifyOf } from "../../static/js/sources.js";
import { spotify, streamed, track } from "./cast.mjs";

test("tracks wait for a source that is away, not for one that is only slow to search", () => {
  assert.deepEqual([...awayOf([spotify({ state: "away" })])], ["spotify"]);
  assert.deepEqual([...awayOf([spotify({ state: "degraded" })]), ...awayOf([])], []);
});

test("a room without Spotify has none", () => {
  assert.equal(spotifyOf([]), null);
  assert.equal(spotifyOf([spotify()]).name, "spotify");
});

test("a track leads to its source by a safe address only, a library track nowhere", () => {
  assert.equal(linkOf(streamed(1)), streamed(1).link);
  assert.equal(linkOf({ ...streamed(1), link: "javascript:alert(1)" }), null);
  assert.equal(linkOf({ ...track(1), link: "https://example.org/" }), null);
});
