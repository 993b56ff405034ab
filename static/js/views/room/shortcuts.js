// @ts-check
import { FIELDS } from "../../browser/input.js";
import { areSingleKeysOff } from "../elements/single-keys.js";

/** Shortcuts of the whole page: single letters only outside fields, and only while they are switched on. */
export class Shortcuts {
  #context;

  /** @param {import("./context.js").RoomContext} context */
  constructor(context) {
    this.#context = context;
    document.addEventListener("keydown", (event) => this.#onKey(event));
  }

  async #openHelp() {
    const { load, sheet, storage } = this.#context;
    (await load(() => import("./shortcuts-sheet.js")))?.openShortcuts({ sheet, storage });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.defaultPrevented || document.querySelector("dialog[open]:not([data-leaving])")) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey) {
      if (this.#isUndo(event, target) && this.#context.toast.undo()) event.preventDefault();
      return;
    }
    if (event.key === "Escape" && target.closest(".add")) {
      if (this.#context.actions.clearSearch()) event.preventDefault();
      return;
    }
    if (target.closest(FIELDS)) return;
    const act = this.#letter(event.key, target);
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} target */
  #isUndo({ key, altKey, shiftKey }, target) {
    return key.toLowerCase() === "z" && !altKey && !shiftKey && !target.closest(FIELDS);
  }

  /** @param {string} key @param {HTMLElement} target @returns {(() => void)|null} */
  #letter(key, target) {
    const { actions, renderer, storage } = this.#context;
    if (areSingleKeysOff(storage)) return null;
    switch (key.toLowerCase()) {
      case "/":
        return () => actions.openSearch();
      case "c":
        return () => actions.openChat();
      case "g":
        return () => actions.showNowPlaying();
      case "s":
        return () => (renderer.viewModel?.can.control ? actions.skip() : actions.askSkip());
      case "m":
        return () => actions.toggleSound();
      case "?":
        return () => this.#openHelp();
      case " ":
        if (target.closest("button, a, [role=slider]")) return null;
        return () => renderer.viewModel?.can.pause && actions.togglePlayback();
      default:
        return null;
    }
  }
}
