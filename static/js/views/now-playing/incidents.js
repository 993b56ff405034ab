// @ts-check
import { part, piece, setShown, setText } from "../elements/pieces.js";
import { incidentWords } from "../words/incident.js";
import { clockTime } from "../words/words.js";
import { say, sayOf } from "../../words/sheets/say.js";

/**
 * What went wrong with the sound, the latest first: for host and co-hosts.
 * @param {{sheet: import("../elements/sheet.js").Sheet, api: import("../../net/api.js").Api, code: string, opener: HTMLElement}} options
 */
export async function openIncidents({ sheet, api, code, opener }) {
  const body = sheet.show("sheet-incidents", { opener });
  const [list, note, more] = ["list", "note", "more"].map((name) => part(body, name));
  /** @type {string|null} */
  let next = null;
  const load = async () => {
    try {
      const page = await api.get(`/api/rooms/${code}/incidents${next ? `?cursor=${encodeURIComponent(next)}` : ""}`);
      list.append(...page.items.map(row));
      next = page.next;
      setShown(more, next !== null);
      setText(note, list.children.length === 0 ? say("incidents.none") : "");
    } catch (error) {
      setText(note, /** @type {Error} */ (error).message);
    }
    setShown(note, note.textContent !== "");
  };
  more.addEventListener("click", load);
  await load();
}

/** @param {any} incident */
function row(incident) {
  const { at_ms, cause, device } = incident;
  const element = piece("piece-incident");
  setText(part(element, "clock"), clockTime(at_ms));
  setText(part(element, "words"), incidentWords(incident));
  const facts = [device, sayOf("cause", cause, {}, "")].filter(Boolean);
  setText(part(element, "note"), facts.join(": "));
  setShown(part(element, "note"), facts.length > 0);
  return element;
}
