// @ts-check

/** From the press of a finger until what it does is painted. */
export const TAP_MS = 200;
/** A tab that is hidden gets no frames; its title and what is read aloud go on. */
const WITHOUT_FRAME_MS = 250;
/** One slow frame, as while another tab starts, or one tap after the other do not stop the page for longer. */
const MOST_REST_MS = 1_000;

/**
 * Calls back once in the next animation frame, however often it is asked before. With a share below 1 these frames take no
 * more than that share of the time: at a quarter, one that took 40 ms with its layout and paint is followed by 120 ms
 * without one. So taps and scrolling find a slow device free, and a fast one draws every frame.
 */
export class NextFrame {
  #callback;
  #share;
  #restsUntil = -Infinity;
  #askedAt = 0;
  #frame = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {() => void} callback @param {{share?: number}} [options] */
  constructor(callback, { share = 1 } = {}) {
    this.#callback = callback;
    this.#share = share;
  }

  ask() {
    if (this.#timer !== undefined) return;
    this.#askedAt = performance.now();
    this.#wait();
  }

  /** Draws no frame while something more urgent is painted, such as a tap; a frame that has waited for 1 s is drawn.
   * @param {number} ms */
  rest(ms) {
    const now = performance.now();
    this.#restsUntil = Math.max(this.#restsUntil, now + ms);
    if (this.#timer === undefined || now - this.#askedAt > MOST_REST_MS) return;
    this.cancel();
    this.#wait();
  }

  /** What was asked for is done another way. */
  cancel() {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait() {
    const rest = this.#restsUntil - performance.now();
    if (rest > 0) this.#timer = setTimeout(() => this.#askFrame(), rest);
    else this.#askFrame();
  }

  #askFrame() {
    this.#frame = requestAnimationFrame(() => this.#run());
    this.#timer = setTimeout(() => this.#run(), WITHOUT_FRAME_MS);
  }

  #run() {
    this.cancel();
    const began = performance.now();
    this.#callback();
    // A timer that is set within a frame runs when that frame is painted.
    if (this.#share < 1) setTimeout(() => (this.#restsUntil = restsUntil(began, performance.now(), this.#share)));
  }
}

/** @param {number} began @param {number} ended  ms @param {number} share  of the time that work may take */
export function restsUntil(began, ended, share) {
  return ended + Math.min(MOST_REST_MS, (ended - began) * (1 / share - 1));
}
