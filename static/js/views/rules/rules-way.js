// @ts-check
import { part, setAttribute, setText } from "../elements/pieces.js";
import { readsWords } from "../words/reads.js";
import { say } from "../../words/room/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */

/** The ways from the room to its rules: the key in the header, the line in the Room view, the mode above the queue. */
export class RulesWay {
  #root;
  #sheet;
  #load;
  #audioHere;
  #modes;
  /** @type {ViewModel|null} */
  #viewModel = null;

  /**
   * @param {HTMLElement} root
   * @param {{sheet: import("../elements/sheet.js").Sheet, load: import("../room/context.js").OwnContext["load"],
   *   audioHere: {sounding: boolean}, modes: Record<string, string>}} parts
   * audioHere: this device as far as it sounds; modes: what each order is called
   */
  constructor(root, { sheet, load, audioHere, modes }) {
    this.#root = root;
    this.#sheet = sheet;
    this.#load = load;
    this.#audioHere = audioHere;
    this.#modes = modes;
    const mode = part(root, "mode");
    // Without scripts it leads to the rules; here it tells them in short.
    setAttribute(mode, "role", "button");
    setAttribute(mode, "aria-haspopup", "dialog");
    const open = (/** @type {Event} */ event) => {
      event.preventDefault();
      if (this.#viewModel) this.#explain(mode);
    };
    mode.addEventListener("click", open);
    mode.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => event.key === " " && open(event));
    // At the click, for the sound may have begun since anything was drawn.
    root.ownerDocument.addEventListener("click", ({ target }) => {
      const link = /** @type {Element} */ (target).closest("[data-rules-link]");
      if (link) this.#aim(link);
    }, true);
  }

  /** @param {ViewModel} viewModel */
  draw(viewModel) {
    this.#viewModel = viewModel;
    const words = this.#modes[viewModel.room.rules.mode];
    const mode = part(this.#root, "mode");
    setText(part(mode, "mode-word"), words);
    setAttribute(mode, "aria-label", say("rules.order", { mode: words }));
    setText(part(this.#root, "way-note"), readsWords(viewModel.room)[0] ?? words);
  }

  /** @param {HTMLElement} opener */
  async #explain(opener) {
    const loaded = await this.#load(() => import("./rules-sheet.js"));
    const { room } = /** @type {ViewModel} */ (this.#viewModel);
    loaded?.openRules({ sheet: this.#sheet, opener, title: this.#modes[room.rules.mode], reads: readsWords(room) });
  }

  /** Leaving this page would take its sound along: while it sounds, the rules come in a tab of their own. @param {Element} link */
  #aim(link) {
    const sounds = this.#audioHere.sounding;
    setAttribute(link, "target", sounds ? "_blank" : null);
    // The new tab may then go back to this one.
    setAttribute(link, "rel", sounds ? "opener" : null);
  }
}
