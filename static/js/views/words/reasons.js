// @ts-check
/** One quiet line per row says why it stands there. The server tells the kind; names and minutes are made here. Pure. */

import { LIBRARY, waitsForSource } from "../../state/sources.js";
import { say } from "../../words/queue/say.js";
import { suggestedWords } from "./suggestion-reasons.js";
import { clockTime, minutesSince, ordinal, sourceName, votes } from "./words.js";

/** @typedef {import("../../state/shapes.js").Item} Item */
/** @typedef {{me: string|null, members: ReadonlyMap<string, {name: string}>, now: number, away: ReadonlySet<string>}} Reader */

/** Up to here "8 min ago" says more than a time of day. */
const AGO_UP_TO_MIN = 20;

/** By kind: what everybody reads, and whose track it is reads of it. @type {Record<string, (item: Item, now: number, who: string) => string>} */
const KINDS = {
  next: (item) => say("why.next", { votes: votes(item.score) }),
  pinned: () => say("why.pinned"),
  votes: (item, now, who) => byVotes(item, now, who),
  turn: (item, now, who) => byTurn(item, now, who),
  placed: () => say("why.placed"),
  new: (item) => say("why.new", { votes: votes(item.score) }),
  suggested: (item) => suggestedWords(item.suggested_for ?? null),
  shelf: () => say("why.shelf"),
  spaced: () => say("why.spaced"),
  gives_way: () => say("why.gives_way"),
};

/** @type {Record<string, (item: Item, now: number) => string>} */
const OWN = {
  next: (item) => say("why.own_next", { votes: votes(item.score) }),
  pinned: () => say("why.own_pinned"),
  votes: ownVotes,
  turn: ({ why, score, added_at }, now) => (why.nth > 1 ? say("why.own_nth", { nth: ordinal(why.nth), votes: votes(score) }) : say("why.own_turn", { waits: waiting(added_at, now) })),
  placed: () => say("why.own_placed"),
  new: ownVotes,
  spaced: () => say("why.own_spaced"),
  gives_way: () => say("why.own_gives_way"),
};

/**
 * Why the row stands where it does, or what it waits for. Nobody reads about themselves by name; a kind this page does not know yet has
 * the server's own words.
 * @param {Item} item
 * @param {Reader} reader
 */
export function reason(item, { me, members, now, away }) {
  if (waitsForSource(item.track, away)) return item.track.source === LIBRARY ? say("why.waits_folder") : say("why.waits", { source: sourceName(item.track.source) });
  const { kind } = item.why;
  if (item.added_by !== null && item.added_by === me) {
    return Object.hasOwn(OWN, kind) ? say("why.yours", { why: OWN[kind](item, now) }) : item.reason;
  }
  const who = item.added_by === null ? null : members.get(item.added_by)?.name ?? say("why.a_guest");
  if (who === null && kind === "votes") return votes(item.score);
  return Object.hasOwn(KINDS, kind) ? KINDS[kind](item, now, who ?? "") : item.reason;
}

/** @param {Item} item @param {number} now @param {string} who */
function byVotes({ score, why, added_at }, now, who) {
  if (why.nth > 1) return say("why.nth_of", { votes: votes(score), who, nth: ordinal(why.nth) });
  if (why.played_at === null) return say("why.first_of", { votes: votes(score), who });
  if (why.played_at > added_at) return say("why.played", { votes: votes(score), who, ago: ago(why.played_at, now) });
  const waited = minutesSince(added_at, now);
  return waited < 1 ? say("why.new", { votes: votes(score) }) : say("why.waited", { votes: votes(score), who, minutes: waited });
}

/** @param {Item} item @param {number} now @param {string} who */
function byTurn({ score, why, added_at }, now, who) {
  return why.nth > 1 ? say("why.turn_nth", { who, nth: ordinal(why.nth), votes: votes(score) }) : say("why.turn", { who, waits: waiting(added_at, now) });
}

/** @param {Item} item @param {number} now */
function ownVotes({ score, why, added_at }, now) {
  if (why.played_at !== null && why.played_at > added_at) return say("why.own_played", { votes: votes(score), ago: ago(why.played_at, now) });
  return minutesSince(added_at, now) < 1 ? say("why.so_far", { votes: votes(score) }) : say("why.own_waits", { votes: votes(score), waits: waiting(added_at, now) });
}

/** @param {number} since @param {number} now */
function waiting(since, now) {
  const waited = minutesSince(since, now);
  return waited < 1 ? say("why.just_added") : say("why.waiting", { minutes: waited });
}

/** "8 min ago", "at 21:10" @param {number} ms @param {number} now */
function ago(ms, now) {
  const since = minutesSince(ms, now);
  if (since > AGO_UP_TO_MIN) return say("ago.at", { time: clockTime(ms) });
  return since < 1 ? say("ago.now") : say("ago.minutes", { minutes: since });
}
