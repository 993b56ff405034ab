// @ts-check
import { drawAttribution, part, setCover, setShown, setText } from "../elements/pieces.js";
import { refusalWords } from "../../words/refusal.js";
import { refusalTitle, untilWords } from "../words/refusals.js";
import { artists, clockTime } from "../words/words.js";

/**
 * What was tried and may not be: the rule, and when it will be allowed.
 * @param {{sheet: import("../elements/sheet.js").Sheet, code: string, track: import("../../state/shapes.js").Track|null,
 *   refusal: import("../../state/shapes.js").Refusal, opener?: HTMLElement|null}} options
 */
export function openRefusal({ sheet, code, track, refusal, opener = null }) {
  const body = sheet.show("sheet-refusal", { opener });
  setText(part(body, "title"), refusalTitle(refusal.code));
  setText(part(body, "note"), track ? `${track.title}, ${artists(track)}` : "");
  drawAttribution(part(body, "attribution"), track);
  setShown(part(body, "cover"), track !== null);
  setCover(part(body, "cover"), track?.thumb ?? track?.cover ?? null);
  setText(part(body, "words"), refusalWords(refusal));
  setShown(part(body, "until"), refusal.until_ms !== null);
  setShown(part(body, "waits"), refusal.until_ms !== null);
  setShown(part(body, "stands"), refusal.until_ms === null);
  if (refusal.until_ms !== null) {
    setText(part(body, "until-words"), untilWords(refusal.code));
    setText(part(body, "until-time"), clockTime(refusal.until_ms));
  }
  part(body, "rules").href = `/r/${code}/rules`;
}
