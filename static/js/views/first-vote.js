// @ts-check
import { openName } from "./name-sheet.js";
import { ordinal } from "./words.js";

/** @typedef {import("./scene.js").Show} Show */

const ASKED_KEY = "beatsync:name-asked";

/** After the first vote that counted the room asks for a name: once, for good. */
export class FirstVote {
  #drawer;
  #scene;
  #sheet;
  #save;

  /**
   * @param {{outbox: EventTarget, scene: {show: Show|null}, sheet: import("./sheet.js").Sheet,
   *   drawer: import("../storage.js").Drawer, save: (name: string) => Promise<void>}} options
   */
  constructor({ outbox, scene, sheet, drawer, save }) {
    this.#drawer = drawer;
    this.#scene = scene;
    this.#sheet = sheet;
    this.#save = save;
    outbox.addEventListener("sent", (event) => {
      const { entry } = /** @type {CustomEvent} */ (event).detail;
      if (entry.kind === "vote" && entry.value !== 0) this.#ask(entry.itemId);
    });
  }

  /** @param {string} itemId */
  #ask(itemId) {
    const { show } = this.#scene;
    if (!show || show.me.named || this.#sheet.open || this.#drawer.read(ASKED_KEY)) return;
    this.#drawer.write(ASKED_KEY, true);
    const index = show.queue.findIndex(({ id }) => id === itemId);
    const item = show.queue[index];
    const place = item ? `${item.track.title} is ${ordinal(index + 1)} with ${show.hand.tally(item, show.me.votes).up}. ` : "";
    openName({
      sheet: this.#sheet,
      me: show.me,
      save: this.#save,
      title: "Your vote is in",
      note: `${place}What should the room call you? You are ${show.me.name} until you say.`,
    });
  }
}
