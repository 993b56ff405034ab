// @ts-check

/** @typedef {import("../../state/shapes.js").Item} Item */
/** @typedef {{from: number, value: number, up: number, down: number}} Touch  a vote and the tally it was cast on */

/** After the answer the new tally is on its way; this long the touched one is shown in its place. */
const ECHO_WITHIN_MS = 2_000;

/** This person's votes as they were tapped: shown at once, before the server has answered. */
export class OptimisticVotes {
  #outbox;
  /** @type {Map<string, Touch>} */
  #touches = new Map();
  /** @type {Map<string, number>} */
  #pending = new Map();
  /** Items whose vote could not be sent yet. @type {Set<string>} */
  #unsent = new Set();

  /** @param {import("../../net/outbox.js").Outbox} outbox */
  constructor(outbox) {
    this.#outbox = outbox;
    this.#read();
    outbox.addEventListener("change", () => this.#read());
    outbox.addEventListener("refused", (event) => {
      const { entry } = /** @type {CustomEvent} */ (event).detail;
      if (entry.kind === "vote") this.#touches.delete(entry.itemId);
    });
    outbox.addEventListener("kept", (event) => {
      const { entry } = /** @type {CustomEvent} */ (event).detail;
      if (entry.kind === "vote") this.#unsent.add(entry.itemId);
    });
    outbox.addEventListener("sent", (event) => {
      const { entry } = /** @type {CustomEvent} */ (event).detail;
      if (entry.kind !== "vote") return;
      const touch = this.#touches.get(entry.itemId);
      setTimeout(() => this.#touches.get(entry.itemId) === touch && this.#touches.delete(entry.itemId), ECHO_WITHIN_MS);
    });
  }

  /** Presses a key: the pressed one again withdraws. @param {Item} item @param {1|-1} way @param {Record<string, number>} votes */
  press(item, way, votes) {
    const from = this.voteOn(item.id, votes);
    const value = /** @type {-1|0|1} */ (from === way ? 0 : way);
    const { up, down } = item;
    const counted = votes[item.id] ?? 0;
    const earlier = this.#touches.get(item.id);
    const same = earlier && earlier.up === up && earlier.down === down;
    this.#touches.set(item.id, { from: same ? earlier.from : counted, value, up, down });
    this.#outbox.vote(item.id, value);
    return value;
  }

  /** @param {string} id @param {Record<string, number>} votes  those the server knows */
  voteOn(id, votes) {
    return this.#pending.get(id) ?? votes[id] ?? 0;
  }

  /**
   * Does my vote wait on this device? Without a line every vote does; with one, those whose sending failed, as behind a
   * portal that answers in the server's place.
   * @param {string} id @param {boolean} isOffline
   */
  isKept(id, isOffline) {
    return this.#pending.has(id) && (isOffline || this.#unsent.has(id));
  }

  get size() {
    return this.#pending.size;
  }

  /** The tally with this person's vote in it. @param {Item} item @param {Record<string, number>} votes */
  tally(item, votes) {
    const touch = this.#touches.get(item.id);
    if (touch) {
      const still = touch.up === item.up && touch.down === item.down;
      return still ? tallyWithVote(item, touch.from, touch.value) : { up: item.up, down: item.down };
    }
    return tallyWithVote(item, votes[item.id] ?? 0, this.voteOn(item.id, votes));
  }

  #read() {
    const votes = this.#outbox.pending.filter(({ kind }) => kind === "vote");
    this.#pending = new Map(votes.map((entry) => [/** @type {any} */ (entry).itemId, /** @type {any} */ (entry).value]));
    for (const id of this.#unsent) if (!this.#pending.has(id)) this.#unsent.delete(id);
  }
}

/** The tally after one person's vote went from one value to another.
 * @param {{up: number, down: number}} tally @param {number} from @param {number} to */
export function tallyWithVote({ up, down }, from, to) {
  return {
    up: up + Number(to === 1) - Number(from === 1),
    down: down + Number(to === -1) - Number(from === -1),
  };
}
