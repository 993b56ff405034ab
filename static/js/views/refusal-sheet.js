// @ts-check
import { part, setCover, setFrom, setShown, setText } from "./pieces.js";
import { refusalTitle, untilWords } from "./refusals.js";
import { artists, clockTime } from "./words.js";

/**
 * What was tried and may not be: the rule, and when it will be allowed.
 * @param {{sheet: import("./sheet.js").Sheet, code: string, track: import("../shapes.js").Track|null,
 *   refusal: import("../shapes.js").Refusal, opener?: HTMLElement|null}} options
 */
export function openRefusal({ sheet, code, track, refusal, opener = null }) {
  const body = sheet.show("sheet-refusal", { opener });
  setText(part(body, "title"), refusalTitle(refusal.code));
  setText(part(body, "note"), track ? `${track.title}, ${artists(track)}` : "");
  setFrom(part(body, "from"), track);
  setShown(part(body, "cover"), track !== null);
  setCover(part(body, "cover"), track?.thumb ?? track?.cover ?? null);
  setText(part(body, "words"), refusal.message);
  setShown(part(body, "until"), refusal.until_ms !== null);
  setShown(part(body, "waits"), refusal.until_ms !== null);
  setShown(part(body, "stands"), refusal.until_ms === null);
  if (refusal.until_ms !== null) {
    setText(part(body, "until-words"), untilWords(refusal.code));
    setText(part(body, "until-time"), clockTime(refusal.until_ms));
  }
  part(body, "rules").href = `/r/${code}/rules`;
}
