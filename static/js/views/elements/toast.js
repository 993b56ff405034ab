// @ts-check
import { part, piece, setShown, setText } from "./pieces.js";
import { say } from "../../words/common/say.js";

const STAYS_MS = 5_000;
const UNDO_S = 10;
/** Whoever points at it is still reading; but the server forgets what was undone too late. */
const AT_MOST_S = 25;

/** One short sentence at a time, above the dock, sometimes with a way back. Only for the eyes: the announcer speaks. */
export class Toast {
  #container;
  /** @type {HTMLElement|null} */
  #toast = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  /** @type {(() => void)|null} */
  #undo = null;

  /** @param {HTMLElement} container */
  constructor(container) {
    this.#container = container;
  }

  /** @param {string} words @param {{undo?: (() => void)|null}} [options] */
  say(words, { undo = null } = {}) {
    clearTimeout(this.#timer);
    const toast = piece("piece-toast");
    setText(part(toast, "words"), words);
    setShown(part(toast, "undo"), undo !== null);
    part(toast, "undo").addEventListener("click", () => this.undo());
    this.#container.replaceChildren(toast);
    setShown(this.#container, true);
    this.#toast = toast;
    this.#undo = undo;
    if (undo) this.#countDown(UNDO_S);
    else this.#timer = setTimeout(() => this.#leave(), STAYS_MS);
  }

  /** Takes the last thing back, while that is offered. @returns {boolean} */
  undo() {
    const undo = this.#undo;
    if (!undo) return false;
    this.#close();
    undo();
    return true;
  }

  /** @param {number} left  seconds */
  #countDown(left) {
    if (left <= 0 && (!this.#held || left <= UNDO_S - AT_MOST_S)) return this.#close();
    setText(part(/** @type {HTMLElement} */ (this.#toast), "undo-word"), left > 0 ? say("undo.left", { n: left }) : say("undo.now"));
    this.#timer = setTimeout(() => this.#countDown(left - 1), 1_000);
  }

  #leave() {
    if (this.#held) this.#timer = setTimeout(() => this.#leave(), STAYS_MS);
    else this.#close();
  }

  get #held() {
    return this.#toast?.matches(":hover, :focus-within") ?? false;
  }

  #close() {
    clearTimeout(this.#timer);
    this.#undo = null;
    this.#container.replaceChildren();
    setShown(this.#container, false);
  }
}
