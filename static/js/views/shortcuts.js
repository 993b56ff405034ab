// @ts-check
import { part } from "./pieces.js";

const OFF_KEY = "beatsync:single-keys-off";

/**
 * The keyboard: arrows in the rack always; single letters only outside fields, and only while they are switched on.
 * @typedef {object} Acts
 * @property {() => void} search
 * @property {() => boolean} clearSearch
 * @property {() => void} nowPlaying
 * @property {() => void} skip
 * @property {() => void} toggle
 * @property {() => void} sound
 * @property {() => void} help
 * @property {(item: any, way: 1|-1) => void} vote
 * @property {(item: any) => void} menu
 * @property {(item: any) => void} remove
 * @property {(item: any, by: 1|-1) => void} move
 * @property {() => boolean} undo
 */
export class Shortcuts {
  #rack;
  #acts;
  #drawer;

  /** @param {{rack: import("./rack.js").Rack, acts: Acts, drawer: import("../storage.js").Drawer}} options */
  constructor({ rack, acts, drawer }) {
    this.#rack = rack;
    this.#acts = acts;
    this.#drawer = drawer;
    document.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** @param {import("./sheet.js").Sheet} sheet */
  openHelp(sheet) {
    const body = sheet.show("sheet-keys");
    const toggle = part(body, "switch");
    const draw = () => toggle.setAttribute("aria-checked", String(!this.#off));
    toggle.addEventListener("click", () => {
      this.#drawer.write(OFF_KEY, !this.#off);
      draw();
    });
    draw();
  }

  get #off() {
    return this.#drawer.read(OFF_KEY) === true;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey) {
      if (this.#held(event, target)) event.preventDefault();
      return;
    }
    if (event.key === "Escape" && target.closest(".add")) {
      if (this.#acts.clearSearch()) event.preventDefault();
      return;
    }
    if (target.closest("input, textarea, select, [contenteditable]")) return;
    const act = this.#inRack(event.key, target) ?? this.#single(event.key, target);
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** Keys that go with another one; off or on, like the arrows. @param {KeyboardEvent} event @param {HTMLElement} target */
  #held({ key, ctrlKey, metaKey, altKey, shiftKey }, target) {
    if (target.closest("input, textarea, select, [contenteditable]") || shiftKey) return false;
    if (altKey) {
      const item = this.#rack.focused;
      if (ctrlKey || metaKey || !item || (key !== "ArrowUp" && key !== "ArrowDown")) return false;
      this.#acts.move(item, key === "ArrowUp" ? -1 : 1);
      return true;
    }
    return key.toLowerCase() === "z" && this.#acts.undo();
  }

  /** @param {string} key @param {HTMLElement} target @returns {(() => void)|null} */
  #inRack(key, target) {
    const item = this.#rack.focused;
    if (!item) return null;
    switch (key) {
      case "ArrowDown":
        return () => this.#rack.focusNext(1);
      case "ArrowUp":
        return () => this.#rack.focusNext(-1);
      case "Home":
        return () => this.#rack.focusAt(0);
      case "End":
        return () => this.#rack.focusAt(this.#rack.length - 1);
      case "Enter":
        return target.closest("button, a") ? null : () => this.#acts.menu(item);
      case "Delete":
        return () => this.#acts.remove(item);
      default:
        return null;
    }
  }

  /** @param {string} key @param {HTMLElement} target @returns {(() => void)|null} */
  #single(key, target) {
    if (this.#off) return null;
    const item = this.#rack.focused;
    switch (key.toLowerCase()) {
      case "u":
        return item && (() => this.#vote(item, 1));
      case "d":
        return item && (() => this.#vote(item, -1));
      case "/":
        return this.#acts.search;
      case "g":
        return this.#acts.nowPlaying;
      case "s":
        return this.#acts.skip;
      case "m":
        return this.#acts.sound;
      case "?":
        return this.#acts.help;
      case " ":
        return target.closest("button, a, [role=slider]") ? null : this.#acts.toggle;
      default:
        return null;
    }
  }

  /** @param {any} item @param {1|-1} way */
  #vote(item, way) {
    this.#rack.touched();
    this.#acts.vote(item, way);
  }
}
