// @ts-check
/** Why something is suggested. The server sends a code and its values; the sentence is made here. Pure. */

import { say, sayOf } from "../../words/queue/say.js";

/** @typedef {{code: string, values: Record<string, any>}} Reason */

/** "Like Cardamom, which got 7 votes" @param {Reason} reason */
export function reasonWords({ code, values }) {
  const { title = "", votes = 0, rooms = 0, is_playing: isPlaying = false, genre, year } = values;
  if (code === "similar" && isPlaying) return say("suggestion.similar_plays", { title });
  if (code === "similar" && votes > 0) return say("suggestion.similar_votes", { title, n: votes });
  if (code === "played_after" && rooms > 1) return say("suggestion.played_after_rooms", { title, n: rooms });
  const written = { ...values, n: values.rooms, genre: genre && capital(genre), year: year && String(year) };
  return sayOf("suggestion", code, written, say("suggestion.unknown"));
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
