// @ts-check
/** How far a device of Spotify is from the room, as far as that can be told, and when to mend it. */
import { median } from "../sound-card.js";

/** So often the player is asked where it is. */
export const LOOK_EVERY_MS = 500;
/** A jump takes its time. What is still elsewhere after this will not get there. */
export const ARRIVES_WITHIN_MS = 8_000;
export const NEAR_MS = 2_000;
/** Less is left alone: to mend it would be heard, and half a second is what is promised. */
export const OFF_BY_MS = 700;
/** Positions of the first 1.5 s are not used; after that the median of three is. */
const SETTLES_MS = 1_500;
const LOOKS = 3;
const MENDED_EVERY_MS = 10_000;
const MOST_MENDED = 3;

/** The last looks at one device, and how often it was mended in this track. Times are local ms. */
export class DriftSamples {
  /** How far ahead of the room they found it. @type {number[]} */
  #looks = [];
  #mended = 0;
  #mendedAt = -Infinity;

  /** Another track. */
  renew() {
    this.forget();
    this.#mended = 0;
  }

  /** Where it was says nothing about where it is from now on. */
  forget() {
    this.#looks = [];
  }

  /** @param {number} ahead_ms  of the room @param {number} sounded_ms  for how long it has sounded by then */
  add(ahead_ms, sounded_ms) {
    if (sounded_ms >= SETTLES_MS) this.#looks = [...this.#looks, ahead_ms].slice(-LOOKS);
  }

  /** Are there enough of them to go by? */
  get known() {
    return this.#looks.length === LOOKS;
  }

  get ahead_ms() {
    return this.#looks.length > 0 ? median(this.#looks) : 0;
  }

  /** How far the looks are apart. */
  get spread_ms() {
    return this.#looks.length > 0 ? Math.max(...this.#looks) - Math.min(...this.#looks) : 0;
  }

  /** Is it so far off that it has to be mended, and may it be now? Then that was one time. @param {number} now */
  mend(now) {
    if (!this.known || Math.abs(this.ahead_ms) <= OFF_BY_MS) return false;
    if (this.#mended >= MOST_MENDED || now - this.#mendedAt < MENDED_EVERY_MS) return false;
    this.#mended += 1;
    this.#mendedAt = now;
    this.forget();
    return true;
  }
}
