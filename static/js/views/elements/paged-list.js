// @ts-check
import { part, setShown, setText } from "./pieces.js";

/**
 * Fills the list of a sheet with its first page, and with the next one at each press of "more".
 * @param {HTMLElement} body  with the parts "list", "note" and "more"
 * @param {{api: import("../../net/api.js").Api, path: string, row: (item: any) => HTMLElement, none: string}} options
 *   path: the address of the pages; none: what the note says of an empty list
 */
export async function fillPagedList(body, { api, path, row, none }) {
  const [list, note, more] = ["list", "note", "more"].map((name) => part(body, name));
  /** @type {string|null} */
  let next = null;
  const load = async () => {
    let words = "";
    try {
      const page = await api.get(`${path}${next ? `?cursor=${encodeURIComponent(next)}` : ""}`);
      list.append(...page.items.map((/** @type {any} */ item) => row(item)));
      next = page.next;
      setShown(more, next !== null);
      if (list.children.length === 0) words = none;
    } catch (error) {
      words = /** @type {Error} */ (error).message;
    }
    setText(note, words);
    setShown(note, words !== "");
  };
  more.addEventListener("click", load);
  await load();
}
