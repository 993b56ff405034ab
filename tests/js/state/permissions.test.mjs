import assert from "node:assert/strict";
import { test } from "node:test";

import { canModerate, permissionsOf } from "../../../static/js/state/permissions.js";
import { can, may, member, moderates, rules, snapshot } from "../cast.mjs";

const { me, room } = snapshot();
/** The acts for which this person is shown keys. */
const acts = (facts = {}, place = room, now = 0) =>
  Object.entries(permissionsOf({ ...me, ...facts }, place, now)).filter(([, allowed]) => allowed).map(([act]) => act);

test("what each role may is read from the room's table", () => {
  const closed = { ...room, may: { ...may, listener: ["skip_vote"] } };
  assert.deepEqual(acts({}, closed), ["askSkip"]);
  assert.deepEqual(acts(), ["vote", "downvote", "add", "addUnlessMuted", "askSkip", "chat", "react", "report"]);
  assert.deepEqual(acts({ role: "cohost" }), ["vote", "downvote", "add", "addUnlessMuted", "pause", "control", "curate", "moderate", "browse", "chat", "react", "report"]);
  assert.ok(acts({ role: "host" }).includes("govern"));
});

test("of their role's acts, muted people keep those that the table names", () => {
  assert.deepEqual(acts({ muted: true }), ["vote", "downvote", "addUnlessMuted"]);
  assert.deepEqual(acts({ role: "cohost", muted: true }), ["vote", "downvote", "addUnlessMuted"]);
});

test("who was removed may do nothing", () => {
  assert.deepEqual(acts({ role: "cohost", banned: true }), []);
});

test("down-votes and the order by hand depend on a rule as well", () => {
  const calm = { ...room, rules: { ...rules, downvotes: false, mode: "host" } };
  assert.deepEqual(acts({}, calm), ["vote", "add", "addUnlessMuted", "askSkip", "chat", "react", "report"]);
  assert.ok(acts({ role: "cohost" }, calm).includes("order"));
});

test("who has just come gets the key to ask for a skip once they may use it", () => {
  const late = { skips_from_ms: 5_000 };
  assert.equal(acts(late, room, 4_999).includes("askSkip"), false);
  assert.equal(acts(late, room, 5_000).includes("askSkip"), true);
});

test("whom a person may mute or remove is read from the room's table", () => {
  const people = [member("m1", { role: "host" }), member("m2", { role: "cohost" }), member("m3"), member("m4", { role: "cohost" })];
  const by = (id, role, facts = {}) =>
    people.filter((other) => canModerate({ me: { id, role }, can: can(role, facts), room: { moderates } }, other)).map((other) => other.id);
  assert.deepEqual(by("m1", "host"), ["m2", "m3", "m4"]);
  assert.deepEqual(by("m2", "cohost"), ["m3"]);
  assert.deepEqual(by("m3", "listener"), []);
  assert.deepEqual(by("m2", "cohost", { moderate: false }), [], "a muted co-host");
});
