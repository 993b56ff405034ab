// @ts-check

/**
 * Remembers the last key that was pressed in a part of the page whose script is still loading.
 * @param {Element} element
 * @returns {() => void}  call it once the script is there: it presses that key again, and nothing is remembered any more
 */
export function keepEarlyPress(element) {
  /** @type {HTMLButtonElement|null} */
  let pressed = null;
  const keep = (/** @type {Event} */ event) => {
    pressed = /** @type {Element} */ (event.target).closest("button") ?? pressed;
  };
  element.addEventListener("click", keep);
  return () => {
    element.removeEventListener("click", keep);
    const key = pressed;
    pressed = null;
    key?.click();
  };
}
