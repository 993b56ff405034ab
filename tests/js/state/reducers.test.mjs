import assert from "node:assert/strict";
import { test } from "node:test";

import { PARTS } from "../../../static/js/state/parts/index.js";
import { advance, emptyStateOf } from "../../../static/js/state/reducers.js";
import { deepFreeze, events, idle, item, member, playing, snapshot, spotify, streamed, tally, why } from "../cast.mjs";

const step = (state, frame) => advance(PARTS, state, frame);
const following = (state, frame) => step(state, frame).state;
const emptyState = emptyStateOf(PARTS);
const room = deepFreeze(following(emptyState, snapshot()));
const after = (...list) => following(room, events(11, ...list));
const ids = ({ queue }) => queue.map(({ id }) => id);

test("a snapshot becomes the state as it is", () => {
  const seen = snapshot({ along: ["m1"], held: { i2: 3 }, restrictions: [], log: [], reports: [], blocked_words: ["spam"] });
  const { type, server_ms, presence, playback, ...facts } = seen;
  const { presence: known, playback: plays, ...rest } = following(emptyState, seen);
  assert.deepEqual(rest, { ...facts, activity: [], notice: null, suggestions: { at_ms: null } });
  assert.deepEqual(known, { ...presence, count: 3, tvs: [] });
  assert.deepEqual(plays, { ...playback, next: null });
});

test("every event that changes a snapshot is known to a part", () => {
  const facts = PARTS.flatMap(({ reducers = {}, mine = {} }) => [reducers, ...Object.values(mine).map((fact) => fact.reducers)]);
  assert.deepEqual([...new Set(facts.flatMap(Object.keys))].sort(), [
    "along.changed", "chat.deleted", "chat.hidden", "chat.posted", "chat.reported", "chat.reports_cleared", "chat.shown",
    "chat.words_changed", "incident.noted", "log.added", "log.changed", "log.undone", "me.changed", "me.muted", "me.skip_asked",
    "me.voted", "member.changed", "member.joined", "notice.posted", "notice.warned", "playback.changed", "playback.skip_asked", "playback.titled", "presence", "queue.added",
    "queue.explained", "queue.held", "queue.locked", "queue.ordered", "queue.removed", "queue.restored", "queue.tallied",
    "reactions.counted", "restriction.lifted", "restriction.set", "room.changed", "room.ended", "site_notice", "source.changed",
    "suggestions.changed",
  ]);
});

test("an event this page does not know counts and changes nothing else", () => {
  assert.deepEqual(after({ type: "moon.rose" }, { type: "toString" }), { ...room, revision: 12 });
});

test("an event this person may not see counts, changes nothing, and is told to nobody", () => {
  const { state, events: told, doubtful } = step(room, events(11, null, tally("i1", 4), null));
  assert.deepEqual([state.revision, state.queue[0].score, doubtful], [13, 4, false]);
  assert.deepEqual(told, [tally("i1", 4)]);
  assert.deepEqual(after(null), { ...room, revision: 11 });
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
  const playback = { ...idle, play_id: "p7", unheard: false, live_title: null, next: null };
  assert.deepEqual(next, { ...room, revision: 12, room: over, queue: [], playback, activity: next.activity });
});

test("someone who joins is here", () => {
  const next = after({ type: "member.joined", member: member("m4") });
  assert.deepEqual(next.members.at(-1), member("m4"));
  assert.deepEqual(next.presence, { here: ["m1", "m2", "m3", "m4"], count: 4, tvs: [] });
});

test("what changes about a member leaves the others alone, and who is here", () => {
  const next = after({ type: "member.changed", member: member("m3", { muted: true }) });
  assert.deepEqual(next.members, [room.members[0], room.members[1], member("m3", { muted: true })]);
  assert.equal(next.presence, room.presence);
});

test("people come and go, and none is here twice", () => {
  const moved = following(room, { type: "presence", came: ["m4", "m2"], left: ["m1"] });
  assert.deepEqual(moved.presence, { here: ["m3", "m4", "m2"], count: 3, tvs: [] });
  assert.equal(moved.revision, 10);
});

test("in a crowd only the number of those who are here is known, until the whole list comes", () => {
  const crowd = deepFreeze(following(room, { type: "presence", count: 501 }));
  assert.deepEqual(crowd.presence, { here: null, count: 501, tvs: [] });
  assert.equal(following(crowd, { type: "presence", came: ["m4"], left: [] }), crowd);
  assert.deepEqual(following(crowd, { type: "presence", here: ["m1"] }).presence, { here: ["m1"], count: 1, tvs: [] });
  assert.deepEqual(following(emptyState, snapshot({ presence: { count: 600 } })).presence, { here: null, count: 600, tvs: [] });
});

test("members begin and end to listen along", () => {
  const along = deepFreeze(after({ type: "along.changed", member: "m3", along: true }, { type: "along.changed", member: "m3", along: true }));
  assert.deepEqual(along.along, ["m3"]);
  assert.deepEqual(following(along, events(13, { type: "along.changed", member: "m3", along: false })).along, []);
});

