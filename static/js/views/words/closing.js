// @ts-check
/** What the room is told from 20 minutes before its closing time. Pure. */

import { say } from "../../words/room/say.js";

const TOLD_AHEAD_MS = 20 * 60_000;

/**
 * @param {Pick<import("../room/renderer.js").ViewModel, "room"|"playback">} viewModel
 * @param {number} nowMs  by the server's clock
 * @returns {{bold: string, rest: string}|null}  null: it is not near, or there is none
 */
export function closingOf({ room, playback }, nowMs) {
  const { closes_after_min: afterMin = null, at_closing: then } = room.rules;
  if (afterMin === null) return null;
  const left = room.created_at + afterMin * 60_000 - nowMs;
  if (left > TOLD_AHEAD_MS) return null;
  const ends = then === "end";
  if (left <= 0) {
    const rest = ends ? say("closing.room_ends_after") : say("closing.shelf_after");
    if (playback.state === "idle") return { bold: say("closing.time"), rest: ends ? say("closing.ends_now") : say("closing.nothing_more") };
    if (ends || playback.item?.added_by) return { bold: say("closing.last_track"), rest };
    return { bold: say("closing.time"), rest: say("closing.shelf_plays") };
  }
  const rest = ends ? say("closing.vote_then_end") : say("closing.vote_then_shelf");
  return { bold: say("closing.in_minutes", { n: Math.ceil(left / 60_000) }), rest };
}
