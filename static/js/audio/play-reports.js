// @ts-check

/** @typedef {import("../state/shapes.js").Playback} Playback */
/** @typedef {import("./local-player.js").LocalPlayer} LocalPlayer */
/** @typedef {import("./engine.js").RoomEngine} RoomEngine */
/** @typedef {import("./player-status.js").Cause|"drifted"|"over"} ReportCause */
/**
 * @typedef {{play_id?: string, state: string, position_ms: number, cause?: string|null, starts_at_ms?: number|null,
 *   length_ms?: number}} Facts  the body of a report
 */

/** Decoders differ by less than this about one file. */
const OTHER_LENGTH_MS = 500;

/** What the speaker reports to the server of what is really heard. */
export class PlayReports {
  /** The play and the length that the server knows. */
  #toldLength = "";

  /**
   * @param {LocalPlayer|RoomEngine} player  whose track is on
   * @param {{playback: Playback, over: ReportCause|null, isFile: boolean}} room  over: what was in the way until now, or is to be known
   * @returns {Facts|null} null: nothing is meant to be heard, so there is nothing to report
   */
  factsOf(player, { playback, over, isFile }) {
    const { state, playId, position_ms, blocked, cause } = player;
    const { play_id } = playback;
    if (blocked && playback.state === "playing") return { play_id, state: "stalled", position_ms, cause: "suspended" };
    if (state === "quiet" || blocked || playId !== play_id) return null;
    const why = state === "stalled" || state === "error" ? cause : over;
    const moment = why === "drifted" ? momentOf(playback) : {};
    const length = isFile ? this.#otherLength(/** @type {LocalPlayer} */ (player).length_ms, playback) : {};
    return { play_id, state, position_ms, ...(why && { cause: why }), ...moment, ...length };
  }

  /** A player was paused in another app. @param {RoomEngine} player @param {Playback} playback @returns {Facts} */
  pausedFactsOf({ playId, position_ms }, playback) {
    return { play_id: playId ?? undefined, state: "paused", position_ms, ...momentOf(playback) };
  }

  /** The server has stored these: the length is told once. @param {Facts} facts */
  confirm({ play_id, length_ms }) {
    if (length_ms) this.#toldLength = `${play_id} ${length_ms}`;
  }

  /** How long the track really sounds, where the room goes by another length. @param {number|null} length_ms @param {Playback} playback */
  #otherLength(length_ms, { play_id, track }) {
    if (length_ms === null || !track || track.duration_ms === null || Math.abs(length_ms - track.duration_ms) < OTHER_LENGTH_MS) return {};
    return this.#toldLength === `${play_id} ${length_ms}` ? {} : { length_ms };
  }
}

/** Of which moment of the play a device speaks: the room may have jumped by now. @param {Playback} playback */
function momentOf({ starts_at_ms }) {
  return { starts_at_ms: starts_at_ms ?? null };
}