test("it is known when something last went wrong, and whether anything did", () => {
  const noted = after({ type: "incident.noted", incident: { id: "1", at_ms: 5_000, says: "It stalls." } });
  assert.deepEqual(noted, { ...room, revision: 11, last_incident_ms: 5_000 });
  assert.equal(room.last_incident_ms, null);
});

test("what changes about me leaves my votes alone", () => {
  const facts = { id: "m2", name: "Ann", role: "cohost", muted: false, banned: false, named: true };
  assert.deepEqual(after({ type: "me.changed", me: facts }).me, { ...room.me, name: "Ann", role: "cohost" });
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

test("a tally tells why the item stands there", () => {
  const because = why("turn", { nth: 2 });
  const next = after({ type: "queue.tallied", item: "i2", up: 1, down: 0, score: 1, reason: "2nd", why: because });
  assert.deepEqual(next.queue[1], item(2, { reason: "2nd", why: because }));
});

test("who may curate knows how many votes are held, until they count or the item is gone", () => {
  const held = (id, votes) => ({ type: "queue.held", item: id, held: votes });
  const some = deepFreeze(after(held("i2", 3), held("i3", 1)));
  assert.deepEqual(some.held, { i2: 3, i3: 1 });
  assert.deepEqual(following(some, events(13, held("i2", 0))).held, { i3: 1 });
  assert.deepEqual(following(some, events(13, { type: "queue.removed", item: "i2", why: "played" })).held, { i3: 1 });
});

test("explained items have other reasons and nothing else", () => {
  const because = why("pinned");
  const next = after({ type: "queue.explained", items: [{ item: "i3", reason: "Pinned by the host", why: because }] });
  assert.deepEqual(next.queue, [item(1), item(2), item(3, { reason: "Pinned by the host", why: because })]);
});

test("an explanation of an item that does not wait here is doubted", () => {
  const about = (id) => events(11, { type: "queue.explained", items: [{ item: id, reason: "r", why: why("votes") }] });
  assert.equal(step(room, about("i9")).doubtful, true);
  assert.equal(step(room, about("i1")).doubtful, false);
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
  const asked = deepFreeze(after({ type: "me.skip_asked", play_id: "p7" }));
  assert.equal(asked.me.skip, "p7");
  const paused = { type: "playback.changed", playback: playing(7, 2_000_000, { state: "paused" }) };
  const other = { type: "playback.changed", playback: playing(8, 2_000_000) };
  assert.equal(following(asked, events(12, paused)).me.skip, "p7");
  assert.equal(following(asked, events(12, paused, other)).me.skip, null);
});

test("an order moves the items it names", () => {
  assert.deepEqual(ids(after({ type: "queue.ordered", items: ["i3", "i1", "i2"] })), ["i3", "i1", "i2"]);
});

test("an order that names unknown items or forgets some loses nothing and is doubted", () => {
  const frame = events(11, { type: "queue.ordered", items: ["i9", "i3"] });
  const { state, doubtful } = step(room, frame);
  assert.deepEqual(ids(state), ["i3", "i1", "i2"]);
  assert.equal(doubtful, true);
  assert.equal(step(room, events(11, { type: "queue.ordered", items: ["i3", "i2", "i1"] })).doubtful, false);
  assert.equal(step(room, events(11, { type: "queue.ordered", items: ["i3", "i3", "i1"] })).doubtful, true);
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

test("what plays says nothing of the lock", () => {
  const next = after({ type: "queue.locked", item: "i2" }, { type: "playback.changed", playback: playing(7, 2_000_000) });
  assert.equal(next.queue[0].locked, true);
  assert.equal(next.playback.next, next.queue[0]);
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

test("a frame that tells nothing new leaves the state itself alone", () => {
  assert.equal(following(room, { type: "me.voted", votes: { i1: 1 } }), room);
  assert.equal(following(room, { type: "clock", sent: 1 }), room);
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
  const { state, events: fresh } = step(now, events(12, tally("i1", 3), tally("i1", 9)));
  assert.equal(state.queue[0].score, 9);
  assert.equal(state.revision, 13);
  assert.equal(fresh.length, 1);
});

test("a known frame changes nothing, and one that comes too early neither", () => {
  assert.equal(following(room, events(9, tally("i1", 5))), room);
  assert.equal(following(room, events(12, tally("i1", 5))), room);
});

test("my votes are known by the items that changed", () => {
  const voted = after({ type: "me.voted", votes: { i1: 0, i2: -1 } });
  assert.deepEqual(voted, { ...room, revision: 11, me: { ...room.me, votes: { i2: -1 } } });
});

test("my answered vote is known before its event comes, and counts for no revision", () => {
  const down = following(room, { type: "me.voted", votes: { i2: -1 } });
  assert.deepEqual(down, { ...room, me: { ...room.me, votes: { i1: 1, i2: -1 } } });
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
