// @ts-check
import { part, piece, setText } from "./pieces.js";

const STAYS_MS = 5_000;

/** One short sentence at a time, above the dock. Only for the eyes: the announcer speaks. */
export class Toast {
  #place;
  /** @type {HTMLElement|null} */
  #toast = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {HTMLElement} place */
  constructor(place) {
    this.#place = place;
  }

  /** @param {string} words */
  say(words) {
    const toast = piece("piece-toast");
    setText(part(toast, "words"), words);
    this.#place.replaceChildren(toast);
    this.#toast = toast;
    this.#wait();
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      // Whoever points at it is still reading.
      if (this.#toast?.matches(":hover, :focus-within")) this.#wait();
      else this.#place.replaceChildren();
    }, STAYS_MS);
  }
}
