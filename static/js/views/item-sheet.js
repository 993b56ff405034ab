// @ts-check
import { part, setCover, setShown, setText } from "./pieces.js";
import { artists } from "./words.js";

/**
 * What may be done with one waiting track.
 * @param {{sheet: import("./sheet.js").Sheet, item: import("../shapes.js").Item, opener: HTMLElement,
 *   mayRemove: boolean, remove: () => void}} options
 */
export function openItem({ sheet, item, opener, mayRemove, remove }) {
  const body = sheet.show("sheet-item", { opener });
  setText(part(body, "title"), item.track.title);
  setText(part(body, "note"), artists(item.track));
  setCover(part(body, "cover"), item.track.cover);
  setShown(part(body, "remove"), mayRemove);
  part(body, "remove").addEventListener("click", () => {
    sheet.close();
    remove();
  });
}
