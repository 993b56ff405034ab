// @ts-check

/** Indexes of a longest rising run of the numbers, by patience sorting. @param {number[]} numbers */
export function longestRising(numbers) {
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
