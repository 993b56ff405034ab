import assert from "node:assert/strict";
import { test } from "node:test";

import { advance, emptyState, reduce, reducers, withTimes } from "../../static/js/reducers.js";
import { deepFreeze, events, idle, item, member, playing, snapshot, spotify, streamed, tally, why } from "./cast.mjs";

const following = (state, frame) => advance(state, frame).state;
const room = deepFreeze(following(emptyState, snapshot()));
const after = (...list) => following(room, events(11, ...list));
const ids = ({ queue }) => queue.map(({ id }) => id);

test("a snapshot becomes the state as it is", () => {
  const { type, server_ms, ...facts } = snapshot();
  assert.deepEqual(room, facts);
});

test("every event of the contract has a reducer", () => {
  assert.deepEqual(Object.keys(reducers), [
    "room.changed", "room.ended", "member.joined", "member.changed", "queue.added", "queue.tallied", "queue.ordered",
    "queue.explained", "queue.removed", "queue.restored", "queue.locked", "playback.changed", "playback.skip_asked",
    "source.changed", "incident.noted",
  ]);
});

test("an event this page does not know counts and changes nothing else", () => {
  assert.deepEqual(reduce(room, { type: "moon.rose" }), { ...room, revision: 11 });
  assert.deepEqual(reduce(room, { type: "toString" }), { ...room, revision: 11 });
});

test("a changed room replaces the old one", () => {
  const changed = { ...room.room, name: "Saturday" };
  assert.deepEqual(after({ type: "room.changed", room: changed }), { ...room, revision: 11, room: changed });
});

test("in an ended room nothing plays and nothing waits", () => {
  const over = { ...room.room, state: "ended", ended_at: 5 };
  const going = playing(7, 2_000_000, {
    ...{ speaker: { member: "m1", device: "d", name: "n" }, lost: { member: "m1", name: "n", at_ms: 5 } },
  });
  const next = after({ type: "playback.changed", playback: going }, { type: "room.ended", room: over });
  assert.deepEqual(next, { ...room, revision: 12, room: over, queue: [], playback: { ...idle, play_id: "p7", unheard: false } });
});

test("someone who joins is here", () => {
  const { here, ...bare } = member("m4");
  assert.deepEqual(after({ type: "member.joined", member: bare }).members.at(-1), member("m4"));
});

test("what changes about a member leaves their being here alone", () => {
  const away = deepFreeze(following(room, { type: "presence", here: ["m1"] }));
  const { here, ...bare } = member("m3", { muted: true });
  const next = following(away, events(11, { type: "member.changed", member: bare }));
  assert.deepEqual(next.members[2], member("m3", { muted: true, here: false }));
});

test("who leaves no longer listens along, and does not by coming back", () => {
  const along = deepFreeze(after({ type: "member.changed", member: member("m3", { along: true }) }));
  assert.equal(along.members[2].along, true);
  const away = following(along, { type: "presence", here: ["m1"] });
  const back = following(away, { type: "presence", here: ["m1", "m3"] });
  assert.deepEqual([away.members[2].along, back.members[2].along, back.members[2].here], [false, false, true]);
});

test("an incident counts and changes nothing", () => {
  assert.deepEqual(after({ type: "incident.noted", incident: { id: "1", says: "It stalls." } }), { ...room, revision: 11 });
});

test("what changes about me as a member is known of me too", () => {
  const next = after({ type: "member.changed", member: member("m2", { name: "Ann", role: "cohost" }) });
  assert.deepEqual(next.me, { ...room.me, name: "Ann", role: "cohost" });
});

test("an added item stands at its place", () => {
  assert.deepEqual(ids(after({ type: "queue.added", item: item(9), at: 1 })), ["i1", "i9", "i2", "i3"]);
});

test("an added item that is known replaces the old one", () => {
  const next = after({ type: "queue.added", item: item(3, { up: 5 }), at: 0 });
  assert.deepEqual(ids(next), ["i3", "i1", "i2"]);
  assert.equal(next.queue[0].up, 5);
});

test("adding a track is my up-vote for it, someone else's is not", () => {
  const next = after(
    { type: "queue.added", item: item(8, { added_by: "m2" }), at: 0 },
    { type: "queue.added", item: item(9, { added_by: "m3" }), at: 0 },
  );
  assert.deepEqual(next.me.votes, { i1: 1, i8: 1 });
});

test("a tally changes one item", () => {
  const next = after(tally("i2", 7));
  assert.deepEqual(next.queue[1], item(2, { up: 7, score: 7, reason: "7 votes" }));
  assert.equal(next.queue[0], room.queue[0]);
});

