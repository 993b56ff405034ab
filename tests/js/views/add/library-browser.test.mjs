import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { ApiError } from "../../../../static/js/net/api.js";
import { LibraryBrowser } from "../../../../static/js/views/add/library-browser.js";
import { settled } from "../../browser.mjs";
import { track } from "../../cast.mjs";
import { FakePart, fakeDocument } from "../../audio/fake-page.mjs";

let asked, answers, place, browser;

beforeEach(() => {
  globalThis.document = fakeDocument();
  [asked, answers, place] = [[], [], new FakePart()];
  const get = (path) => {
    asked.push(path.replace("/api/rooms/KQ7F4M/library/", ""));
    return new Promise((resolve, reject) => answers.push({ resolve, reject }));
  };
  browser = new LibraryBrowser(place, {
    api: { get }, code: "KQ7F4M", announcer: { say() {} }, intents: {}, changed() {}, drawn() {}, random: () => 0.5,
  });
});
afterEach(() => delete globalThis.document);

const groups = () => place.querySelector("[data-groups]").children;
const ann = { id: "a1", name: "Ann", of: null, tracks: 2, cover: null };

async function answer(items, next = null) {
  answers.at(-1).resolve({ items, next });
  await settled();
}

test("a shuffle keeps its seed over its pages and when it is chosen again", async () => {
  browser.choose("shuffle");
  await answer([track(1)], "c1");
  place.querySelector("[data-inside-tracks]").querySelector("[data-add-more]").click();
  await answer([track(2)]);
  assert.equal(browser.list.results.size, 2);
  browser.choose("shuffle");
  browser.choose("shuffle");
  assert.deepEqual(asked, ["shuffle?seed=1073741824", "shuffle?seed=1073741824&cursor=c1", "shuffle?seed=1073741824"]);
});

test("one steps back from the tracks of a group to all groups, and from there to all titles", async () => {
  browser.choose("artists");
  await answer([ann]);
  groups()[0].querySelector("[data-open]").click();
  await answer([track(1), track(2)]);
  assert.equal(asked.at(-1), "artists/a1?");
  assert.ok(browser.back());
  assert.equal(groups().length, 1, "they stand there still");
  assert.ok(browser.back());
  assert.equal(browser.kind, null);
  assert.equal(browser.back(), false);
});

test("an answer to what is not looked at any more is dropped", async () => {
  browser.choose("artists");
  browser.choose("albums");
  answers[0].resolve({ items: [ann], next: null });
  await settled();
  assert.equal(groups().length, 0);
  await answer([{ ...ann, name: "Sea" }]);
  assert.equal(groups().length, 1);
});

test("more groups that come while one is open stand there when one is back", async () => {
  browser.choose("artists");
  await answer([ann], "c1");
  place.querySelector("[data-groups-more]").click();
  groups()[0].querySelector("[data-open]").click();
  answers[1].resolve({ items: [{ ...ann, id: "b1" }], next: null });
  await answer([track(1)]);
  browser.back();
  assert.equal(groups().length, 2);
});

test("what could not be asked without a line is asked again once it is back", async () => {
  browser.choose("folders");
  answers[0].reject(new ApiError({ status: 0, code: "offline", message: "" }));
  await settled();
  assert.match(place.querySelector("[data-groups-note]").textContent, /No connection/);
  assert.equal(place.querySelector("[data-groups]").getAttribute("aria-busy"), null);
  assert.equal(place.querySelector("[data-groups-more-word]").textContent, "Try again");
  browser.retry();
  assert.deepEqual(asked, ["folders?", "folders?"]);
});
