// @ts-check

/** @typedef {import("./deck.js").Deck} Deck */
/** @typedef {{how: "rate"|"seek", at: number}} Correction  at: local ms */

/** A seek needs time to show whether it helped; more of them would only stutter. */
const SEEK_AT_MOST_EVERY_MS = 3_000;
/** No faster or slower than this: more would be heard as pitch. */
const RATE_REACH = 0.01;
/**
 * Correction by rate starts and ends here, and works a difference off in about that time. Below it the measurement
 * itself trembles: an element's position comes in steps, the clock of the sound card is read to a tenth of a ms.
 * Beyond `seek` two devices are heard as an echo, and one seek is better than to hear that for long: the seam of a
 * buffer is not heard, that of an element is a hole.
 */
const BOUNDS = {
  pocket: { from: 25, until: 8, within: 5_000, seek: 150 },
  precise: { from: 4, until: 1, within: 3_000, seek: 40 },
};

/** How far the sound is from where the room is, and what is done about it. */
export class Drift {
  /** How far the sound was ahead at the last look. */
  ms = 0;
  /** @type {Correction|null} */
  corrected = null;
  #fresh = false;
  #correcting = false;
  #soughtAt = -Infinity;

  /** A deck is about to start. @param {boolean} telling  from a full buffer: what it is late by is the device's doing */
  begin(telling) {
    this.#fresh = telling;
    this.#correcting = false;
    this.#soughtAt = -Infinity;
  }

  /**
   * @param {Deck} deck @param {number} target where the room is @param {number} local a clock that never jumps
   * @returns {boolean} is it near enough for the rate alone?
   */
  correct(deck, target, local) {
    const ahead = deck.position_ms - target;
    const { from, until, within, seek } = BOUNDS[deck.kind];
    this.ms = ahead;
    if (this.#fresh) {
      // The first look after a start or a seek shows how late this device is.
      this.#fresh = false;
      deck.learn(ahead);
    }
    if (Math.abs(ahead) > seek) {
      this.#jump(deck, target, local);
      return false;
    }
    const correcting = Math.abs(ahead) > (this.#correcting ? until : from);
    if (correcting && !this.#correcting) this.corrected = { how: "rate", at: local };
    this.#correcting = correcting;
    const reach = Math.max(-RATE_REACH, Math.min(RATE_REACH, ahead / within));
    deck.rate = correcting ? 1 - reach : 1;
    return true;
  }

  /** @param {Deck} deck @param {number} target @param {number} local */
  #jump(deck, target, local) {
    if (local - this.#soughtAt < SEEK_AT_MOST_EVERY_MS) return;
    this.#soughtAt = local;
    this.corrected = { how: "seek", at: local };
    this.#correcting = false;
    // Without learning from it, a wrong lateness would miss by as much each time.
    this.#fresh = true;
    deck.start(target, local)?.catch(() => {});
  }
}
