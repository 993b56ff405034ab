import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Announcer } from "../../../../static/js/views/elements/announcer.js";
import { passes, restoreTime, stopTime } from "../../browser.mjs";

let polite, assertive, announcer;

beforeEach(() => {
  stopTime();
  polite = new FakeRegion();
  assertive = new FakeRegion();
  announcer = new Announcer({ polite, assertive });
});
afterEach(restoreTime);

test("sentences of one moment are said one after the other", async () => {
  announcer.say("Now playing Amber");
  announcer.say("Added Birch");
  announcer.now("No connection");
  await passes(1_000);
  assert.deepEqual(polite.said, ["Now playing Amber", "Added Birch"]);
  assert.deepEqual(assertive.said, ["No connection"]);
});

test("the same sentence twice is said twice", async () => {
  announcer.now("Only the host can do that.");
  await passes(1_000);
  announcer.now("Only the host can do that.");
  await passes(1_000);
  assert.equal(assertive.said.length, 2);
});

test("of the news of several topics the most personal is said", async () => {
  announcer.announceLater(() => [{ rank: 1, words: "Yours is next" }]);
  announcer.announceLater(() => [{ rank: 9, words: "3 new messages" }], "chat");
  await passes(4_000);
  announcer.announceLater(() => [{ rank: 9, words: "1 new message" }], "chat");
  await passes(9_000);
  assert.deepEqual(polite.said, ["Yours is next", "1 new message"]);
});

class FakeRegion {
  said = [];
  #words = "";

  set textContent(words) {
    if (words !== "" && words !== this.#words) this.said.push(words);
    this.#words = words;
  }
}
