// @ts-check
import { part, piece, setShown, setText } from "./pieces.js";
import { clockTime } from "./words.js";

/** What the technical word of the server means. @type {Record<string, string>} */
const CAUSES = {
  decode: "the file is damaged, or of a kind this browser cannot play",
  missing: "the file is gone",
  network: "the line broke",
  stalled: "the sound stood still",
  device: "not even a known good sound plays there",
  slept: "the device slept",
  suspended: "the browser held the sound",
};

/**
 * What went wrong with the sound, the latest first: for host and co-hosts.
 * @param {{sheet: import("./sheet.js").Sheet, api: import("../api.js").Api, code: string, opener: HTMLElement}} options
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
      setText(note, list.children.length === 0 ? "Nothing so far." : "");
    } catch (error) {
      setText(note, /** @type {Error} */ (error).message);
    }
    setShown(note, note.textContent !== "");
  };
  more.addEventListener("click", load);
  await load();
}

/** @param {any} incident */
function row({ at_ms, says, cause, device }) {
  const element = piece("piece-incident");
  setText(part(element, "clock"), clockTime(at_ms));
  setText(part(element, "words"), says);
  const facts = [device, CAUSES[cause]].filter(Boolean);
  setText(part(element, "note"), facts.join(": "));
  setShown(part(element, "note"), facts.length > 0);
  return element;
}
