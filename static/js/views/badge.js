// @ts-check
/** How well a device agrees with the room, in a word. Pure. */

/**
 * @typedef {{state: string, mode: "precise"|"pocket"|"estimated", offset_ms: number, jitter_ms: number, uncertainty_ms: number,
 *   corrected: {how: "rate"|"seek", at: number}|null, error_ms?: number|null}} Sync  see Follower.sync
 *   error_ms: how far an estimated place may be off, as far as that is measured
 * @typedef {{tone: "ok"|"lit"|"stop"|"plain", icon: string, words: string}} Badge
 */

/** @param {Sync} sync @returns {Badge} */
export function badgeOf(sync) {
  switch (sync.state) {
    case "in_step":
      return { tone: "ok", icon: "waves", words: `In sync, ±${within(sync)} ms` };
    case "catching_up":
      return { tone: "lit", icon: "again", words: "Catching up" };
    case "off":
      return { tone: "stop", icon: "warning", words: `Off by ${milliseconds(sync.offset_ms)}` };
    case "estimated":
      return { tone: "plain", icon: "clock", words: estimated(sync) };
    case "blocked":
      return { tone: "stop", icon: "warning", words: "Waits for one tap" };
    default:
      return { tone: "plain", icon: "clock", words: "Silent now" };
  }
}

/** Less is not known of what Spotify's player says: its word is not what is heard. */
const BEST_ESTIMATE_MS = 500;

/** "Position estimated, about ±0.7 s": never better than it was measured. @param {Sync} sync */
function estimated({ error_ms = null }) {
  if (error_ms === null) return "Position estimated";
  const tenths = Math.ceil(Math.max(BEST_ESTIMATE_MS, error_ms) / 100);
  return `Position estimated, about ±${(tenths / 10).toFixed(1)} s`;
}

/** What is measured, and how far the measure itself may be wrong. @param {Sync} sync */
export function within({ offset_ms, jitter_ms, uncertainty_ms }) {
  return Math.max(1, Math.round(Math.abs(offset_ms) + jitter_ms + uncertainty_ms));
}

/** "180 ms", "2.4 s" @param {number} ms */
export function milliseconds(ms) {
  const size = Math.abs(ms);
  return size < 1_000 ? `${Math.round(size)} ms` : `${(size / 1_000).toFixed(1)} s`;
}

/** "3 ms ahead" @param {number} ms */
export function aheadOrBehind(ms) {
  const whole = Math.round(ms);
  return whole === 0 ? "together" : `${milliseconds(whole)} ${whole > 0 ? "ahead" : "behind"}`;
}

/** "Plays 20 ms earlier" @param {number} nudge_ms */
export function nudgeWords(nudge_ms) {
  return nudge_ms === 0 ? "As measured" : `${milliseconds(nudge_ms)} ${nudge_ms > 0 ? "earlier" : "later"}`;
}
