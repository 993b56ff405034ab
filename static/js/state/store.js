// @ts-check
import { PARTS } from "./parts/index.js";
import { advance, emptyStateOf } from "./reducers.js";

/** @typedef {import("./shapes.js").State} State */
/** @typedef {import("./shapes.js").Frame} Frame */

/** Frames that overtake each other do so by a few tens of ms; a hole older than this is a loss. */
const GAP_PATIENCE_MS = 250;

/**
 * Keeps the frames of one room in order and holds the state they lead to. Dispatches "change" once per frame that
 * told something: detail {previous, state, events, frame}; `events` are the new ones that this person may see, in
 * order (none for a snapshot).
 */
export class Store extends EventTarget {
  #parts;
  #state;
  #hasSnapshot = false;
  /** @type {Frame[]} */
  #early = [];
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #patience;
  #asked = false;
  #onGap;

  /**
   * @param {{onGap?: () => void, parts?: readonly import("./parts/part.js").Part[]}} [options]
   * onGap: asks for a snapshot, because something was lost on the way; parts: what the state consists of
   */
  constructor({ onGap = () => {}, parts = PARTS } = {}) {
    super();
    this.#parts = parts;
    this.#state = emptyStateOf(parts);
    this.#onGap = onGap;
  }

  /** @returns {State} */
  get state() {
    return this.#state;
  }

  /** Is something missing that later frames wait for? */
  get waiting() {
    return this.#early.length > 0;
  }

  /**
   * Where a new line may go on from without a snapshot; null when a snapshot is needed or has been asked for.
   * @returns {{revision: number, member: string}|null}
   */
  get resumePoint() {
    const { revision, room, me } = this.#state;
    if (!room || !me || this.waiting || this.#asked) return null;
    return { revision, member: me.id };
  }

  /** @param {Frame} frame */
  receive(frame) {
    if (this.#isEarly(frame)) {
      this.#early.push(frame);
    } else {
      if (frame.type === "snapshot") {
        this.#asked = false;
        this.#hasSnapshot = true;
      }
      this.#apply(frame);
      this.#applyEarly();
    }
    this.#watchGap();
  }

  /** @param {Frame} frame */
  #isEarly(frame) {
    if (frame.type !== "events") return false;
    return !this.#hasSnapshot || frame.from > this.#state.revision + 1;
  }

  #applyEarly() {
    this.#early.sort((one, other) => one.from - other.from);
    while (this.#early.length && !this.#isEarly(this.#early[0])) {
      this.#apply(/** @type {Frame} */ (this.#early.shift()));
    }
  }

  /** @param {Frame} frame */
  #apply(frame) {
    const previous = this.#state;
    const { state, events, doubtful } = advance(this.#parts, previous, frame);
    if (doubtful) this.#ask();
    if (state === previous) return;
    this.#state = state;
    this.dispatchEvent(new CustomEvent("change", { detail: { previous, state, events, frame } }));
  }

  #watchGap() {
    if (!this.waiting) {
      clearTimeout(this.#patience);
      this.#patience = undefined;
    } else if (this.#patience === undefined && !this.#asked) {
      this.#patience = setTimeout(() => {
        this.#patience = undefined;
        this.#ask();
      }, GAP_PATIENCE_MS);
    }
  }

  /** Once per hole: the answer is a snapshot, and a lost line brings one of its own. */
  #ask() {
    if (this.#asked) return;
    this.#asked = true;
    this.#onGap();
  }
}
