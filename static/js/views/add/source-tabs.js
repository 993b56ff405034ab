// @ts-check
import { part, setAttribute, setShown, setText } from "../elements/pieces.js";

/** Which place is looked at for tracks: one tab per source, and one for what the room suggests. */
export class SourceTabs {
  #root;
  #list;
  #choose;

  /** @param {HTMLElement} root  the panel @param {{choose: (key: string) => void}} options */
  constructor(root, { choose }) {
    this.#root = root;
    this.#list = /** @type {HTMLElement} */ (part(root, "sources"));
    this.#choose = choose;
    const keyOf = (/** @type {Event} */ event) => /** @type {HTMLElement|null} */ (/** @type {HTMLElement} */ (event.target).closest("[data-source-key]"));
    this.#list.addEventListener("click", (event) => {
      const key = keyOf(event)?.dataset.sourceKey;
      if (key) this.#choose(key);
    });
    this.#list.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      event.preventDefault();
      this.#step(keyOf(event), event.key === "ArrowRight" ? 1 : -1);
    });
  }

  /** Is there a tab of this name at all? @param {string} key */
  has(key) {
    return this.#tabs.some(({ dataset }) => dataset.sourceKey === key);
  }

  /** @param {string} chosen */
  mark(chosen) {
    for (const tab of this.#tabs) {
      const isChosen = tab.dataset.sourceKey === chosen;
      setAttribute(tab, "aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
    }
  }

  /** @param {string} key */
  focus(key) {
    this.#tabs.find(({ dataset }) => dataset.sourceKey === key)?.focus();
  }

  /** @param {string} key @param {boolean} shown */
  show(key, shown) {
    const tab = this.#tabs.find(({ dataset }) => dataset.sourceKey === key);
    if (tab) setShown(tab, shown);
  }

  /** The names of the sources beside the library that have a tab: those of which something may be wrong. */
  get sources() {
    return this.#tabs.filter((tab) => part(tab, "source-mark") !== null).map(({ dataset }) => dataset.sourceKey ?? "");
  }

  /** What is wrong with a source that is not the library, "" for nothing. @param {string} source @param {string} words */
  note(source, words) {
    const tab = this.#tabs.find(({ dataset }) => dataset.sourceKey === source);
    const note = this.#root.querySelector(`[data-found="${source}"] [data-source-note]`);
    if (!tab || !note) return;
    setShown(part(tab, "source-mark"), words !== "");
    setText(note, words);
    setShown(/** @type {HTMLElement} */ (note), words !== "");
  }

  /** @returns {HTMLElement[]} */
  get #tabs() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (this.#list.querySelectorAll("[data-source-key]"))];
  }

  /** To the next tab, from the last to the first. @param {HTMLElement|null} from @param {1|-1} by */
  #step(from, by) {
    const tabs = this.#tabs.filter(({ hidden }) => !hidden);
    const to = tabs[(tabs.findIndex((tab) => tab === from) + by + tabs.length) % tabs.length];
    this.#choose(/** @type {string} */ (to.dataset.sourceKey));
    to.focus();
  }
}
