// @ts-check
import { part, setText } from "../elements/pieces.js";

/**
 * What this room goes by, in short.
 * @param {{sheet: import("../elements/sheet.js").Sheet, opener: HTMLElement, title: string, reads: string[]}} options
 * @returns {HTMLElement} the body of the sheet
 */
export function openRules({ sheet, opener, title, reads }) {
  const body = sheet.show("sheet-rules", { opener });
  setText(part(body, "title"), title);
  part(body, "reads").append(...reads.map(sentence));
  return body;
}

/** @param {string} words */
function sentence(words) {
  const item = document.createElement("li");
  item.textContent = words;
  return item;
}
