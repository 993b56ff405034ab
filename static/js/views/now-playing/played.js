// @ts-check
import { drawAttribution, part, piece, setCover, setShown, setText } from "../elements/pieces.js";
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
  const [list, note, more] = ["list", "note", "more"].map((name) => part(body, name));
  /** @type {string|null} */
  let next = null;
  const tell = (/** @type {string} */ words) => {
    setText(note, words);
    setShown(note, words !== "");
  };
  const load = async () => {
    try {
      const page = await api.get(`/api/rooms/${code}/history${next ? `?cursor=${encodeURIComponent(next)}` : ""}`);
      list.append(...page.items.map((/** @type {any} */ play) => row(play, { nameOf, open })));
      next = page.next;
      setShown(more, next !== null);
      tell(list.children.length === 0 ? say("played.none") : "");
    } catch (error) {
      tell(/** @type {Error} */ (error).message);
    }
  };
  more.addEventListener("click", load);
  await load();
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
