// @ts-check
/** One quiet line per strip says why it stands there. The server tells the kind; names and minutes are made here. Pure. */

import { LIBRARY, isHeld } from "../sources.js";
import { clockTime, minutesSince, ordinal, sourceName, votes } from "./words.js";

/** @typedef {import("../shapes.js").Item} Item */
/** @typedef {{me: string|null, members: ReadonlyMap<string, {name: string}>, now: number, away: ReadonlySet<string>}} Reader */

/** Up to here "8 min ago" says more than a time of day. */
const AGO_UP_TO_MIN = 20;

/** By kind: what everybody reads, and whose track it is reads of it. @type {Record<string, (item: Item, now: number, who: string) => string>} */
const KINDS = {
  next: (item) => `Next: fixed, ${votes(item.score)}`,
  pinned: () => "Pinned by the host",
  votes: (item, now, who) => byVotes(item, now, who),
  turn: (item, now, who) => byTurn(item, now, who),
  placed: () => "Placed by the host",
  new: (item) => `New: ${votes(item.score)} so far`,
  shelf: () => "From the shelf",
  spaced: () => "After another artist",
};

/** @type {Record<string, (item: Item, now: number) => string>} */
const OWN = {
  next: (item) => `next and fixed, ${votes(item.score)}`,
  pinned: () => "pinned by the host",
  votes: ownVotes,
  turn: ({ why, score, added_at }, now) => (why.nth > 1 ? `your ${ordinal(why.nth)}, ${votes(score)}` : `your turn, ${waiting(added_at, now)}`),
  placed: () => "placed by the host",
  new: ownVotes,
  spaced: () => "after another artist",
};

/**
 * Why the strip stands where it does, or what it waits for. Nobody reads about themselves by name; a kind this page does not know yet has
 * the server's own words.
 * @param {Item} item
 * @param {Reader} reader
 */
export function reason(item, { me, members, now, away }) {
  if (isHeld(item.track, away)) return item.track.source === LIBRARY ? "Waits for its music folder" : `Waits for ${sourceName(item.track.source)}`;
  const { kind } = item.why;
  if (item.added_by !== null && item.added_by === me) {
    return Object.hasOwn(OWN, kind) ? `Yours: ${OWN[kind](item, now)}` : item.reason;
  }
  const who = item.added_by === null ? null : members.get(item.added_by)?.name ?? "a guest";
  if (who === null && kind === "votes") return votes(item.score);
  return Object.hasOwn(KINDS, kind) ? KINDS[kind](item, now, who ?? "") : item.reason;
}

/** @param {Item} item @param {number} now @param {string} who */
function byVotes({ score, why, added_at }, now, who) {
  if (why.nth > 1) return `${votes(score)}, ${who}’s ${ordinal(why.nth)}`;
  if (why.played_at === null) return `${votes(score)}, first track of ${who}`;
  if (why.played_at > added_at) return `${votes(score)}, ${who} played ${ago(why.played_at, now)}`;
  const waited = minutesSince(added_at, now);
  return waited < 1 ? `New: ${votes(score)} so far` : `${votes(score)}, ${who} has waited ${waited} min`;
}

/** @param {Item} item @param {number} now @param {string} who */
function byTurn({ score, why, added_at }, now, who) {
  return why.nth > 1 ? `${who}’s ${ordinal(why.nth)}, ${votes(score)}` : `${who}’s turn: ${waiting(added_at, now)}`;
}

/** @param {Item} item @param {number} now */
function ownVotes({ score, why, added_at }, now) {
  if (why.played_at !== null && why.played_at > added_at) return `${votes(score)}, you played ${ago(why.played_at, now)}`;
  return minutesSince(added_at, now) < 1 ? `${votes(score)} so far` : `${votes(score)}, ${waiting(added_at, now)}`;
}

/** @param {number} since @param {number} now */
function waiting(since, now) {
  const waited = minutesSince(since, now);
  return waited < 1 ? "just added" : `waiting ${waited} min`;
}

/** "8 min ago", "at 21:10" @param {number} ms @param {number} now */
function ago(ms, now) {
  const since = minutesSince(ms, now);
  if (since > AGO_UP_TO_MIN) return `at ${clockTime(ms)}`;
  return since < 1 ? "just now" : `${since} min ago`;
}
