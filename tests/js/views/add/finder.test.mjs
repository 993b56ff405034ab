import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Finder } from "../../../../static/js/views/add/finder.js";
import { FakePart, fakeDocument } from "../../audio/fake-page.mjs";
import { passes, restoreTime, stopTime } from "../../browser.mjs";

beforeEach(() => {
  stopTime();
  globalThis.document = Object.assign(new EventTarget(), fakeDocument());
});
afterEach(() => {
  delete globalThis.document;
  restoreTime();
});

/** What stands below the field where a source has nothing for these words. */
async function noteFor(source, typed) {
  const root = new FakePart();
  const api = { get: async () => ({ items: [], next: null }) };
  const announcer = { say() {} };
  const finder = new Finder(root, { api, code: "KQ7F4M", source, everything: true, announcer, intents: {}, drawn() {}, elsewhere: () => "Try Spotify." });
  finder.ask(typed, { atOnce: true });
  await passes(1);
  return root.querySelector("[data-add-note]").textContent;
}

test("a source without anything for the words says so, and one without anything at all, too", async () => {
  assert.equal(await noteFor("library", "salt"), "No “salt” in the library. Try Spotify.");
  assert.equal(await noteFor("library", ""), "The library is empty.");
  assert.equal(await noteFor("radio", "salt"), "No “salt” at Radio.");
  assert.equal(await noteFor("radio", ""), "There is nothing at Radio yet.");
});
