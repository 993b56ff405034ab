// @ts-check
/** Refusals in a person's words: what may not be now, and when it may. Pure. */

import { say } from "../../words/add/say.js";
import { clockTime } from "./words.js";

/** @typedef {import("../../state/shapes.js").Refusal} Refusal */
/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */

/** Time does not heal these. */
const NEVER = new Set(["too_long", "explicit_off", "not_allowed"]);

/** My waiting tracks against the places I have; null where nobody counts. @param {ViewModel} viewModel */
export function places({ state, me, room, can }) {
  const { open_requests: most } = room.rules;
  if (can.curate || most === null) return null;
  const mine = state.queue.filter((item) => item.added_by === me.id);
  return { used: mine.length, most, opensAt: mine.find((item) => item.eta_ms !== null)?.eta_ms ?? null };
}

/** "2 of your 3 places used. One more fits." @param {{used: number, most: number, opensAt: number|null}} places */
export function placesWords({ used, most, opensAt }) {
  const left = most - used;
  if (used === 0) return say("places.free", { n: most });
  if (left > 0) return say("places.left", { used, most, n: left });
  const taken = say("places.taken", { n: most });
  return opensAt === null ? taken : say("places.taken_until", { taken, time: clockTime(opensAt) });
}

/**
 * Why I could not add a found track now: what the search said, as far as it still holds. My places are counted here,
 * because they fill and empty while the results stand.
 * @param {Refusal|null} found
 * @param {ViewModel} viewModel
 * @returns {Refusal|null}
 */
export function refusalNow(found, viewModel) {
  const counted = places(viewModel);
  if (counted && counted.used >= counted.most) {
    return { code: "too_many_waiting", message: say("places.full", { n: counted.used }), until_ms: counted.opensAt };
  }
  if (!found || found.code === "too_many_waiting") return null;
  return found.until_ms !== null && found.until_ms <= viewModel.now ? null : found;
}

/** Beside a result: "Rests until 22:10" @param {Refusal} refusal @param {number} waiting  how many of mine wait */
export function refusalShort({ code, until_ms }, waiting) {
  switch (code) {
    case "rests":
      return until_ms === null ? say("short.rests") : say("short.rests_until", { time: clockTime(until_ms) });
    case "too_many_waiting":
      return say("short.yours_wait", { n: waiting });
    case "too_long":
      return say("short.too_long");
    case "explicit_off":
      return say("short.explicit");
    case "closing":
      return say("short.closing");
    case "queue_full":
      return say("short.queue_full");
    case "muted":
      return say("short.muted");
    default:
      return say("short.never");
  }
}

/** @param {string} code */
export function refusalTitle(code) {
  return NEVER.has(code) ? say("short.never") : say("short.not_yet");
}

/** What comes before the time: "It is free again at 22:10." @param {string} code */
export function untilWords(code) {
  if (code === "rests") return say("until.free");
  return code === "too_many_waiting" ? say("until.about") : say("until.allowed");
}
