import assert from "node:assert/strict";
import { test } from "node:test";

import { isUnheard, onView, playsWhenAdded, positionOf } from "../../../static/js/state/on-air.js";
import { idle, memberInView } from "../cast.mjs";

const item = (id) => ({ id, track: { uri: id, title: id, artists: [], duration_ms: 60_000 }, locked: false, eta_ms: null });
const playing = (play_id, starts_at_ms) => ({ play_id, state: "playing", item: item(play_id), track: item(play_id).track, starts_at_ms, position_ms: 0, next: null, speaker: null, shelf: null });
const old = playing("old", 0);
const state = (playback, queue = [item("b")]) => ({ playback, queue });

test("a coming track keeps its place in the queue and the old one stays on view until it starts", () => {
  const coming = playing("new", 11_500);
  const view = onView(state(coming), old, 10_000);
  assert.equal(view.playback.play_id, "old");
  assert.deepEqual(view.queue.map(({ id, locked }) => [id, locked]), [["new", true], ["b", false]]);
  assert.equal(view.dueAt, 11_500);
});

test("at its start the new track is on view and gone from the queue", () => {
  const view = onView(state(playing("new", 11_500)), old, 11_500);
  assert.equal(view.playback.play_id, "new");
  assert.deepEqual(view.queue.map(({ id }) => id), ["b"]);
  assert.equal(view.dueAt, null);
});

test("while it is held, a later next is not yet said to be next", () => {
  const locked = { ...item("b"), locked: true };
  const view = onView(state(playing("new", 11_000), [locked]), old, 10_000);
  assert.deepEqual(view.queue.map(({ locked: is }) => is), [true, false]);
});

test("the first thing a page learns is shown as it is", () => {
  assert.equal(onView(state(playing("new", 11_500)), null, 10_000).playback.play_id, "new");
});

test("going on after a pause is the same play and is shown at once", () => {
  const resumed = playing("old", 10_100);
  assert.equal(onView(state(resumed), { ...old, state: "paused" }, 10_000).playback, resumed);
});

test("a start absurdly far ahead is a wrong clock, not a lead", () => {
  assert.equal(onView(state(playing("new", 90_000)), old, 10_000).playback.play_id, "new");
});

test("the position runs while playing, rests while paused and stays within the track", () => {
  assert.equal(positionOf(playing("p", 1_000), 31_000), 30_000);
  assert.equal(positionOf(playing("p", 1_000), 500), 0);
  assert.equal(positionOf(playing("p", 1_000), 999_000), 60_000);
  assert.equal(positionOf({ ...playing("p", 1_000), state: "paused", position_ms: 7_000 }, 31_000), 7_000);
});

test("music without a device of the room is heard where somebody listens along", () => {
  const unheard = (facts, plays = { unheard: true }) => isUnheard(plays, new Map([["m1", memberInView("m1", facts)]]));
  assert.equal(unheard({}), true);
  assert.equal(unheard({ along: true }), false);
  assert.equal(unheard({}, { unheard: false }), false);
});

test("a track that is added to silence plays by itself, but not where the music waits for a device or a hand", () => {
  const speaker = { member: "m1", device: "d1", name: "laptop" };
  assert.ok(playsWhenAdded({ ...idle, play_id: "p7" }));
  assert.ok(playsWhenAdded({ ...idle, play_id: "0", speaker }));
  assert.ok(!playsWhenAdded({ ...idle, play_id: "0", speaker: null }));
  assert.ok(!playsWhenAdded({ ...idle, play_id: "p7", halt: { why: "failures", at_ms: 1 } }));
});
