import assert from "node:assert/strict";
import { test } from "node:test";

import { countHere, membersInView } from "../../../static/js/state/members-in-view.js";
import { member } from "../cast.mjs";

const members = [member("m1", { role: "host" }), member("m2"), member("m3", { banned: true })];
const seen = (presence, along = []) => membersInView({ members, presence, along }, "m2");
const facts = (presence, along) => [...seen(presence, along).values()].map(({ id, here, along: listens }) => [id, here, listens]);

test("a member is here while the room says so, and who reads this always is", () => {
  assert.deepEqual(facts({ here: ["m1"], count: 1 }), [["m1", true, false], ["m2", true, false], ["m3", false, false]]);
});

test("who is not here hears nothing along", () => {
  assert.deepEqual(facts({ here: [], count: 0 }, ["m1", "m2"]), [["m1", false, false], ["m2", true, true], ["m3", false, false]]);
});

test("in a crowd nobody is said to be here or away, and all who listen along are believed", () => {
  assert.deepEqual(facts({ here: null, count: 600 }, ["m1"]), [["m1", null, true], ["m2", null, false], ["m3", null, false]]);
});

test("removed members are not counted as here, and in a crowd the room counts", () => {
  const all = { here: ["m1", "m2", "m3"], count: 3 };
  assert.equal(countHere(seen(all), all), 2);
  const crowd = { here: null, count: 600 };
  assert.equal(countHere(seen(crowd), crowd), 600);
});
