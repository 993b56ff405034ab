// @ts-check

/** What is about to come into view is loaded, too. */
const AROUND = "1500px";

/**
 * Calls back when an element comes near the view, until that has succeeded once.
 * @param {Element} element  one with a box of its own: `display: contents` has none
 * @param {() => Promise<boolean>} act  whether it succeeded; otherwise the next time in view tries again
 */
export function whenSeen(element, act) {
  let isBusy = false;
  const observer = new IntersectionObserver(async (entries) => {
    if (isBusy || !entries.some(({ isIntersecting }) => isIntersecting)) return;
    isBusy = true;
    if (await act()) observer.disconnect();
    isBusy = false;
  }, { rootMargin: AROUND });
  observer.observe(element);
}
