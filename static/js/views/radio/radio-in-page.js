// @ts-check
import { RadioParts } from "../../audio/radio/radio-parts.js";
import { RADIO, stationsAway } from "../../state/radio/radio-source.js";
import { waitingWords } from "../words/words.js";
import { say } from "../../words/room/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */

/** Radio in the page of a room. @type {import("../source-in-page.js").SourceInPage} */
export const radio = {
  name: RADIO,
  mount: () => {},
  startParts: (services) => new RadioParts(services),
  troubleOf: stationTroubleOf,
  searchWords: () => "",
  failedWords: () => "",
  unable: {},
  unableAlong: {},
};

/** Where a station waits: it is tried again by itself. @param {ViewModel} viewModel @returns {import("../words/trouble.js").Trouble|null} */
export function stationTroubleOf({ state, queue }) {
  for (const { name, title = name, at_ms } of stationsAway(state.sources)) {
    const waiting = queue.filter(({ track }) => track.folder === name).length;
    if (waiting === 0) continue;
    const rest = `${waitingWords(waiting)} ${say("station.again")}`;
    return { kind: "wait", icon: "hourglass", bold: say("station.away", { station: title }), rest, act: null, key: `${name} ${at_ms}` };
  }
  return null;
}
