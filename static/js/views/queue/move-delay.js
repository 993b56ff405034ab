// @ts-check
/** When rows may move: changes that come together move together, and never under a finger. */

import { restsUntil } from "../../browser/next-frame.js";

/** Changes within this play as one movement. */
const TOGETHER_MS = 250;
/** A finger that has just pressed a key may press again. */
const AFTER_KEY_MS = 600;
/** No finger keeps the rows still for longer. */
const AT_MOST_MS = 2_000;
/** A slow device moves rows less often: moving them takes no more than this share of its time. */
const SHARE = 1 / 8;
/** While a finger or a drag keeps the rows still, look again this often. */
const LOOK_MS = 100;

/**
 * @param {{now: number, askedAt: number, held: boolean, touchedAt: number, restsUntil: number}} facts
 * @returns {number} ms to wait
 */
export function waitFor({ now, askedAt, held, touchedAt, restsUntil }) {
  const last = askedAt + AT_MOST_MS;
  if (now >= last) return 0;
  const free = Math.max(askedAt + TOGETHER_MS, touchedAt + AFTER_KEY_MS, restsUntil, held ? now + LOOK_MS : 0);
  return Math.max(0, Math.min(free, last) - now);
}

/** Calls back when what was asked for may happen. */
export class MoveDelay {
  #move;
  #held = false;
  #isDragging = false;
  #touchedAt = -Infinity;
  #askedAt = 0;
  #restsUntil = -Infinity;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {HTMLElement} list @param {() => void} move */
  constructor(list, move) {
    this.#move = move;
    list.addEventListener("pointerdown", (event) => {
      this.#held = true;
      if (/** @type {Element} */ (event.target).closest("button")) this.touched();
    });
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => (this.#held = false));
  }

  touched() {
    this.#touchedAt = performance.now();
  }

  /** While a row is dragged nothing else moves, however long that takes. @param {boolean} isDragging */
  setDragging(isDragging) {
    this.#isDragging = isDragging;
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
      if (this.#isDragging || this.#wait() > 0) {
        this.#look();
        return;
      }
      this.#timer = undefined;
      this.#run();
    }, this.#isDragging ? LOOK_MS : this.#wait());
  }

  /** Between frames, when nothing waits to be laid out: measuring the rows costs nothing then. */
  #run() {
    const began = performance.now();
    this.#move();
    const moved = performance.now() - began;
    requestAnimationFrame(() => {
      const frame = performance.now();
      setTimeout(() => (this.#restsUntil = restsUntil(frame - moved, performance.now(), SHARE)));
    });
  }

  #wait() {
    return waitFor({
      now: performance.now(), askedAt: this.#askedAt, held: this.#held, touchedAt: this.#touchedAt, restsUntil: this.#restsUntil,
    });
  }
}
