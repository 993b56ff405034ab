// @ts-check
import { part, setAttribute, setFlag, setShown, setText } from "../elements/pieces.js";
import { say } from "../../words/sound/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */

/** As often as the server takes one from a person. */
const APART_MS = 1_000;

/** Six ways to like what plays, and how often each was given. */
export class Reactions {
  #root;
  #key;
  #react;
  #now;
  /** Of the item that plays. @type {string|null} */
  #subject = null;
  #lastMs = -Infinity;

  /**
   * @param {HTMLElement} root
   * @param {{key: HTMLElement, react: (subject: string, reaction: string) => void, now?: () => number}} options
   *   key: shows and hides them where they have no place of their own; now: ms of any clock that goes on evenly
   */
  constructor(root, { key, react, now = () => performance.now() }) {
    this.#root = root;
    this.#key = key;
    this.#react = react;
    this.#now = now;
    key.addEventListener("click", () => {
      const isOpen = key.getAttribute("aria-expanded") !== "true";
      setAttribute(key, "aria-expanded", String(isOpen));
      setFlag(root, "open", isOpen);
    });
    root.addEventListener("click", (event) => {
      const key = /** @type {HTMLElement} */ (event.target).closest("[data-reaction]");
      if (key instanceof HTMLElement) this.#give(key);
    });
  }

  /** @param {ViewModel} viewModel */
  draw({ state: { reactions }, playback, can }) {
    this.#subject = playback.item?.id ?? null;
    for (const element of [this.#root, this.#key]) setShown(element, can.react && this.#subject !== null);
    const counts = timesOf(reactions, this.#subject);
    for (const key of /** @type {NodeListOf<HTMLElement>} */ (this.#root.querySelectorAll("[data-reaction]"))) {
      const { reaction = "", name = "" } = key.dataset;
      const times = counts[reaction] ?? 0;
      setText(part(key, "times"), times > 0 ? String(times) : "");
      setAttribute(key, "aria-label", times > 0 ? say("reaction.times", { name, n: times }) : name);
    }
  }

  /** A second tap within a second is no other reaction. @param {HTMLElement} key */
  #give(key) {
    if (this.#subject === null || this.#now() - this.#lastMs < APART_MS) return;
    this.#lastMs = this.#now();
    setFlag(key, "given", true);
    setTimeout(() => setFlag(key, "given", false), APART_MS);
    this.#react(this.#subject, key.dataset.reaction ?? "");
  }
}

/** Counts of the track before say nothing of this one. @param {import("../../state/shapes.js").Reactions} reactions @param {string|null} subject @returns {Record<string, number>} */
export function timesOf({ subject: counted, counts }, subject) {
  return counted === subject ? counts : {};
}
