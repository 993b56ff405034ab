import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { placeOf, Result } from "../../../../static/js/views/add/result.js";
import { passes, restoreTime, stopTime } from "../../browser.mjs";
import { can, idle, item, playing, rules, track } from "../../cast.mjs";
import { fakeDocument } from "../../audio/fake-page.mjs";

beforeEach(() => {
  stopTime();
  globalThis.document = fakeDocument();
});
afterEach(() => {
  restoreTime();
  delete globalThis.document;
});

function result(found) {
  return new Result(found, { add() {}, vote() {}, why() {}, undo() {} });
}

/** What somebody sees who may do everything here. */
function show(facts = {}) {
  const state = { sources: [], queue: [] };
  return {
    state, queue: [], playback: idle, me: { id: "m2", votes: {} }, room: { rules }, can: can("listener"),
    votes: { voteOn: () => 0 }, now: 1_000_000, ...facts,
  };
}

const words = (one) => {
  const said = one.element.querySelector("[data-said]");
  return said.hidden ? "" : one.element.querySelector("[data-said-words]").textContent;
};

const queue = [item(1), item(2), item(3)];

test("a found track waits where its own entry stands, else where its other spelling does", () => {
  assert.equal(placeOf({ ...track(2), waiting_item: "i3" }, queue), 1);
  assert.equal(placeOf({ ...track(9), waiting_item: "i3" }, queue), 2);
  assert.equal(placeOf({ ...track(9), waiting_item: "i9" }, queue), -1);
  assert.equal(placeOf({ ...track(9), waiting_item: null }, queue), -1);
});

test("the track of a row of the shelf can be added", () => {
  const found = result({ ...track(2), waiting_item: null });
  found.draw(show({ queue: [item(1), item(2, { added_by: null })] }), null);
  const [add, vote] = ["[data-add]", "[data-vote]"].map((name) => found.element.querySelector(name));
  assert.deepEqual([add.hidden, vote.hidden], [false, true]);
});

test("a track that is kept on this device says so for as long as it is, also where it is found only later", async () => {
  const found = result(track(9));
  found.draw(show(), "Kept. It goes out once the line is back.");
  await passes(60_000, 1_000);
  assert.equal(words(found), "Kept. It goes out once the line is back.");
  assert.equal(found.element.querySelector("[data-said]").getAttribute("data-kept"), "", "which is no refusal");
  found.draw(show(), null);
  assert.equal(words(found), "");
});

test("what plays now is not offered again, unless it needs no rest", () => {
  const found = result({ ...track(9), waiting_item: null });
  const add = found.element.querySelector("[data-add]");
  const note = () => found.element.querySelector("[data-note]").textContent;
  found.draw(show({ playback: playing(9, 0) }), null);
  assert.deepEqual([note(), add.hidden], ["Plays now", true]);
  found.track.refusal = { code: "rests", message: "It has just played.", until_ms: 2_000_000 };
  found.draw(show({ playback: playing(9, 0) }), null);
  assert.ok(found.element.querySelector("[data-why]").hidden, "the search was refused it: it plays");
  found.track.refusal = null;
  found.draw(show({ playback: playing(9, 0, { item: item(9, { added_by: null }) }) }), null);
  assert.deepEqual([note(), add.hidden], ["Plays now", false], "the shelf played it");
  found.draw(show({ playback: playing(9, 0), room: { rules: { ...rules, rest_min: 0 } } }), null);
  assert.equal(add.hidden, false);
  found.draw(show({ playback: playing(8, 0) }), null);
  assert.deepEqual([note(), add.hidden], ["Harbour Static", false]);
});
