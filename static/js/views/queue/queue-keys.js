// @ts-check
import { areSingleKeysOff } from "../elements/single-keys.js";

/** The keyboard on the row of the queue that has the focus: arrows and the like always, letters while they are on. */
export class QueueKeys {
  #list;
  #actions;
  #storage;

  /**
   * @param {{list: import("./queue-list.js").QueueList, actions: import("../room/context.js").RoomActions,
   *   storage: import("../../browser/json-storage.js").JsonStorage}} options
   */
  constructor({ list, actions, storage }) {
    this.#list = list;
    this.#actions = actions;
    this.#storage = storage;
    document.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const item = this.#list.focused;
    if (!item || event.defaultPrevented || document.querySelector("dialog[open]:not([data-leaving])")) return;
    const act = event.altKey || event.ctrlKey || event.metaKey ? this.#withModifier(event, item) : this.#plain(event, item) ?? this.#letter(event, item);
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** @param {KeyboardEvent} event @param {any} item @returns {(() => void)|null} */
  #withModifier({ key, altKey, ctrlKey, metaKey, shiftKey }, item) {
    if (!altKey || ctrlKey || metaKey || shiftKey || (key !== "ArrowUp" && key !== "ArrowDown")) return null;
    return () => this.#actions.moveItem(item, key === "ArrowUp" ? -1 : 1);
  }

  /** @param {KeyboardEvent} event @param {any} item @returns {(() => void)|null} */
  #plain({ key, target }, item) {
    switch (key) {
      case "ArrowDown":
        return () => this.#list.focusNext(1);
      case "ArrowUp":
        return () => this.#list.focusNext(-1);
      case "Home":
        return () => this.#list.focusAt(0);
      case "End":
        return () => this.#list.focusAt(this.#list.length - 1);
      case "Enter":
        if (/** @type {HTMLElement} */ (target).closest("button, a")) return null;
        return () => this.#actions.openItem(item, /** @type {HTMLElement} */ (document.activeElement));
      case "Delete":
        return () => this.#actions.removeItem(item);
      default:
        return null;
    }
  }

  /** @param {KeyboardEvent} event @param {any} item @returns {(() => void)|null} */
  #letter({ key }, item) {
    const way = { u: /** @type {const} */ (1), d: /** @type {const} */ (-1) }[key.toLowerCase()];
    if (way === undefined || areSingleKeysOff(this.#storage)) return null;
    return () => {
      this.#list.touched();
      this.#actions.vote(item, way);
    };
  }
}
