// @ts-check
/** Why something is suggested. The server sends a code and its values; the sentence is made here. Pure. */

import { say, sayOf } from "../../words/queue/say.js";

/** @typedef {{code: string, values: Record<string, any>}} Reason */

/** "Like Cardamom, which got 7 votes" @param {Reason} reason */
export function reasonWords({ code, values }) {
  const { votes, rooms, genre, year } = values;
  // Where one of these has no value, the sentence would have a gap.
  const written = { ...values, n: code === "similar" ? votes : rooms, genre: genre ? capital(genre) : null, year: year ? String(year) : null };
  return sayOf("suggestion", variantOf(code, values), written, say("suggestion.unknown"));
}

/** The sentence of a code that says more where more is known. @param {string} code @param {Reason["values"]} values */
function variantOf(code, { is_playing: isPlaying, votes, rooms }) {
  if (code === "similar" && isPlaying) return "similar_plays";
  if (code === "similar" && votes > 0) return "similar_votes";
  return code === "played_after" && rooms > 1 ? "played_after_rooms" : code;
}

/** Of what the room added by itself. @param {Reason|null} reason */
export function suggestedWords(reason) {
  if (reason === null || reason.code === "library") return say("suggestion.added");
  return say("suggestion.added_because", { why: reasonWords(reason) });
}

/** @param {string} mood */
export function moodWords(mood) {
  return sayOf("mood", mood, {}, capital(mood));
}

/** "1980s" @param {number} decade */
export function decadeWords(decade) {
  return say("suggestion.decade", { year: String(decade) });
}

/** @param {any} text */
function capital(text) {
  const word = String(text);
  return word.charAt(0).toUpperCase() + word.slice(1);
}
