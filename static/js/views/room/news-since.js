// @ts-check
import { say } from "../../words/room/say.js";
import { minutes } from "../words/words.js";

/** @typedef {import("../../state/shapes.js").Item} Item */

/**
 * "3 tracks added, 1 gone in the 2 min you were away.", counting what the reader sees and nothing that is zero. Pure.
 * @param {readonly Item[]} before @param {readonly Item[]} queue @param {number} awayMs
 */
export function newsSince(before, queue, awayMs) {
  const [known, waiting] = [before, queue].map((items) => new Set(items.map(({ id }) => id)));
  const news = newsWords([...waiting].filter((id) => !known.has(id)).length, [...known].filter((id) => !waiting.has(id)).length);
  const time = minutes(awayMs);
  return news === "" ? say("catching_up.nothing", { time }) : say("catching_up.news", { news, time });
}

/** @param {number} added @param {number} gone */
function newsWords(added, gone) {
  const words = added === 0 ? "" : say("catching_up.added", { n: added });
  if (gone === 0) return words;
  return words === "" ? say("catching_up.gone", { n: gone }) : say("catching_up.added_and_gone", { added: words, n: gone });
}