test("a tally tells how many votes are held back, and why the item stands there", () => {
  const because = why("turn", { nth: 2 });
  const next = after({ type: "queue.tallied", item: "i2", up: 1, down: 0, score: 1, held: 3, reason: "2nd", why: because });
  assert.deepEqual(next.queue[1], item(2, { held: 3, reason: "2nd", why: because }));
});

test("explained items have other reasons and nothing else", () => {
  const because = why("pinned");
  const next = after({ type: "queue.explained", items: [{ item: "i3", reason: "Pinned by the host", why: because }] });
  assert.deepEqual(next.queue, [item(1), item(2), item(3, { reason: "Pinned by the host", why: because })]);
});

test("an explanation of an item that does not wait here is doubted", () => {
  const about = (id) => events(11, { type: "queue.explained", items: [{ item: id, reason: "r", why: why("votes") }] });
  assert.equal(advance(room, about("i9")).doubtful, true);
  assert.equal(advance(room, about("i1")).doubtful, false);
});

test("a restored item stands where it stood, and my vote for it is told apart", () => {
  const next = after(
    { type: "queue.removed", item: "i2", why: "removed" },
    { type: "queue.restored", item: item(2, { up: 4, score: 4 }), at: 1 },
  );
  assert.deepEqual(ids(next), ["i1", "i2", "i3"]);
  assert.equal(next.queue[1].up, 4);
  assert.deepEqual(next.me.votes, { i1: 1 });
});

test("who asks to skip is counted for the track that plays, and for no other", () => {
  const going = after({ type: "playback.changed", playback: playing(7, 2_000_000) });
  const asked = (play_id) => events(12, { type: "playback.skip_asked", play_id, asked: 2, needed: 4 });
  assert.deepEqual(following(going, asked("p7")).playback.skip, { asked: 2, needed: 4 });
  assert.deepEqual(following(going, asked("p6")).playback, going.playback);
});

test("what I asked to skip is known until another track plays", () => {
  const asked = deepFreeze(following(room, { type: "me", me: { skip: "p7" } }));
  assert.equal(asked.me.skip, "p7");
  const paused = { type: "playback.changed", playback: playing(7, 2_000_000, { state: "paused" }) };
  const other = { type: "playback.changed", playback: playing(8, 2_000_000) };
  assert.equal(following(asked, events(11, paused)).me.skip, "p7");
  assert.equal(following(asked, events(11, paused, other)).me.skip, null);
});

test("an order moves the items it names", () => {
  assert.deepEqual(ids(after({ type: "queue.ordered", items: ["i3", "i1", "i2"] })), ["i3", "i1", "i2"]);
});

test("an order that names unknown items or forgets some loses nothing and is doubted", () => {
  const frame = events(11, { type: "queue.ordered", items: ["i9", "i3"] });
  const { state, doubtful } = advance(room, frame);
  assert.deepEqual(ids(state), ["i3", "i1", "i2"]);
  assert.equal(doubtful, true);
  assert.equal(advance(room, events(11, { type: "queue.ordered", items: ["i3", "i2", "i1"] })).doubtful, false);
  assert.equal(advance(room, events(11, { type: "queue.ordered", items: ["i3", "i3", "i1"] })).doubtful, true);
});

test("a removed item takes my vote with it", () => {
  const next = after({ type: "queue.removed", item: "i1", why: "removed" });
  assert.deepEqual(ids(next), ["i2", "i3"]);
  assert.deepEqual(next.me.votes, {});
});

test("a locked item is first, alone locked, and the next to play", () => {
  const next = after({ type: "queue.locked", item: "i2" });
  assert.deepEqual(next.queue.map(({ id, locked }) => [id, locked]), [["i2", true], ["i1", false], ["i3", false]]);
  assert.deepEqual(next.playback.next, next.queue[0]);
  const freed = following(next, events(12, { type: "queue.locked", item: null }));
  assert.equal(freed.playback.next, null);
  assert.equal(freed.queue[0].locked, false);
});

test("late votes for the locked item show on it as the next one too", () => {
  const next = after({ type: "queue.locked", item: "i1" }, tally("i1", 4));
  assert.equal(next.playback.next.score, 4);
  assert.deepEqual(next.playback.next, next.queue[0]);
});

test("a locked item that is removed is not next any more", () => {
  const next = after({ type: "queue.locked", item: "i1" }, { type: "queue.removed", item: "i1", why: "removed" });
  assert.equal(next.playback.next, null);
});

