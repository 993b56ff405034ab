// @ts-check
/** Refusals in a person's words: what may not be now, and when it may. Pure. */

import { clockTime, count } from "./words.js";

/** @typedef {import("../shapes.js").Refusal} Refusal */
/** @typedef {import("./scene.js").Show} Show */

/** Time does not heal these. */
const NEVER = new Set(["too_long", "explicit_off", "not_allowed"]);

/** My waiting tracks against the places I have; null where nobody counts. @param {Show} show */
export function places({ state, me, room, rules }) {
  const { open_requests: most } = room.rules;
  if (rules || most === null) return null;
  const mine = state.queue.filter((item) => item.added_by === me.id);
  return { used: mine.length, most, opensAt: mine.find((item) => item.eta_ms !== null)?.eta_ms ?? null };
}

/** "2 of your 3 places used. One more fits." @param {{used: number, most: number, opensAt: number|null}} places */
export function placesWords({ used, most, opensAt }) {
  const left = most - used;
  if (used === 0) return most === 1 ? "One track of yours may wait." : `${most} tracks of yours may wait.`;
  if (left > 0) return `${used} of your ${most} places used. ${left === 1 ? "One more fits." : `${left} more fit.`}`;
  const taken = most === 1 ? "Your place is used." : `All your ${most} places are used.`;
  return opensAt === null ? taken : `${taken} The next opens about ${clockTime(opensAt)}.`;
}

/**
 * Why I could not add a found track now: what the search said, as far as it still holds. My places are counted here,
 * because they fill and empty while the results stand.
 * @param {Refusal|null} found
 * @param {Show} show
 * @returns {Refusal|null}
 */
export function refusalNow(found, show) {
  const counted = places(show);
  if (counted && counted.used >= counted.most) {
    const message = `You have ${count(counted.used, "track")} waiting, the most for one person here. The next place opens when one of them plays.`;
    return { code: "too_many_waiting", message, until_ms: counted.opensAt };
  }
  if (!found || found.code === "too_many_waiting") return null;
  return found.until_ms !== null && found.until_ms <= show.now ? null : found;
}

/** Beside a result: "Rests until 22:10" @param {Refusal} refusal @param {number} waiting  how many of mine wait */
export function refusalShort({ code, until_ms }, waiting) {
  switch (code) {
    case "rests":
      return until_ms === null ? "Rests" : `Rests until ${clockTime(until_ms)}`;
    case "too_many_waiting":
      return `${waiting} of yours ${waiting === 1 ? "waits" : "wait"}`;
    case "too_long":
      return "Too long";
    case "explicit_off":
      return "Explicit";
    case "queue_full":
      return "The queue is full";
    case "muted":
      return "You are muted";
    default:
      return "Not here";
  }
}

/** @param {string} code */
export function refusalTitle(code) {
  return NEVER.has(code) ? "Not here" : "Not yet";
}

/** What comes before the time: "It is free again at 22:10." @param {string} code */
export function untilWords(code) {
  if (code === "rests") return "It is free again at";
  return code === "too_many_waiting" ? "That is about" : "It is allowed again at";
}
