// @ts-check
/** What each fact about a room does to the page's picture of it. Pure: nothing given in is ever changed. */

import { awayOf, isHeld } from "./sources.js";

/** @typedef {import("./shapes.js").State} State */
/** @typedef {import("./shapes.js").RoomEvent} RoomEvent */
/** @typedef {import("./shapes.js").Frame} Frame */
/** @typedef {import("./shapes.js").Item} Item */

/** @type {State} */
export const emptyState = Object.freeze({
  revision: 0,
  room: null,
  me: null,
  members: Object.freeze([]),
  queue: Object.freeze([]),
  playback: null,
  sources: Object.freeze([]),
});

/** What a room without a track says of skipping. */
const NOBODY_ASKS = Object.freeze({ asked: 0, needed: 2 });

/** One reducer per numbered event. @type {Record<string, (state: State, event: any) => State>} */
export const reducers = {
  "room.changed": (state, { room }) => ({ ...state, room }),
  "room.ended": ended,
  "member.joined": withMember,
  "member.changed": withMember,
  "queue.added": added,
  "queue.tallied": tallied,
  "queue.ordered": (state, { items }) => ({ ...state, queue: ordered(state.queue, items) }),
  "queue.explained": explained,
  "queue.removed": removed,
  "queue.restored": restored,
  "queue.locked": locked,
  "playback.changed": playbackChanged,
  "playback.skip_asked": skipAsked,
  "source.changed": (state, { sources }) => ({ ...state, sources }),
  // Told once, and kept by nobody: the list of them is asked for by whoever opens it.
  "incident.noted": (state) => state,
};

/**
 * The state after one numbered event. An event this page does not know yet counts and changes nothing else.
 * @param {State} state
 * @param {RoomEvent} event
 * @returns {State}
 */
export function reduce(state, event) {
  const known = Object.hasOwn(reducers, event.type);
  const next = known ? reducers[event.type](state, event) : state;
  return { ...next, revision: state.revision + 1 };
}

/**
 * The state after a frame, which events of it were new, and whether one of them did not fit what is known here
 * ("doubtful": a snapshot should be asked for). A frame that is not the next one leaves the state as it is.
 * @param {State} state
 * @param {Frame} frame
 * @returns {{state: State, events: RoomEvent[], doubtful: boolean}}
 */
export function advance(state, frame) {
  switch (frame.type) {
    case "snapshot":
      return calm(withTimes(fromSnapshot(frame)));
    case "events":
      return withEvents(state, frame);
    case "me":
      return calm({ ...state, me: withOwnNews(state.me, frame.me) });
    case "presence":
      return calm({ ...state, members: withPresence(state.members, frame.here) });
    case "voted":
      return calm(state.me ? { ...state, me: withVote(state.me, frame.item, frame.value) } : state);
    default:
      return calm(state);
  }
}

/**
 * When each waiting item starts if nothing changes; null for all while nothing plays, and for those whose source or
 * folder is away: they are passed over.
 * The fixed next track is the queue's own item, so both always say the same.
 * @param {State} state
 * @returns {State}
 */
export function withTimes(state) {
  let at = endsAt(state.playback);
  const away = awayOf(state.sources);
  const queue = state.queue.map((item) => {
    const held = isHeld(item.track, away);
    const eta_ms = held ? null : at;
    if (at !== null && !held) at += item.track.duration_ms;
    return item.eta_ms === eta_ms ? item : { ...item, eta_ms };
  });
  const moved = queue.some((item, index) => item !== state.queue[index]);
  const timed = moved ? { ...state, queue } : state;
  return withNext(timed, timed.playback?.next?.id ?? null);
}

/** @param {State} state */
function calm(state) {
  return { state, events: [], doubtful: false };
}

/** @param {Frame} frame @returns {State} */
function fromSnapshot({ revision, room, me, members, queue, playback, sources = [] }) {
  return { revision, room, me, members, queue, playback, sources };
}

/** @param {State} state @param {Frame} frame */
function withEvents(state, frame) {
  const old = state.revision + 1 - frame.from;
  if (old < 0) return { state, events: [], doubtful: true };
  if (frame.to <= state.revision) return calm(state);
  const events = frame.events.slice(old);
  let next = state;
  let doubtful = false;
  for (const event of events) {
    doubtful ||= !fits(next, event);
    next = reduce(next, event);
  }
  return { state: withTimes({ ...next, revision: frame.to }), events, doubtful };
}

/** Does the event speak of the same waiting items as this state? @param {State} state @param {RoomEvent} event */
function fits(state, event) {
  const waits = (/** @type {string} */ id) => state.queue.some((item) => item.id === id);
  switch (event.type) {
    case "queue.added":
    case "queue.restored":
      return event.at <= state.queue.length;
    case "queue.tallied":
      return waits(event.item);
    case "queue.locked":
      return event.item === null || waits(event.item);
    case "queue.explained":
      return event.items.every((/** @type {{item: string}} */ { item }) => waits(item));
    case "queue.ordered":
      return event.items.length === state.queue.length && sameIds(state.queue, event.items);
    default:
      return true;
  }
}

/** @param {readonly Item[]} queue @param {string[]} ids */
function sameIds(queue, ids) {
  const named = new Set(ids);
  return named.size === queue.length && queue.every((item) => named.has(item.id));
}

/** The room is over: nothing plays, nothing waits. */
function ended(/** @type {State} */ state, /** @type {any} */ { room }) {
  const playback = state.playback && {
    ...state.playback,
    .../** @type {const} */ ({ state: "idle", item: null, track: null, starts_at_ms: null, position_ms: 0 }),
    ...{ next: null, speaker: null, lost: null, halt: null, unheard: false, shelf: null, skip: NOBODY_ASKS },
  };
  return { ...state, room, queue: [], playback };
}

