// @ts-check
import { part, piece, setCover, setFrom, setShown, setText } from "./pieces.js";
import { artists, clockTime, count } from "./words.js";

const OUTCOMES = { played: "", skipped: "skipped", failed: "would not play" };

/**
 * What the room has heard, latest first.
 * @param {{sheet: import("./sheet.js").Sheet, api: import("../api.js").Api, code: string, opener: HTMLElement,
 *   nameOf: (id: string) => string|null}} options
 */
export async function openPlayed({ sheet, api, code, opener, nameOf }) {
  const body = sheet.show("sheet-played", { opener });
  const [list, note, more] = ["list", "note", "more"].map((name) => part(body, name));
  /** @type {string|null} */
  let next = null;
  const say = (/** @type {string} */ words) => {
    setText(note, words);
    setShown(note, words !== "");
  };
  const load = async () => {
    try {
      const page = await api.get(`/api/rooms/${code}/history${next ? `?cursor=${encodeURIComponent(next)}` : ""}`);
      list.append(...page.items.map((/** @type {any} */ play) => row(play, nameOf)));
      next = page.next;
      setShown(more, next !== null);
      say(list.children.length === 0 ? "Nothing has played yet." : "");
    } catch (error) {
      say(/** @type {Error} */ (error).message);
    }
  };
  more.addEventListener("click", load);
  await load();
}

/** @param {any} play @param {(id: string) => string|null} nameOf */
function row({ track, added_by, up, started_at, outcome }, nameOf) {
  const element = piece("piece-played");
  element.dataset.outcome = outcome;
  setText(part(element, "title"), track.title);
  setText(part(element, "band"), artists(track));
  setFrom(part(element, "from"), track);
  setCover(part(element, "cover"), track.thumb ?? track.cover);
  const who = added_by === null ? "From the shelf" : nameOf(added_by) ?? "A guest";
  setText(part(element, "note"), [who, up > 0 ? count(up, "vote") : "", OUTCOMES[/** @type {keyof typeof OUTCOMES} */ (outcome)]].filter(Boolean).join(", "));
  setText(part(element, "clock"), clockTime(started_at));
  return element;
}
