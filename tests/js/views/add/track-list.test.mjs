import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { TrackList } from "../../../../static/js/views/add/track-list.js";
import { track } from "../../cast.mjs";
import { FakePart, fakeDocument } from "../../audio/fake-page.mjs";

beforeEach(() => (globalThis.document = fakeDocument()));
afterEach(() => delete globalThis.document);

test("what cannot be added now stands last over all pages, unless it waits and can be voted for", () => {
  const list = new TrackList(new FakePart(), { intents: {}, more() {} });
  const refusal = { code: "rests", message: "", until_ms: null };
  const page = (tracks, appended) => list.put({ tracks, more: false, appended, skipped: {}, staleSince: null });
  page([{ ...track(1), refusal }, { ...track(2), refusal, waiting_item: "i2" }, track(3)], false);
  page([track(4)], true);
  assert.deepEqual([...list.results.keys()], [2, 3, 4, 1].map((n) => track(n).uri));
});
