// @ts-check
/** First, last, invert, play: strips slide from where they were to where they are. */

const SLIDE_MS = 320;
const FADE_MS = 120;
const SETTLE = "cubic-bezier(.2, .8, .2, 1)";
/** More than this at once is a blur, not a message. */
const MOST_SLIDES = 12;

/** @param {Iterable<HTMLElement>} elements @returns {Map<HTMLElement, number>} where each one's top edge is now */
export function tops(elements) {
  return new Map([...elements].map((element) => [element, element.getBoundingClientRect().top]));
}

/**
 * Plays the way from the old tops to the present ones.
 * @param {Map<HTMLElement, number>} before
 * @param {{container: HTMLElement, risers: Set<HTMLElement>, fresh: HTMLElement[]}} scene
 *   risers pass above the others; fresh ones were not there before
 */
export function play(before, { container, risers, fresh }) {
  const moves = [...before]
    .map(([element, top]) => ({ element, by: top - element.getBoundingClientRect().top }))
    .filter(({ element, by }) => element.isConnected && Math.abs(by) > 1);
  if (moves.length === 0 && fresh.length === 0) return;
  if (moves.length > MOST_SLIDES || document.hidden || calm()) {
    fade(container);
    return;
  }
  for (const { element, by } of moves) slide(element, by, risers.has(element));
  for (const element of fresh) fade(element);
}

/** @param {HTMLElement} element @param {number} by @param {boolean} above */
function slide(element, by, above) {
  if (above) element.dataset.flying = "";
  const animation = element.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], {
    duration: SLIDE_MS,
    easing: SETTLE,
  });
  animation.finished.catch(() => {}).finally(() => delete element.dataset.flying);
}

/** @param {HTMLElement} element */
function fade(element) {
  element.animate([{ opacity: 0.2 }, { opacity: 1 }], { duration: FADE_MS });
}

function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
