// @ts-check
/** How well a device agrees with the room, in a word. Pure. */

import { say } from "../../words/sound/say.js";

/** @typedef {import("../../audio/sync-controller.js").DeviceSyncFacts} DeviceSyncFacts */
/** @typedef {{tone: "ok"|"accent"|"stop"|"plain", icon: string, words: string}} Badge */

/** @param {DeviceSyncFacts} sync @returns {Badge} */
export function badgeOf(sync) {
  switch (sync.state) {
    case "in_step":
      return { tone: "ok", icon: "waves", words: say("sync.in_step", { ms: within(sync) }) };
    case "catching_up":
      return { tone: "accent", icon: "again", words: say("sync.catching_up") };
    case "off":
      return { tone: "stop", icon: "warning", words: say("sync.off", { by: milliseconds(sync.offset_ms) }) };
    case "estimated":
      return { tone: "plain", icon: "clock", words: estimated(sync) };
    case "blocked":
      return { tone: "stop", icon: "warning", words: say("sync.blocked") };
    default:
      return { tone: "plain", icon: "clock", words: say("sync.silent") };
  }
}

/** Less is not known of what a device of another maker says: its word is not what is heard. */
const BEST_ESTIMATE_MS = 500;

/** "Position estimated, about ±0.7 s": never better than it was measured. @param {DeviceSyncFacts} sync */
function estimated({ error_ms = null }) {
  if (error_ms === null) return say("sync.estimated");
  const tenths = Math.ceil(Math.max(BEST_ESTIMATE_MS, error_ms) / 100);
  return say("sync.estimated_about", { seconds: (tenths / 10).toFixed(1) });
}

/** What is measured, and how far the measure itself may be wrong. @param {DeviceSyncFacts} sync */
export function within({ offset_ms, jitter_ms, uncertainty_ms }) {
  return Math.max(1, Math.round(Math.abs(offset_ms) + jitter_ms + uncertainty_ms));
}

/** "180 ms", "2.4 s" @param {number} ms */
export function milliseconds(ms) {
  const size = Math.abs(ms);
  return size < 1_000 ? say("sync.ms", { n: Math.round(size) }) : say("sync.s", { n: (size / 1_000).toFixed(1) });
}

/** "3 ms ahead" @param {number} ms */
export function aheadOrBehind(ms) {
  const whole = Math.round(ms);
  return whole === 0 ? say("sync.together") : say(whole > 0 ? "sync.ahead" : "sync.behind", { by: milliseconds(whole) });
}

/** "Plays 20 ms earlier" @param {number} nudge_ms */
export function nudgeWords(nudge_ms) {
  return nudge_ms === 0 ? say("sync.as_measured") : say(nudge_ms > 0 ? "sync.earlier" : "sync.later", { by: milliseconds(nudge_ms) });
}
