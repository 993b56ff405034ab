// @ts-check
/** What is said where something is wrong with a source: to the room, in the search, of this browser. Pure. */

import { foldersAway } from "../../state/sources.js";
import { SOURCES } from "../sources-in-page.js";
import { clockTime, titleWords, waitingWords } from "./words.js";
import { say } from "../../words/room/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */
/** @typedef {import("../../state/shapes.js").Item} Item */
/** @typedef {import("../../state/shapes.js").RoomSource} RoomSource */
/** @typedef {import("./trouble.js").Trouble} Trouble */

/** In the room's banner. @param {ViewModel} viewModel @returns {Trouble|null} */
export function sourceTroubleOf(viewModel) {
  for (const { troubleOf } of SOURCES) {
    const trouble = troubleOf(viewModel);
    if (trouble) return trouble;
  }
  return folderTroubleOf(viewModel);
}

/** Where tracks wait for a folder: it is looked for by itself, and may want a hand. @param {ViewModel} viewModel @returns {Trouble|null} */
function folderTroubleOf({ state, queue, can }) {
  for (const { name, title = name, title_code, at_ms } of foldersAway(state.sources)) {
    const waiting = queue.filter(({ track }) => track.folder === name).length;
    if (waiting === 0) continue;
    const look = can.govern ? say("folder.check") : "";
    const rest = [waitingWords(waiting), look].filter(Boolean).join(" ");
    return { kind: "wait", icon: "hourglass", bold: say("folder.away", { folder: titleWords(title, title_code) }), rest, act: null, key: `${name} ${at_ms}` };
  }
  return null;
}

/** Above what is found in a source; nothing while all is well. @param {RoomSource} source @param {readonly Item[]} queue */
export function searchWords(source, queue) {
  return SOURCES.find(({ name }) => name === source.name)?.searchWords(source, queue) ?? "";
}

/** Where something could not be had: the server's own sentence, and the moment where it gives one.
 * @param {import("../../net/api.js").ApiError} error */
export function failedWords(error) {
  for (const source of SOURCES) {
    const words = source.failedWords(error);
    if (words !== "") return words;
  }
  return error.message;
}

/** Of what was kept: "From 20:41, Radio is away." @param {number} ms @param {string} title  of the source */
export function oldWords(ms, title) {
  return say("source.since", { time: clockTime(ms), title });
}

/** Why this page cannot sound a source for the room. @param {{source: string, why: string}} unable */
export function unableWords({ source, why }) {
  return SOURCES.find(({ name }) => name === source)?.unable[why] ?? "";
}

/** What stands in the way of a listener's own player. @param {string} source @param {{kind: string, message: string}} trouble */
export function unableAlongWords(source, { kind, message }) {
  return SOURCES.find(({ name }) => name === source)?.unableAlong[kind] ?? message;
}
