import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";

import { ApiError } from "../../../../static/js/net/api.js";
import { lettersMissing, Search } from "../../../../static/js/views/add/search.js";
import { passes, restoreTime, stopTime } from "../../browser.mjs";

const LETTERS = JSON.parse(readFileSync(new URL("../../../search_letters.json", import.meta.url), "utf8"));
let asked, told, fails;

beforeEach(() => {
  stopTime();
  [asked, told, fails] = [[], [], false];
});
afterEach(restoreTime);

const refusal = (code) => new ApiError({ status: 503, code, message: "A sentence of the server." });

function search(options) {
  const get = async (path) => {
    asked.push(path);
    if (fails) throw refusal(fails);
    return { items: [], next: null };
  };
  return new Search({
    api: { get }, code: "KQ7F4M", found: ({ words }) => told.push(words), failed: (_error, again) => told.push({ again }), ...options,
  });
}

test("the library lists everything without words, and asks 250 ms after the last letter", async () => {
  const library = search({});
  library.ask("");
  await passes(1);
  assert.deepEqual(asked, ["/api/rooms/KQ7F4M/search?q="]);
  library.ask("salt");
  await passes(249, 1);
  assert.equal(asked.length, 1);
  await passes(1);
  assert.equal(asked.at(-1), "/api/rooms/KQ7F4M/search?q=salt");
});

test("another source is asked by its name, never for everything, and no sooner than it is told", async () => {
  const spotify = search({ source: "spotify", pauseMs: 400, everything: false });
  for (const words of ["", "s", "sa", "salt"]) spotify.ask(words);
  await passes(399, 1);
  assert.deepEqual(asked, []);
  await passes(1);
  assert.deepEqual(asked, ["/api/rooms/KQ7F4M/search?q=salt&source=spotify"]);
});

test("the page counts letters as the server does, and asks another source from where it is told on", () => {
  for (const [typed, enough] of Object.entries(LETTERS)) assert.equal(lettersMissing(typed, "library") === 0, enough, typed);
  assert.deepEqual(["U2", "月亮", "abba"].map((typed) => lettersMissing(typed, "spotify", 3)), [1, 1, 0]);
});

test("Enter asks at once, however short it is", async () => {
  const library = search({});
  assert.equal(library.ask("m"), "short");
  await passes(500);
  assert.deepEqual(asked, []);
  assert.equal(library.ask("m", { atOnce: true }), "asking");
  await passes(1, 1);
  assert.deepEqual(asked, ["/api/rooms/KQ7F4M/search?q=m"]);
});

test("an answer to older words is dropped, and words that are answered already are not asked for again", async () => {
  const answers = [];
  const get = () => new Promise((resolve) => answers.push(resolve));
  const library = search({ api: { get } });
  library.ask("salt");
  await passes(300);
  library.ask("salty");
  answers[0]({ items: [], next: null });
  await passes(300);
  assert.deepEqual(told, []);
  answers[1]({ items: [], next: null });
  await passes(1);
  assert.deepEqual(told, ["salty"]);
  assert.equal(library.ask("salty "), "answered");
});

test("what failed is answered by nothing that stands there, unless the question was the same", async () => {
  const library = search({});
  library.ask("salt");
  await passes(300);
  fails = "spotify_away";
  library.again();
  await passes(1);
  library.ask("pepper");
  await passes(300);
  assert.deepEqual(told, ["salt", { again: true }, { again: false }]);
  assert.equal(library.asked, null);
});

test("what could not be asked without a line is asked again once it is back", async () => {
  const library = search({});
  fails = "offline";
  library.ask("salt");
  await passes(300);
  fails = false;
  library.retry();
  library.retry();
  await passes(1);
  assert.deepEqual(told, [{ again: false }, "salt"]);
  assert.equal(asked.length, 2);
});

test("where nothing says that the line is back, it is looked for", async () => {
  const library = search({});
  fails = "offline";
  library.ask("salt");
  await passes(300);
  fails = false;
  await passes(6_000);
  assert.equal(told.at(-1), "salt");
});

test("as long as there is no line, it is asked later and later, up to once a minute", async () => {
  const library = search({ random: () => 1 });
  fails = "offline";
  library.ask("salt");
  await passes(300);
  const counts = [];
  for (const wait of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
    await passes(wait);
    counts.push(asked.length);
  }
  assert.deepEqual(counts, [2, 3, 4, 5, 6, 7]);
});

test("a page that nobody sees asks only once it is seen again", async () => {
  const document = Object.assign(new EventTarget(), { hidden: true });
  const library = search({ document });
  fails = "offline";
  library.ask("salt");
  await passes(60_000);
  assert.equal(asked.length, 1);
  document.hidden = false;
  document.dispatchEvent(new Event("visibilitychange"));
  await passes(1);
  assert.equal(asked.length, 2);
});

test("other words, or another failure, leave nothing to be asked again", async () => {
  const library = search({});
  for (const code of ["offline", "spotify_away"]) {
    fails = code;
    library.ask("salt");
    await passes(300);
    if (code === "offline") library.ask("s");
    const before = asked.length;
    library.retry();
    await passes(10_000);
    assert.equal(asked.length, before, code);
  }
});
