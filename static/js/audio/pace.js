// @ts-check

/** Long enough that the steps in which a clock of the browser moves do not matter. */
const WINDOW_MS = 1_000;
/** How fast a clock of the browser may run. A quartz is off by a ten-thousandth. */
const FASTEST = 1.1;
/** And how slowly: the clock of a sound card that a busy machine feeds too late loses what was missing. */
const SLOWEST = 0.8;
/** A clock that hardly moves stands still: that is a stall, and told as one. */
const STANDS_BELOW = 0.3;
/** One window may hold a gap of the sound card, or a moment in which nobody was awake to look. */
const WINDOWS = 2;

/** Does a clock of the browser run like real time? One that does not is left for the next best. */
export class Pace {
  plausible = true;
  /** @type {{value: number, local: number}|null} */
  #from = null;
  #off = 0;
  #slowest;

  /** @param {{slowest?: number}} [options]  slowest: 0 where a clock may also be told late, and is found out by its distance */
  constructor({ slowest = SLOWEST } = {}) {
    this.#slowest = slowest;
  }

  /** @param {number} value  what the clock says, in ms @param {number} local ms @returns {boolean} still plausible? */
  look(value, local) {
    this.#from ??= { value, local };
    const passed = local - this.#from.local;
    if (passed < WINDOW_MS) return this.plausible;
    const rate = (value - this.#from.value) / passed;
    const isSlow = rate < this.#slowest && Math.abs(rate) > STANDS_BELOW;
    const isOff = rate > FASTEST || isSlow;
    this.#off = isOff ? this.#off + 1 : 0;
    this.#from = { value, local };
    if (this.#off >= WINDOWS) this.plausible = false;
    return this.plausible;
  }

  /** It was set, or stood still: what it said before tells nothing about what it says now. */
  forget() {
    this.#from = null;
    this.#off = 0;
  }
}
