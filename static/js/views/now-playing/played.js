// @ts-check
import { drawAttribution, part, piece, setCover, setText } from "../elements/pieces.js";
import { fillPagedList } from "../elements/paged-list.js";
import { artists, clockTime, votes } from "../words/words.js";
import { say, sayOf } from "../../words/sheets/say.js";
import { say as sayCommon } from "../../words/common/say.js";

/**
 * What the room has heard, latest first.
 * @param {{sheet: import("../elements/sheet.js").Sheet, api: import("../../net/api.js").Api, code: string, opener: HTMLElement,
 *   nameOf: (id: string) => string|null, open: (track: import("../../state/shapes.js").Track) => void}} options
 */
export async function openPlayed({ sheet, api, code, opener, nameOf, open }) {
  const body = sheet.show("sheet-played", { opener });
  await fillPagedList(body, {
    api,
    path: `/api/rooms/${code}/history`,
    row: (play) => row(play, { nameOf, open }),
    none: say("played.none"),
  });
}

/** @param {any} play @param {{nameOf: (id: string) => string|null, open: (track: any) => void}} options */
function row({ track, added_by, is_suggested = false, up, started_at, outcome }, { nameOf, open }) {
  const element = piece("piece-played");
  element.dataset.outcome = outcome;
  setText(part(element, "title"), track.title);
  part(element, "open").addEventListener("click", () => open(track));
  setText(part(element, "band"), artists(track));
  drawAttribution(part(element, "attribution"), track);
  setCover(part(element, "cover"), track.thumb ?? track.cover);
  const who = added_by === null ? (is_suggested ? sayCommon("source.room") : sayCommon("source.shelf")) : nameOf(added_by) ?? sayCommon("person.guest");
  setText(part(element, "note"), [who, up > 0 ? votes(up) : "", sayOf("outcome", outcome, {}, "")].filter(Boolean).join(", "));
  setText(part(element, "clock"), clockTime(started_at));
  return element;
}
