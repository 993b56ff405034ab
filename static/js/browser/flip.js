// @ts-check
/** First, last, invert, play: rows slide from where they were to where they are. */

const SLIDE_MS = 320;
const FADE_MS = 120;
const SETTLE = "cubic-bezier(.2, .8, .2, 1)";
/** More than this at once is a blur, not a message. */
const MOST_SLIDES = 12;

/**
 * Rows that stand one below the other, as far as they lie between two lines of the window. Only these are measured, and a
 * few more to find them.
 * @param {readonly HTMLElement[]} rows @param {{top: number, bottom: number}} lines
 * @returns {Map<HTMLElement, number>} where each one's top edge is now
 */
export function topsBetween(rows, { top, bottom }) {
  const tops = new Map();
  for (let index = firstBelow(rows, top); index < rows.length; index += 1) {
    const row = rows[index].getBoundingClientRect();
    if (row.top >= bottom) break;
    tops.set(rows[index], row.top);
  }
  return tops;
}

/** Index of the first row that ends below a line of the window. @param {readonly HTMLElement[]} rows @param {number} line */
function firstBelow(rows, line) {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].getBoundingClientRect().bottom > line) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Plays the way from where rows were to where they are.
 * @param {{element: HTMLElement, slot: HTMLElement, by: number, above: boolean}[]} moves  by: px from its present place; above: passes above others
 * @param {HTMLElement[]} arrivals  were not there before
 * @param {HTMLElement} container  stands in for moves that are too many
 */
export function play(moves, arrivals, container) {
  if (moves.length === 0 && arrivals.length === 0) return;
  if (moves.length > MOST_SLIDES || document.hidden || wantsNoMotion()) {
    fade(container);
    return;
  }
  for (const move of moves) slide(move);
  for (const element of arrivals) fade(element);
}

/** @param {{element: HTMLElement, slot: HTMLElement, by: number, above: boolean}} move */
function slide({ element, slot, by, above }) {
  if (above) slot.dataset.flying = "";
  const animation = element.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], {
    duration: SLIDE_MS,
    easing: SETTLE,
  });
  animation.finished.catch(() => {}).finally(() => delete slot.dataset.flying);
}

/** @param {HTMLElement} element */
function fade(element) {
  element.animate([{ opacity: 0.2 }, { opacity: 1 }], { duration: FADE_MS });
}

function wantsNoMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
