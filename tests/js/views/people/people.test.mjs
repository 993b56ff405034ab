import assert from "node:assert/strict";
import { test } from "node:test";

import { memberNote, ownNote } from "../../../../static/js/views/people/people.js";
import { idle, item, memberInView, playing } from "../../cast.mjs";

const note = (facts, show = {}) => memberNote(memberInView("m2", facts), { me: { id: "m1" }, playback: idle, queue: [], ...show });

test("who is away is said to be, and in a crowd nobody is", () => {
  assert.equal(note({ here: true }), "");
  assert.equal(note({ here: false }), "away");
  assert.equal(note({ here: null }), "");
});

test("who makes the room's sound does not listen along as well", () => {
  const speaker = { member: "m2", device: "d1", name: "laptop" };
  assert.equal(note({ along: true }), "listens along");
  assert.equal(note({ along: true }, { playback: { ...idle, speaker } }), "plays the sound");
});

test("a member's tracks are counted until one plays or is fixed as the next", () => {
  const queue = [item(1), item(2)];
  assert.equal(note({}, { queue }), "2 waiting");
  assert.equal(note({}, { queue: [item(1, { locked: true }), item(2)] }), "plays next");
  assert.equal(note({}, { queue, playback: playing(3, 0) }), "on now");
});

test("of one's own tracks and votes nothing is counted that is zero", () => {
  const me = { id: "m1", role: "listener", votes: {}, muted: false };
  assert.equal(ownNote(me, [item(1, { added_by: "m2" })]), "You, listener");
  assert.equal(ownNote({ ...me, votes: { i1: 1 } }, [item(1, { added_by: "m1" })]), "You, listener. 1 track waiting, 1 vote");
  assert.equal(ownNote({ ...me, muted: true }, []), "You, listener. Muted: votes still count");
});

test("a role that this page does not know yet breaks nothing", () => {
  const me = { id: "m1", role: "constructor", votes: {}, muted: true };
  assert.equal(ownNote(me, []), "You. Muted: votes still count");
});
