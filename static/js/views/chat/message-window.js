// @ts-check
/** Which of many messages are rows of the page: a phone lays out hundreds of rows, not thousands. */

/** @typedef {readonly import("../../state/shapes.js").ChatMessage[]} Messages */

/** Messages that are rows at a time, and by how many the window moves. */
export const MOST_ROWS = 150;
export const STEP = 25;

/** A window over the messages. At the end of the chat it follows the latest; while somebody reads above it stays, and moves by steps. */
export class MessageWindow {
  /** The id of the first message in it; null: it follows the latest. @type {string|null} */
  #first = null;

  /** @param {Messages} messages @returns {{shown: Messages, isOpenAbove: boolean, isOpenBelow: boolean}}  open: more messages are known there */
  over(messages) {
    const from = this.#from(messages);
    const to = Math.min(messages.length, from + MOST_ROWS);
    return { shown: messages.slice(from, to), isOpenAbove: from > 0, isOpenBelow: to < messages.length };
  }

  /** What comes takes the place of the oldest rows. */
  followLatest() {
    this.#first = null;
  }

  /** What comes stays below. @param {Messages} messages */
  stay(messages) {
    this.#first ??= messages[this.#from(messages)]?.id ?? null;
  }

  /** @param {Messages} messages @param {number} by  messages; up is negative */
  move(messages, by) {
    const last = Math.max(0, messages.length - MOST_ROWS);
    this.#first = messages[Math.min(last, Math.max(0, this.#from(messages) + by))]?.id ?? null;
  }

  /** @param {Messages} messages */
  #from(messages) {
    const at = this.#first === null ? -1 : messages.findIndex(({ id }) => id === this.#first);
    return at === -1 ? Math.max(0, messages.length - MOST_ROWS) : at;
  }
}
