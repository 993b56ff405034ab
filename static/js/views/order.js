// @ts-check
/** Who really moved when one order became another. Pure. */

/**
 * Strips that stay in order among themselves did not move, however far others pushed them; the fewest that can
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

/** Indexes of a longest rising run of the numbers, by patience sorting. @param {number[]} numbers */
function longestRising(numbers) {
  /** @type {number[]} */
  const tails = [];
  const previous = numbers.map(() => -1);
  numbers.forEach((number, index) => {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (numbers[tails[middle]] < number) low = middle + 1;
      else high = middle;
    }
    previous[index] = low > 0 ? tails[low - 1] : -1;
    tails[low] = index;
  });
  const run = new Set();
  for (let index = tails.at(-1) ?? -1; index !== -1; index = previous[index]) run.add(index);
  return run;
}
