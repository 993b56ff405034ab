// @ts-check
import { awayOf, waitsForSource } from "../sources.js";

/** @typedef {import("../shapes.js").Item} Item */
/** @typedef {import("../shapes.js").Playback} Playback */
/** @typedef {import("../shapes.js").State} State */
/** @typedef {readonly Item[]} Queue */
/** @typedef {Record<string, number>} Votes  by item id */

/** The waiting items in playing order, and my votes on them. @type {import("./part.js").Part} */
export const queue = {
  name: "queue",
  empty: Object.freeze([]),
  reducers: {
    "queue.added": withItemAt,
    "queue.restored": withItemAt,
    "queue.tallied": tallied,
    "queue.ordered": (known, event) => ordered(known, event.items),
    "queue.explained": explained,
    "queue.removed": (known, event) => known.filter((/** @type {Item} */ { id }) => id !== event.item),
    "queue.locked": locked,
    "room.ended": () => queue.empty,
  },
  fits,
  mine: {
    /** 1 or -1 by item id; items without my vote are absent. */
    votes: {
      empty: Object.freeze({}),
      reducers: {
        "me.voted": (known, event) => Object.entries(event.votes).reduce((votes, [item, value]) => withVote(votes, item, value), known),
        "queue.added": votedByAdding,
        "queue.removed": (known, event) => withVote(known, event.item, 0),
      },
    },
  },
  derive: withTimes,
};

/** Does the event speak of the same waiting items as this queue? @param {Queue} known @param {any} event */
function fits(known, event) {
  const waits = (/** @type {string} */ id) => known.some((item) => item.id === id);
  switch (event.type) {
    case "queue.added":
    case "queue.restored":
      return event.at <= known.length;
    case "queue.tallied":
      return waits(event.item);
    case "queue.locked":
      return event.item === null || waits(event.item);
    case "queue.explained":
      return event.items.every((/** @type {{item: string}} */ { item }) => waits(item));
    case "queue.ordered":
      return event.items.length === known.length && sameIds(known, event.items);
    default:
      return true;
  }
}

/** @param {Queue} known @param {string[]} ids */
function sameIds(known, ids) {
  const named = new Set(ids);
  return named.size === known.length && known.every((item) => named.has(item.id));
}

/** @param {Queue} known @param {any} event */
function withItemAt(known, { item, at }) {
  const items = known.filter(({ id }) => id !== item.id);
  items.splice(at, 0, item);
  return items;
}

/** @param {Queue} known @param {any} event */
function tallied(known, { item: id, up, down, score, reason, why }) {
  return known.map((item) => (item.id === id ? { ...item, up, down, score, reason, why } : item));
}

/** Other reasons than before; where the items stand, an order says. @param {Queue} known @param {any} event */
function explained(known, { items }) {
  const told = new Map(items.map((/** @type {any} */ { item, reason, why }) => [item, { reason, why }]));
  return known.map((item) => (told.has(item.id) ? { ...item, ...told.get(item.id) } : item));
}

/**
 * Items that the order does not name stay, at the end: an order can never lose a track.
 * @param {Queue} known
 * @param {string[]} ids
 */
export function ordered(known, ids) {
  const left = new Map(known.map((item) => [item.id, item]));
  const placed = [];
  for (const id of ids) {
    const item = left.get(id);
    if (!item) continue;
    placed.push(item);
    left.delete(id);
  }
  return [...placed, ...left.values()];
}

/** The locked item stands first, and no other one is locked. @param {Queue} known @param {any} event */
function locked(known, { item: id }) {
  const items = known.map((item) => (item.locked === (item.id === id) ? item : { ...item, locked: item.id === id }));
  return id === null ? items : ordered(items, [id]);
}

/** @param {Votes} known @param {string} item @param {number} value  0: no vote any more */
function withVote(known, item, value) {
  if ((known[item] ?? 0) === value) return known;
  const { [item]: _, ...others } = known;
  return value === 0 ? others : { ...others, [item]: value };
}

/** Adding a track is also one's up-vote for it. @param {Votes} known @param {any} event @param {State} state */
function votedByAdding(known, { item }, { queue, me }) {
  const isMine = item.added_by === me?.id && item.up > 0;
  return isMine && !queue.some(({ id }) => id === item.id) ? withVote(known, item.id, 1) : known;
}

/**
 * When each waiting item starts if nothing changes; null for all while nothing plays, for those whose source or folder is
 * away, which are passed over, and behind a station of which nobody knows when it ends.
 * @param {State} state
 * @returns {State}
 */
function withTimes(state) {
  let at = endOf(state.playback);
  const away = awayOf(state.sources);
  const items = state.queue.map((item) => {
    const waits = waitsForSource(item.track, away);
    const eta_ms = waits ? null : at;
    if (!waits) at = after(at, item.track);
    return item.eta_ms === eta_ms ? item : { ...item, eta_ms };
  });
  return items.some((item, index) => item !== state.queue[index]) ? { ...state, queue: items } : state;
}

/** Server time in ms. @param {Playback|null} playback @returns {number|null} */
function endOf(playback) {
  if (playback?.state !== "playing" || !playback.track || playback.starts_at_ms === null) return null;
  return after(playback.starts_at_ms, playback.track);
}

/** The end of a track that starts at a moment, where both are known. @param {number|null} at @param {import("../shapes.js").Track} track */
function after(at, { duration_ms }) {
  return at === null || duration_ms === null ? null : at + duration_ms;
}
