// @ts-check
/** Who really moved when one order became another. Pure. */

import { longestRising } from "../elements/longest-rising.js";

/**
 * Rows that stay in order among themselves did not move, however far others pushed them; the fewest that can
 * explain the change did. Of two that swap, the one that rose.
 * @param {string[]} before
 * @param {string[]} after
 * @returns {Map<string, number>} places gained (positive) or lost, by id
 */
export function movers(before, after) {
  const now = new Set(after);
  const old = new Map(before.filter((id) => now.has(id)).map((id, index) => [id, index]));
  const common = after.filter((id) => old.has(id));
  const stayed = longestRising(common.map((id) => /** @type {number} */ (old.get(id))));
  const moved = new Map();
  common.forEach((id, index) => {
    if (!stayed.has(index)) moved.set(id, /** @type {number} */ (old.get(id)) - index);
  });
  return moved;
}