/** Presence is told apart from membership: an event about a member keeps what is known of being here. */
function withMember(/** @type {State} */ state, /** @type {any} */ { member }) {
  const known = state.members.find(({ id }) => id === member.id);
  const fresh = { ...member, here: known ? known.here : true };
  const members = known
    ? state.members.map((one) => (one === known ? fresh : one))
    : [...state.members, fresh];
  return { ...state, members, me: withOwnFacts(state.me, member) };
}

/** @param {State["me"]} me @param {any} member */
function withOwnFacts(me, { id, name, role, muted, banned }) {
  return me && me.id === id ? { ...me, name, role, muted, banned } : me;
}

/** Whoever is not here hears nothing along. @param {State["members"]} members @param {string[]} here */
function withPresence(members, here) {
  const present = new Set(here);
  return members.map((member) => {
    const here = present.has(member.id);
    return member.here === here ? member : { ...member, here, along: here && member.along };
  });
}

/**
 * News about me name only what changed, votes by item (0: none any more); with id and votes they are the whole.
 * @param {State["me"]} me
 * @param {any} news
 */
function withOwnNews(me, news) {
  if (!me || ("id" in news && "votes" in news)) return news;
  const { votes = {}, ...facts } = news;
  const voted = Object.entries(votes).reduce((known, [item, value]) => withVote(known, item, value), me);
  return { ...voted, ...facts };
}

/** @param {NonNullable<State["me"]>} me @param {string} item @param {number} value */
function withVote(me, item, value) {
  if ((me.votes[item] ?? 0) === value) return me;
  const { [item]: _, ...others } = me.votes;
  return { ...me, votes: value === 0 ? others : { ...others, [item]: value } };
}

/** Adding a track is also one's up-vote for it. */
function added(/** @type {State} */ state, /** @type {any} */ { item, at }) {
  const known = state.queue.some(({ id }) => id === item.id);
  const { me } = state;
  const mine = !known && item.added_by === me?.id && item.up > 0;
  return { ...restored(state, { item, at }), me: me && mine ? withVote(me, item.id, 1) : me };
}

/** It waits again, with the votes it had; which of them is mine, a personal frame tells. */
function restored(/** @type {State} */ state, /** @type {any} */ { item, at }) {
  const queue = state.queue.filter(({ id }) => id !== item.id);
  queue.splice(at, 0, item);
  return { ...state, queue };
}

function tallied(/** @type {State} */ state, /** @type {any} */ { item: id, up, down, score, held, reason, why }) {
  const tally = { up, down, score, held, reason, why };
  return { ...state, queue: state.queue.map((item) => (item.id === id ? { ...item, ...tally } : item)) };
}

/** Other reasons than before; where the items stand, an order says. */
function explained(/** @type {State} */ state, /** @type {any} */ { items }) {
  const told = new Map(items.map((/** @type {any} */ { item, reason, why }) => [item, { reason, why }]));
  return { ...state, queue: state.queue.map((item) => (told.has(item.id) ? { ...item, ...told.get(item.id) } : item)) };
}

/**
 * Items the order does not name stay, at the end: an order can never lose a track.
 * @param {readonly Item[]} queue
 * @param {string[]} ids
 */
export function ordered(queue, ids) {
  const left = new Map(queue.map((item) => [item.id, item]));
  const placed = [];
  for (const id of ids) {
    const item = left.get(id);
    if (!item) continue;
    placed.push(item);
    left.delete(id);
  }
  return [...placed, ...left.values()];
}

function removed(/** @type {State} */ state, /** @type {any} */ { item: id }) {
  const queue = state.queue.filter((item) => item.id !== id);
  const without = { ...state, queue, me: state.me && withVote(state.me, id, 0) };
  return state.playback?.next?.id === id ? withNext(without, null) : without;
}

/** The locked item stands first. */
function locked(/** @type {State} */ state, /** @type {any} */ { item: id }) {
  const queue = withLock(state.queue, id);
  const first = id === null ? queue : ordered(queue, [id]);
  return withNext({ ...state, queue: first }, id);
}

/** Whoever asked to skip one track has not asked to skip the next. */
function playbackChanged(/** @type {State} */ state, /** @type {any} */ { playback }) {
  const { me } = state;
  const over = me !== null && (me.skip ?? null) !== null && me.skip !== playback.play_id;
  const queue = withLock(state.queue, playback.next?.id ?? null);
  return { ...state, playback, queue, me: over ? { ...me, skip: null } : me };
}

/** What was asked of a track that is over says nothing about the one that plays. */
function skipAsked(/** @type {State} */ state, /** @type {any} */ { play_id, asked, needed }) {
  const { playback } = state;
  if (playback?.play_id !== play_id) return state;
  return { ...state, playback: { ...playback, skip: { asked, needed } } };
}

/** @param {readonly Item[]} queue @param {string|null} id */
function withLock(queue, id) {
  return queue.map((item) => (item.locked === (item.id === id) ? item : { ...item, locked: item.id === id }));
}

/** @param {State} state @param {string|null} id @returns {State} */
function withNext(state, id) {
  const { playback } = state;
  if (!playback) return state;
  const known = playback.next?.id === id ? playback.next : null;
  const next = id === null ? null : state.queue.find((item) => item.id === id) ?? known;
  return next === playback.next ? state : { ...state, playback: { ...playback, next } };
}

/** @param {State["playback"]} playback @returns {number|null} */
function endsAt(playback) {
  if (playback?.state !== "playing" || !playback.track || playback.starts_at_ms === null) return null;
  return playback.starts_at_ms + playback.track.duration_ms;
}
