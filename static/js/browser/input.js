// @ts-check
/** What the person at this page does with it just now. */

/** What takes what is typed. */
export const FIELDS = "input, textarea, select, [contenteditable]";

/** Would the next letter go into a field? */
export function isTyping() {
  return document.activeElement?.matches(FIELDS) ?? false;
}

/** Whether a key or a pointer was used last. */
export class LastInput {
  #isKey = false;

  /** @param {EventTarget} page */
  constructor(page) {
    page.addEventListener("keydown", () => (this.#isKey = true), { capture: true });
    page.addEventListener("pointerdown", () => (this.#isKey = false), { capture: true });
  }

  get isKey() {
    return this.#isKey;
  }
}
