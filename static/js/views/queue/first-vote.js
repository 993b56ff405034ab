// @ts-check
import { ordinal, votes as votesWords } from "../words/words.js";
import { say } from "../../words/queue/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */
/** @typedef {(options: {me: ViewModel["me"], title: string, note: string}) => void} OpenName */
/**
 * @typedef {object} Moment  what the person does when the vote has counted
 * @property {boolean} isQueueSeen
 * @property {boolean} isTyping
 * @property {boolean} isKeyLast  a key was used last, and no pointer
 */

const ASKED_KEY = "beatsync:name-asked";

/**
 * After the first vote that counted the room asks for a name: once, for good. It asks where the votes are, and never takes
 * the keyboard: it waits for another vote while a field or another sheet is in front, and a person at the keys reads a line.
 */
export class FirstVote {
  #storage;
  #renderer;
  #sheet;
  #loadName;
  #moment;
  #showMessage;

  /**
   * @param {{outbox: EventTarget, renderer: {viewModel: ViewModel|null}, sheet: {open: boolean},
   *   storage: Pick<import("../../browser/json-storage.js").JsonStorage, "read"|"write">,
   *   loadName: () => Promise<OpenName|null>, moment: () => Moment, showMessage: (words: string) => void}} options
   */
  constructor({ outbox, renderer, sheet, storage, loadName, moment, showMessage }) {
    this.#storage = storage;
    this.#renderer = renderer;
    this.#sheet = sheet;
    this.#loadName = loadName;
    this.#moment = moment;
    this.#showMessage = showMessage;
    outbox.addEventListener("sent", (event) => {
      const { entry } = /** @type {CustomEvent} */ (event).detail;
      if (entry.kind === "vote" && entry.value !== 0) this.#ask(entry.itemId);
    });
  }

  /** @param {string} itemId */
  async #ask(itemId) {
    if (!this.#mayAsk()) return;
    if (this.#moment().isKeyLast) {
      this.#storage.write(ASKED_KEY, true);
      this.#showMessage(say("name.later", { name: this.#viewModel.me.name }));
      return;
    }
    const openName = await this.#loadName();
    // The person may have gone on while it loaded.
    if (!openName || !this.#mayAsk() || this.#moment().isKeyLast) return;
    this.#storage.write(ASKED_KEY, true);
    const { me } = this.#viewModel;
    const note = [this.#place(itemId), say("name.asked", { name: me.name })].filter(Boolean).join(" ");
    openName({ me, title: say("name.vote_in"), note });
  }

  #mayAsk() {
    const { isQueueSeen, isTyping } = this.#moment();
    const isNeeded = this.#renderer.viewModel?.me.named === false && !this.#storage.read(ASKED_KEY);
    return isNeeded && isQueueSeen && !isTyping && !this.#sheet.open;
  }

  /** @param {string} itemId */
  #place(itemId) {
    const { queue, votes, me } = this.#viewModel;
    const index = queue.findIndex(({ id }) => id === itemId);
    if (index === -1) return "";
    const { up } = votes.tally(queue[index], me.votes);
    return say("name.place", { title: queue[index].track.title, nth: ordinal(index + 1), votes: votesWords(up) });
  }

  get #viewModel() {
    return /** @type {ViewModel} */ (this.#renderer.viewModel);
  }
}