test("waiting items start one after the other when the playing track ends", () => {
  const next = after({ type: "playback.changed", playback: playing(7, 2_000_000) });
  assert.deepEqual(next.queue.map(({ eta_ms }) => eta_ms), [2_100_000, 2_200_000, 2_300_000]);
});

test("nothing has a start time while the room is paused or idle", () => {
  const going = after({ type: "playback.changed", playback: playing(7, 2_000_000) });
  const paused = playing(7, 2_000_000, { state: "paused", position_ms: 5 });
  for (const playback of [paused, idle]) {
    const next = following(going, events(12, { type: "playback.changed", playback }));
    assert.deepEqual(next.queue.map(({ eta_ms }) => eta_ms), [null, null, null]);
  }
});

test("start times follow a new order", () => {
  const next = after(
    { type: "playback.changed", playback: playing(7, 0) },
    { type: "queue.ordered", items: ["i3", "i1", "i2"] },
  );
  assert.deepEqual(next.queue.map(({ id, eta_ms }) => [id, eta_ms]), [["i3", 100_000], ["i1", 200_000], ["i2", 300_000]]);
});

test("times that stay leave the state itself alone", () => {
  assert.equal(withTimes(room), room);
});

test("what waits for its source has no time, and the others do not wait for it", () => {
  const queue = [item(1, { track: streamed(1) }), item(2), item(3)];
  const frame = snapshot({ queue, playback: playing(9, 1_000_000), sources: [spotify({ state: "away" })] });
  const times = (/** @type {any} */ state) => state.queue.map(({ eta_ms }) => eta_ms);
  const away = following(emptyState, frame);
  assert.deepEqual(times(away), [null, 1_100_000, 1_200_000]);
  const back = following(away, events(11, { type: "source.changed", sources: [spotify()] }));
  assert.deepEqual(times(back), [1_100_000, 1_200_000, 1_300_000]);
});

test("a waiting item that starts leaves the queue and plays, in one frame", () => {
  const next = after(
    { type: "queue.removed", item: "i1", why: "played" },
    { type: "playback.changed", playback: playing(1, 1_500_000) },
  );
  assert.deepEqual(ids(next), ["i2", "i3"]);
  assert.equal(next.playback.item.id, "i1");
  assert.equal(next.revision, 12);
});

test("a frame that is partly known applies only its unseen tail", () => {
  const now = following(room, events(11, tally("i1", 2), tally("i1", 3)));
  const { state, events: fresh } = advance(now, events(12, tally("i1", 3), tally("i1", 9)));
  assert.equal(state.queue[0].score, 9);
  assert.equal(state.revision, 13);
  assert.equal(fresh.length, 1);
});

test("a known frame changes nothing, and one that comes too early neither", () => {
  assert.equal(following(room, events(9, tally("i1", 5))), room);
  assert.equal(following(room, events(12, tally("i1", 5))), room);
});

test("personal and presence frames carry no number", () => {
  const me = { ...room.me, votes: { i3: -1 } };
  assert.deepEqual(following(room, { type: "me", me }), { ...room, me });
  const { members, revision } = following(room, { type: "presence", here: ["m2"] });
  assert.deepEqual(members.map(({ here }) => here), [false, true, false]);
  assert.equal(revision, 10);
});

test("news about me may name only what changed", () => {
  const voted = following(room, { type: "me", me: { votes: { i1: 0, i2: -1 } } });
  assert.deepEqual(voted.me, { ...room.me, votes: { i2: -1 } });
  assert.deepEqual(following(room, { type: "me", me: { muted: true } }).me, { ...room.me, muted: true });
});

test("my answered vote is known before any frame tells it", () => {
  const down = following(room, { type: "voted", item: "i2", value: -1 });
  assert.deepEqual(down.me.votes, { i1: 1, i2: -1 });
  assert.deepEqual(following(down, { type: "voted", item: "i1", value: 0 }).me.votes, { i2: -1 });
});

test("a tally in a queue of 500 takes less than 5 ms", () => {
  const queue = Array.from({ length: 500 }, (_, number) => item(number));
  let state = following(emptyState, snapshot({ queue, playback: playing(999, 0) }));
  const begun = performance.now();
  for (let turn = 0; turn < 100; turn += 1) {
    state = following(state, { type: "events", from: 11 + turn, to: 11 + turn, events: [tally(`i${turn}`, turn)] });
  }
  assert.ok((performance.now() - begun) / 100 < 5);
});
