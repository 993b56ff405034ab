import assert from "node:assert/strict";
import { test } from "node:test";

import { hostAwayWords, hostNews } from "../../../../static/js/views/people/host-words.js";
import { heirsOf } from "../../../../static/js/views/people/leave-sheet.js";
import { handOverWords, leaveWords } from "../../../../static/js/views/people/leaving-words.js";
import { member, memberInView, snapshot } from "../../cast.mjs";

const people = (facts = {}) => [member("m1", { role: "host" }), member("m2", { role: "cohost", ...facts }), member("m3")];
const state = (facts = {}, room = {}) => {
  const known = snapshot({ members: people(facts) });
  return { ...known, room: { ...known.room, ...room } };
};

test("who has the keys of a host who is away is said, and nothing while the host has them", () => {
  assert.equal(hostAwayWords("m1", people(), "m3"), "");
  assert.equal(hostAwayWords("m1", people({ acting: true }), "m3"), "m1 is away. m2 has the host’s keys until they return.");
  assert.equal(hostAwayWords("m1", people({ acting: true }), "m2"), "m1 is away. You have the host’s keys until they return.");
});

test("who gets the host's keys is told, and when they go back", () => {
  assert.equal(hostNews(state(), state({ acting: true })), "m1 is away. You have the host’s keys until they return.");
  assert.equal(hostNews(state({ acting: true }), state()), "m1 has the host’s keys again.");
});

test("of an absence nobody else is told, and of the first snapshot nobody", () => {
  const asAna = (facts) => ({ ...state(facts), me: { id: "m3" } });
  assert.equal(hostNews(asAna(), asAna({ acting: true })), "");
  assert.equal(hostNews({ room: null, members: [] }, state({ acting: true })), "");
});

test("everybody is told of a new host", () => {
  assert.equal(hostNews(state(), state({}, { host: "m3" })), "m3 hosts the room now.");
  assert.equal(hostNews(state(), state({}, { host: "m2" })), "You host this room now.");
});

test("handing over says what the other one may then, and what becomes of Spotify", () => {
  assert.equal(handOverWords("Ana").length, 2);
  assert.equal(handOverWords("Ana", ["Spotify"]).at(-1), "Spotify’s tracks wait until Ana connects an account.");
});

test("leaving says what stays, and what a host has to do before", () => {
  assert.equal(leaveWords({ role: "listener" }, false), "Your votes and tracks stay. The room’s link brings you back.");
  assert.match(leaveWords({ role: "cohost" }, false), /brings you back, as a listener\.$/);
  assert.match(leaveWords({ role: "host" }, true), /a co-host has your keys after 2 minutes, until you return\.$/);
  assert.match(leaveWords({ role: "host" }, false), /nobody has your keys meanwhile\.$/);
});

test("the room can be handed over to who is inside and not muted, co-hosts and who is here first", () => {
  const members = [
    memberInView("m1", { role: "host" }), memberInView("m2", { here: false }), memberInView("m3"), memberInView("m4", { muted: true }),
    memberInView("m5", { left: true }), memberInView("m6", { role: "cohost" }),
  ];
  assert.deepEqual(heirsOf(members).map(({ id }) => id), ["m6", "m3", "m2"]);
});
