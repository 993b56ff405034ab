// @ts-check
/** Whether a person may write to the chat now, and what they read if not. Pure. */

import { reasonWords } from "../../words/refusal.js";
import { clockTime, duration } from "../words/words.js";
import { say } from "../../words/chat/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */

export const LONGEST = 500;
/** From here on the field counts. */
const COUNTED_FROM = 400;

/**
 * The two rules that ask patience bind listeners alone.
 * @param {Pick<ViewModel, "me"|"can"> & {room: Pick<ViewModel["room"], "rules">}} person
 * @param {number|null} lastMs  when they wrote last
 * @param {number} now  both in ms by the server's clock
 * @returns {{closed: string|null, waitS: number}}  closed: why they may not write; waitS: until they may, where that is known
 */
export function writingState({ me, can, room: { rules } }, lastMs, now) {
  const secondsTo = (/** @type {number} */ ms) => Math.max(0, Math.ceil((ms - now) / 1000));
  if (me.muted) return { closed: mutedWords(me.mute ?? null), waitS: secondsTo(me.mute?.until_ms ?? 0) };
  if (!can.chat) return { closed: say("writing.hosts_only"), waitS: 0 };
  if (me.role !== "listener") return { closed: null, waitS: 0 };
  const opensMs = (me.here_since_ms ?? 0) + rules.chat_after_min * 60_000;
  if (now < opensMs) return { closed: say("writing.from", { time: clockTime(opensMs) }), waitS: secondsTo(opensMs) };
  return { closed: null, waitS: lastMs === null ? 0 : secondsTo(lastMs + rules.slow_s * 1000) };
}

/** Until when, why, and what is left. @param {import("../../state/shapes.js").Mute|null} mute */
function mutedWords(mute) {
  const muted = mute?.until_ms ? say("writing.muted_until", { time: clockTime(mute.until_ms) }) : say("writing.muted");
  return [muted, mute?.why ? say("writing.reason", { why: reasonWords(mute.why) }) : "", say("writing.still_vote")].filter(Boolean).join(" ");
}

/** "41 s", "9:41" @param {number} waitS */
export function waitWords(waitS) {
  return waitS < 60 ? say("writing.wait", { n: waitS }) : duration(waitS * 1000);
}

/**
 * When a person wrote last, by the server's clock; null: not that the page knows. A message on its way counts, too.
 * @param {readonly import("../../state/shapes.js").ChatMessage[]} messages  the oldest first
 * @param {readonly {kind: string, at: number}[]} pending  at: by this device's clock
 * @param {string} me  id @param {number} now  by the server's clock @param {number} [deviceNow]
 */
export function lastWrittenMs(messages, pending, me, now, deviceNow = Date.now()) {
  const unsent = pending.findLast(({ kind }) => kind === "message");
  if (unsent) return now - deviceNow + unsent.at;
  return messages.findLast(({ member }) => member === me)?.at_ms ?? null;
}

/** Letters as the server counts them. @param {string} text */
export function lengthOf(text) {
  return [...text.trim().replace(/\s+/gu, " ")].length;
}

/** "480 of 500" near the end, else "" @param {string} text */
export function lengthWords(text) {
  const length = lengthOf(text);
  return length < COUNTED_FROM ? "" : say("message.length", { n: length, most: LONGEST });
}
