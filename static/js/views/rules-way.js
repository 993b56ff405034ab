// @ts-check
import { part, setAttribute, setText } from "./pieces.js";

/** @typedef {import("./scene.js").Show} Show */

/** The ways from the room to its rules: the key in the header, the line in the Room view, the mode above the rack. */
export class RulesWay {
  #root;
  #ears;
  #modes;
  /** @type {Show|null} */
  #show = null;

  /**
   * @param {HTMLElement} root
   * @param {{sheet: import("./sheet.js").Sheet, ears: {sounding: boolean}, modes: Record<string, string>}} parts
   * ears: this device as far as it sounds; modes: what each order is called
   */
  constructor(root, { sheet, ears, modes }) {
    this.#root = root;
    this.#ears = ears;
    this.#modes = modes;
    const mode = part(root, "mode");
    // Without scripts it leads to the rules; here it tells them in short.
    setAttribute(mode, "role", "button");
    setAttribute(mode, "aria-haspopup", "dialog");
    const open = (/** @type {Event} */ event) => {
      event.preventDefault();
      if (this.#show) this.#explain(sheet, mode);
    };
    mode.addEventListener("click", open);
    mode.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => event.key === " " && open(event));
  }

  /** @param {Show} show */
  draw(show) {
    this.#show = show;
    const words = this.#modes[show.room.mode];
    const mode = part(this.#root, "mode");
    setText(part(mode, "mode-word"), words);
    setAttribute(mode, "aria-label", `Order: ${words}. How this room works`);
    setText(part(this.#root, "way-note"), show.room.reads?.[0] ?? words);
    this.#aim(this.#root);
  }

  /** @param {import("./sheet.js").Sheet} sheet @param {HTMLElement} opener */
  #explain(sheet, opener) {
    const { room } = /** @type {Show} */ (this.#show);
    const body = sheet.show("sheet-rules", { opener });
    setText(part(body, "title"), this.#modes[room.mode]);
    part(body, "reads").append(...(room.reads ?? []).map(sentence));
    this.#aim(body);
  }

  /** Leaving this page would take its sound along: while it sounds, the rules come in a tab of their own. @param {ParentNode} place */
  #aim(place) {
    const sounds = this.#ears.sounding;
    for (const link of place.querySelectorAll("[data-rules-link]")) {
      setAttribute(link, "target", sounds ? "_blank" : null);
      // The new tab may then go back to this one.
      setAttribute(link, "rel", sounds ? "opener" : null);
    }
  }
}

/** @param {string} words */
function sentence(words) {
  const item = document.createElement("li");
  item.textContent = words;
  return item;
}
