// @ts-check
/** How well a device agrees with the room, in a word. Pure. */

/**
 * @typedef {{state: string, mode: "precise"|"pocket"|"estimated", offset_ms: number, jitter_ms: number, uncertainty_ms: number,
 *   corrected: {how: "rate"|"seek", at: number}|null}} Sync  see Follower.sync
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
      return { tone: "plain", icon: "clock", words: "Position estimated" };
    case "blocked":
      return { tone: "stop", icon: "warning", words: "Waits for one tap" };
    default:
      return { tone: "plain", icon: "clock", words: "Silent now" };
  }
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
