// @ts-check
/** When rows may move: changes that come together move together, and never under a finger. */

/** Changes within this play as one movement. */
const TOGETHER_MS = 250;
/** A finger that has just pressed a key may press again. */
const AFTER_KEY_MS = 600;
/** Nobody holds the rack up for longer. */
const AT_MOST_MS = 2_000;
/** While a finger rests there, look again this often. */
const LOOK_MS = 100;

/** @param {{now: number, askedAt: number, held: boolean, touchedAt: number}} facts @returns {number} ms to wait */
export function waitFor({ now, askedAt, held, touchedAt }) {
  const last = askedAt + AT_MOST_MS;
  if (now >= last) return 0;
  const free = Math.max(askedAt + TOGETHER_MS, touchedAt + AFTER_KEY_MS, held ? now + LOOK_MS : 0);
  return Math.max(0, Math.min(free, last) - now);
}

/** Calls back when what was asked for may happen. */
export class Calm {
  #move;
  #held = false;
  #carries = false;
  #touchedAt = -Infinity;
  #askedAt = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {HTMLElement} place @param {() => void} move */
  constructor(place, move) {
    this.#move = move;
    place.addEventListener("pointerdown", (event) => {
      this.#held = true;
      if (/** @type {Element} */ (event.target).closest("button")) this.touched();
    });
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => (this.#held = false));
  }

  touched() {
    this.#touchedAt = performance.now();
  }

  /** While a strip is carried everything else waits for it, however long. @param {boolean} carries */
  carry(carries) {
    this.#carries = carries;
  }

  ask() {
    if (this.#timer !== undefined) return;
    this.#askedAt = performance.now();
    this.#look();
  }

  /** Nothing is waiting any more: it has happened another way. */
  forget() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #look() {
    this.#timer = setTimeout(() => {
      if (this.#carries || this.#wait() > 0) {
        this.#look();
        return;
      }
      this.#timer = undefined;
      this.#move();
    }, this.#carries ? LOOK_MS : this.#wait());
  }

  #wait() {
    return waitFor({ now: performance.now(), askedAt: this.#askedAt, held: this.#held, touchedAt: this.#touchedAt });
  }
}
