import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Playlists } from "../../../../static/js/views/add/playlists.js";
import { passes, restoreTime, settled, stopTime } from "../../browser.mjs";
import { can, idle, rules, streamed } from "../../cast.mjs";
import { FakePart, fakeDocument } from "../../audio/fake-page.mjs";

const show = {
  state: { queue: [] }, queue: [], playback: idle, me: { id: "m1", votes: {} }, room: { rules }, can: can("host"),
  votes: { voteOn: () => 0 }, now: 0,
};
let place, undone, playlists;

beforeEach(() => {
  stopTime();
  globalThis.document = fakeDocument();
  [place, undone] = [new FakePart(), []];
});
afterEach(() => {
  restoreTime();
  delete globalThis.document;
});

const part = (name) => place.querySelector(`[data-${name}]`);
const said = () => part("add-all-words").textContent;

/** A playlist of three tracks is open, and all of them have been added but one. */
async function addsAll({ gone = 2, left = 0 } = {}) {
  const get = async (path) => ({ items: path.includes("/kitchen") ? [1, 2, 3].map((n) => streamed(n)) : [{ id: "kitchen", name: "Kitchen", readable: true, tracks: 3, link: null, cover: null }], next: null });
  const addMany = async (uris) => uris.map((uri, n) => (n === 0 ? { uri, outcome: "waiting", item: { id: "i0" } } : { uri, outcome: "added", item: { id: `i${n}` } }));
  const undoMany = async (ids) => undone.push(...ids) && { gone, left };
  playlists = new Playlists(place, {
    api: { get }, code: "KQ7F4M", announcer: { say() {} }, intents: {}, drawn: () => playlists.draw(show, new Map()), addMany, undoMany,
  });
  playlists.enter(1);
  await settled();
  part("playlists").children[0].querySelector("[data-open]").click();
  await settled();
  part("add-all").dispatchEvent(new Event("submit", { cancelable: true }));
  await settled();
}

test("what a whole playlist has added can be taken back, and nothing that waited before", async () => {
  await addsAll();
  assert.equal(said(), "2 added, 1 waited already.");
  assert.ok(!part("add-all-undo").hidden);
  part("add-all-undo").click();
  await settled();
  assert.deepEqual(undone, ["i1", "i2"]);
  assert.equal(said(), "2 tracks taken back.");
  assert.ok(part("add-all-undo").hidden);
});

test("what could not be taken back is said", async () => {
  await addsAll({ gone: 1, left: 1 });
  part("add-all-undo").click();
  await settled();
  assert.equal(said(), "1 track taken back, 1 left in the queue.");
});

test("what has played meanwhile is not left in the queue", async () => {
  await addsAll({ gone: 1 });
  part("add-all-undo").click();
  await settled();
  assert.equal(said(), "1 track taken back.");
});

test("after ten seconds it stays", async () => {
  await addsAll();
  await passes(10_000);
  assert.ok(part("add-all-undo").hidden);
  assert.equal(said(), "2 added, 1 waited already.");
});
