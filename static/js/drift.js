// @ts-check

/** @typedef {import("./deck.js").Deck} Deck */

/** Beyond this a difference is heard as an echo between devices: one seek. */
const SEEK_FROM_MS = 150;
/** A seek needs time to show whether it helped; more of them would only stutter. */
const SEEK_AT_MOST_EVERY_MS = 3_000;
/** Correction by rate starts and ends here; below it the measurement itself trembles. */
const CORRECT_FROM_MS = 25;
const CORRECT_UNTIL_MS = 8;
/** A difference is worked off in about this time, at no more than a hundredth of the speed. */
const CORRECT_WITHIN_MS = 5_000;
const RATE_REACH = 0.01;
/** From play() to sound on a usual device, until measured. */
const LATENCY_GUESS_MS = 40;
const LATENCY_CAP_MS = 400;
/** One look may be an accident, so it teaches no more than this. */
const LEARN_AT_MOST_MS = 60;

/** How far the sound is from where the room is, and what is done about it. */
export class Drift {
  /** How far the sound was ahead at the last look. */
  ms = 0;
  /** How long this device takes from play() to sound. */
  latency_ms = LATENCY_GUESS_MS;
  #fresh = false;
  #correcting = false;
  #soughtAt = -Infinity;

  /** A deck is about to start. @param {boolean} telling  from a full buffer: what it is late by is the device's doing */
  begin(telling) {
    this.#fresh = telling;
    this.#correcting = false;
    this.#soughtAt = -Infinity;
  }

  /** @param {Deck} deck @param {number} target where the room is @param {number} local a clock that never jumps */
  correct(deck, target, local) {
    const ahead = deck.position_ms - target;
    this.ms = Math.round(ahead);
    this.#learn(ahead);
    if (Math.abs(ahead) > SEEK_FROM_MS) {
      this.#jump(deck, target, local);
      return;
    }
    this.#correcting = Math.abs(ahead) > (this.#correcting ? CORRECT_UNTIL_MS : CORRECT_FROM_MS);
    const reach = Math.max(-RATE_REACH, Math.min(RATE_REACH, ahead / CORRECT_WITHIN_MS));
    deck.rate = this.#correcting ? 1 - reach : 1;
  }

  /** The first look after a start or a seek shows how late this device is. @param {number} ahead */
  #learn(ahead) {
    if (!this.#fresh) return;
    this.#fresh = false;
    const lesson = Math.max(-LEARN_AT_MOST_MS, Math.min(LEARN_AT_MOST_MS, -ahead / 2));
    this.latency_ms = Math.max(0, Math.min(LATENCY_CAP_MS, this.latency_ms + lesson));
  }

  /** @param {Deck} deck @param {number} target @param {number} local */
  #jump(deck, target, local) {
    if (local - this.#soughtAt < SEEK_AT_MOST_EVERY_MS) return;
    this.#soughtAt = local;
    // Without learning from it, a wrong latency would miss by as much each time.
    this.#fresh = true;
    deck.rate = 1;
    deck.seek(target + this.latency_ms);
  }
}
