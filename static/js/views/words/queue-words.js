// @ts-check
/** What stands at the queue and is read aloud of it. Pure. */

import { waitsForSource } from "../../state/sources.js";
import { say } from "../../words/queue/say.js";
import { artists, clockTime, minutes, tracks } from "./words.js";

/** @typedef {import("../../state/shapes.js").Item} Item */

/**
 * "12 tracks, 44 min", "12 tracks, 38 min, 2 held": the time is that of those that can play.
 * @param {readonly Item[]} queue @param {Set<string>} [away]  sources whose tracks wait until they are back
 */
export function queueLength(queue, away = new Set()) {
  if (queue.length === 0) return say("queue.empty");
  const held = queue.filter(({ track }) => waitsForSource(track, away));
  const ms = queue.reduce((sum, { track }) => sum + (waitsForSource(track, away) ? 0 : track.duration_ms ?? 0), 0);
  const time = ms === 0 ? "" : minutes(ms);
  return [tracks(queue.length), time, held.length === 0 ? "" : say("queue.held", { n: held.length })].filter(Boolean).join(", ");
}

/** "Yours: 2 waiting, next 22:06", in short "Yours 22:06" @param {readonly Item[]} mine @param {boolean} [short] */
export function yours(mine, short = false) {
  const { eta_ms, locked } = mine.find((item) => item.eta_ms !== null) ?? mine[0];
  if (locked && (short || mine.length === 1)) return say("yours.next");
  if (eta_ms === null) return say("yours.waiting", { n: mine.length });
  if (short) return say("yours.short", { time: clockTime(eta_ms) });
  return say("yours.at", { n: mine.length, time: clockTime(eta_ms) });
}

/** "3, Eleven Windows by Harbour Static, added by Tomasz, about 21:47"
 * @param {Item} item @param {number} rank @param {string|null} who */
export function itemName(item, rank, who) {
  const ownWords = item.suggested_for ? say("row.by_room") : say("row.from_shelf");
  const words = {
    rank: item.locked ? say("row.next") : String(rank),
    title: item.track.title,
    artists: artists(item.track),
    origin: who === null ? ownWords : say("row.by", { who }),
  };
  return item.eta_ms === null ? say("row.name", words) : say("row.name_at", { ...words, time: clockTime(item.eta_ms) });
}
