// @ts-check
import { ordered } from "../../state/parts/queue.js";

/** @typedef {import("../../state/shapes.js").Item} Item */

/** After the answer the new order is on its way; this long the dropped one is shown in its place. */
const ECHO_WITHIN_MS = 2_000;

/** The order as this person has dropped it: shown at once, before the server has answered. */
export class HostOrder {
  #send;
  #changed;
  /** @type {string[]|null} */
  #ids = null;
  #sending = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #echo;

  /** @param {{send: (ids: string[]) => Promise<boolean>, changed: () => void}} options  send: whether it was accepted */
  constructor({ send, changed }) {
    this.#send = send;
    this.#changed = changed;
  }

  /** Is this order shown in place of the server's? */
  get active() {
    return this.#ids !== null;
  }

  /** The queue in this order. What is locked meanwhile stays first. @param {readonly Item[]} queue */
  applied(queue) {
    if (this.#ids === null) return queue;
    const placed = ordered(queue, [...queue.filter(({ locked }) => locked).map(({ id }) => id), ...this.#ids]);
    if (!this.#sending && placed.every((item, index) => item === queue[index])) this.#forget();
    return placed;
  }

  /** @param {readonly Item[]} queue  as it is shown @param {string} id @param {number} to  index */
  move(queue, id, to) {
    const ids = moved(queue, id, to);
    if (ids === null) return false;
    this.#ids = ids;
    if (!this.#sending) this.#run();
    return true;
  }

  /** One after the other: the last order sent is the one that stays. */
  async #run() {
    this.#sending = true;
    clearTimeout(this.#echo);
    let accepted = true;
    for (let sent = null; accepted && this.#ids !== null && this.#ids !== sent; ) {
      sent = this.#ids;
      accepted = await this.#send(sent);
    }
    this.#sending = false;
    if (accepted) this.#echo = setTimeout(() => this.#forget(), ECHO_WITHIN_MS);
    else this.#forget();
  }

  #forget() {
    clearTimeout(this.#echo);
    if (this.#ids === null) return;
    this.#ids = null;
    this.#changed();
  }
}

/** What is locked plays first whatever the order. @param {readonly Item[]} queue */
export function firstPlace(queue) {
  const free = queue.findIndex(({ locked }) => !locked);
  return free === -1 ? queue.length : free;
}

/** All ids with one of them elsewhere; null where it may not go or already stands. Rows of the shelf stay behind all others.
 * @param {readonly Item[]} queue @param {string} id @param {number} to */
function moved(queue, id, to) {
  const from = queue.findIndex((item) => item.id === id);
  if (from === -1 || queue[from].locked) return null;
  const added = queue.filter(({ added_by }) => added_by !== null).length;
  const isOfShelf = queue[from].added_by === null;
  const first = Math.max(firstPlace(queue), isOfShelf ? added : 0);
  const last = isOfShelf ? queue.length - 1 : added - 1;
  const place = Math.max(first, Math.min(last, to));
  if (place === from) return null;
  const ids = queue.map((item) => item.id);
  ids.splice(place, 0, ...ids.splice(from, 1));
  return ids;
}
