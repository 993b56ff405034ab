// @ts-check
import { LIBRARY } from "../../state/sources.js";
import { drawAttribution, part, setCover, setShown, setText } from "../elements/pieces.js";
import { artists, duration } from "../words/words.js";
import { say } from "../../words/sheets/say.js";

/** @typedef {import("../../state/shapes.js").Track} Track */

/**
 * What is known of a track that does not wait, and what goes with it.
 * @param {{sheet: import("../elements/sheet.js").Sheet, track: Track, opener: HTMLElement, moreLike: () => void}} options
 */
export function openTrack({ sheet, track, opener, moreLike }) {
  let isAsked = false;
  // Only once the sheet is gone: it gives the focus back, which then goes to what was asked for.
  const body = sheet.show("sheet-track", { opener, closed: () => isAsked && moreLike() });
  setText(part(body, "title"), track.title);
  setText(part(body, "artist"), artists(track));
  drawAttribution(part(body, "attribution"), track);
  setCover(part(body, "cover"), track.thumb ?? track.cover);
  const facts = {
    album: track.album,
    length: track.explicit ? say("fact.explicit", { length: duration(track.duration_ms) }) : duration(track.duration_ms),
    source: track.source === LIBRARY ? say("fact.library") : "",
  };
  for (const [name, words] of Object.entries(facts)) {
    const value = part(body, `fact-${name}`);
    setText(value, words);
    setShown(value.parentElement, words !== "");
  }
  part(body, "more-like").addEventListener("click", () => {
    isAsked = true;
    sheet.close();
  });
}
