// @ts-check
import { setShown } from "../elements/pieces.js";

/** @typedef {import("./suggestions.js").Suggestions} Suggestions */

/** Where suggestions stand: in their tab, and above the library while nothing is typed. They are loaded when they are of use. */
export class SuggestedPane {
  #pane;
  #make;
  #changed;
  /** @type {Suggestions|null} */
  #suggestions = null;

  /** @param {HTMLElement} pane @param {{make: () => Promise<Suggestions|null|undefined>, changed: () => void}} options  changed: draw and place them anew */
  constructor(pane, { make, changed }) {
    this.#pane = pane;
    this.#make = make;
    this.#changed = changed;
  }

  get suggestions() {
    return this.#suggestions;
  }

  /** Somebody comes to the field, or to their tab. */
  async enter() {
    this.#suggestions ??= (await this.#make()) ?? null;
    this.#changed();
  }

  /** @param {{isTab: boolean, isAbove: boolean}} where */
  show({ isTab, isAbove }) {
    this.#suggestions?.show(isTab || isAbove);
    // Above the library stands only what goes with the room.
    setShown(this.#pane, isTab || (isAbove && this.#suggestions?.isOfRoom === true));
  }

  /** Does it stand here, so that it need not stand below, too? @param {string} uri */
  shows(uri) {
    return !this.#pane.hidden && this.#suggestions?.has(uri) === true;
  }
}
