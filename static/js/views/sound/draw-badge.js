// @ts-check
import { part, setAttribute, setShown, setText } from "../elements/pieces.js";

/** @typedef {import("../words/badge.js").Badge} Badge */

/** Draws a badge onto a chip. @param {HTMLElement} chip @param {Badge} badge */
export function drawBadge(chip, { tone, icon, words }) {
  setAttribute(chip, "data-tone", tone);
  for (const mark of chip.querySelectorAll("[data-icon]")) {
    setShown(/** @type {HTMLElement} */ (mark), /** @type {HTMLElement} */ (mark).dataset.icon === icon);
  }
  setText(part(chip, "badge-words"), words);
}
