// @ts-check
import { setAttribute } from "../elements/pieces.js";

/** From tablets on, panels share a place and have tabs: all of them on a tablet, chat and people on a desktop. */
const tabbed = matchMedia("(min-width: 56.25em)");
const desktop = matchMedia("(min-width: 80em)");

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
    for (const width of [tabbed, desktop]) width.addEventListener("change", () => this.#fitTabs());
    this.#fitTabs();
  }

  /** @param {string} view  queue, add, chat or room */
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

  /** @param {string} tab  add, chat or people */
  showTab(tab) {
    this.#side.dataset.tab = tab;
    // On a desktop the search has a place of its own.
    const front = tab === "add" && desktop.matches ? "chat" : tab;
    for (const key of this.#tabs) {
      const chosen = key.dataset.tabKey === front;
      setAttribute(key, "aria-selected", String(chosen));
      key.tabIndex = chosen ? 0 : -1;
    }
  }

  /** Brings the search in front, whatever the width. */
  showAdd() {
    this.show("add");
    if (!desktop.matches) this.showTab("add");
  }

  showChat() {
    this.show("chat");
    this.showTab("chat");
  }

  /** @returns {HTMLElement[]} */
  get #tabs() {
    return [...this.#side.querySelectorAll("[data-tab-key]")].map((key) => /** @type {HTMLElement} */ (key));
  }

  /** A panel belongs to its tab where there is one, and is a region of its own where not. */
  #fitTabs() {
    for (const tab of this.#tabs) {
      const panel = /** @type {HTMLElement} */ (document.getElementById(tab.dataset.tabKey ?? ""));
      const hasTab = tabbed.matches && !(desktop.matches && panel.id === "add");
      setAttribute(panel, "role", hasTab ? "tabpanel" : null);
      setAttribute(panel, "aria-labelledby", hasTab ? tab.id : `${panel.id}-title`);
    }
    this.showTab(this.#side.dataset.tab ?? "add");
  }

  /** @param {KeyboardEvent} event */
  #onTabKey(event) {
    const tabs = this.#tabs.filter((tab) => tab.getClientRects().length > 0);
    const at = tabs.indexOf(/** @type {HTMLElement} */ (event.target));
    if (at === -1 || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
    const next = tabs[(at + 1) % tabs.length];
    event.preventDefault();
    this.showTab(next.dataset.tabKey ?? "add");
    next.focus();
  }
}
