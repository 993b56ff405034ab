// @ts-check
import { setAttribute } from "./pieces.js";

/** Between phone and desktop the panels share one place. Elsewhere there are no tabs. */
const tabbed = matchMedia("(min-width: 56.25em) and (max-width: 79.99em)");

/** Which part of the room is in front: the dock on a phone, the tabs of the panel on a tablet. */
export class Views {
  #room;
  #side;
  /** Each view comes back where it was left. @type {Map<string, number>} */
  #scrolled = new Map();

  /** @param {{room: HTMLElement, side: HTMLElement}} places */
  constructor({ room, side }) {
    this.#room = room;
    this.#side = side;
    room.addEventListener("click", (event) => {
      const key = /** @type {HTMLElement} */ (event.target).closest("[data-view-key], [data-tab-key]");
      if (!(key instanceof HTMLElement)) return;
      if (key.dataset.viewKey) this.show(key.dataset.viewKey);
      if (key.dataset.tabKey) this.showTab(key.dataset.tabKey);
    });
    side.addEventListener("keydown", (event) => this.#onTabKey(event));
    tabbed.addEventListener("change", () => this.#namePanels());
    this.#namePanels();
  }

  /** @param {string} view  queue, add or room */
  show(view) {
    const before = this.#room.dataset.view ?? "queue";
    if (before === view) return;
    this.#scrolled.set(before, window.scrollY);
    this.#room.dataset.view = view;
    for (const key of this.#room.querySelectorAll("[data-view-key]")) {
      setAttribute(key, "aria-current", /** @type {HTMLElement} */ (key).dataset.viewKey === view ? "true" : null);
    }
    window.scrollTo(0, this.#scrolled.get(view) ?? 0);
  }

  /** @param {string} tab  add or people */
  showTab(tab) {
    this.#side.dataset.tab = tab;
    for (const key of this.#tabs) {
      const chosen = key.dataset.tabKey === tab;
      setAttribute(key, "aria-selected", String(chosen));
      key.tabIndex = chosen ? 0 : -1;
    }
  }

  /** Brings the search in front, whatever the width. */
  showAdd() {
    this.show("add");
    this.showTab("add");
  }

  /** @returns {HTMLElement[]} */
  get #tabs() {
    return [...this.#side.querySelectorAll("[data-tab-key]")].map((key) => /** @type {HTMLElement} */ (key));
  }

  /** A panel belongs to its tab where there is one, and is a region of its own where not. */
  #namePanels() {
    for (const tab of this.#tabs) {
      const panel = /** @type {HTMLElement} */ (document.getElementById(tab.dataset.tabKey ?? ""));
      setAttribute(panel, "role", tabbed.matches ? "tabpanel" : null);
      setAttribute(panel, "aria-labelledby", tabbed.matches ? tab.id : `${panel.id}-title`);
    }
  }

  /** @param {KeyboardEvent} event */
  #onTabKey(event) {
    const tabs = this.#tabs;
    const at = tabs.indexOf(/** @type {HTMLElement} */ (event.target));
    if (at === -1 || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
    const next = tabs[(at + 1) % tabs.length];
    event.preventDefault();
    this.showTab(next.dataset.tabKey ?? "add");
    next.focus();
  }
}
