// @ts-check
import { median } from "./sound-card.js";

/** @typedef {import("../net/server-clock.js").ServerClock} ServerClock */
/** @typedef {import("./deck.js").Deck} Deck */
/** @typedef {import("../state/shapes.js").Playback} Playback */
/** @typedef {{how: "rate"|"seek", at: number}} Correction  at: local ms */
/**
 * @typedef {{state: "in_step"|"catching_up"|"off"|"blocked"|"quiet", mode: "precise"|"pocket", offset_ms: number,
 *   jitter_ms: number, uncertainty_ms: number, corrected: null|{how: "rate"|"seek", at: number}}} Sync
 * off: further from the room than rate can mend soon; quiet: there is nothing to sound; offset_ms: ahead of the room;
 * uncertainty_ms: how far the room's clock may be off here, at most; corrected.at: server ms
 */
/**
 * The same of any device, also of one of which only an estimate is known.
 * @typedef {{state: string, mode: "precise"|"pocket"|"estimated", offset_ms: number, jitter_ms: number, uncertainty_ms: number,
 *   corrected: {how: "rate"|"seek", at: number}|null, error_ms?: number|null}} DeviceSyncFacts
 *   error_ms: how far an estimated place may be off, as far as that is measured
 */

const LOOKS_KEPT = 7;
/**
 * Correction by rate starts at `from` ms, ends at `until` and works a difference off in `within` ms, by `reach` at most.
 * 0.003 are 5 cents, which nobody hears; an element, whose seek is a hole, may be bent by 17. Below `until` the measurement
 * itself trembles: an element's position comes in steps, the clock of the sound card is read to a tenth of a ms. At the
 * track's own speed a buffer is played sample by sample, so it is not bent all the time.
 * Beyond `seek` one jump is better than to be off for seconds: the seam of a buffer is cross-faded. A gap of the sound card
 * is heard anyway: beyond `seekAfterGap` a seam mends it at once. A seek needs `rest` ms to show whether it helped; more of
 * them would only stutter.
 */
const BOUNDS = {
  pocket: { from: 25, until: 8, within: 5_000, reach: 0.01, seek: 150, seekAfterGap: 150, rest: 3_000 },
  precise: { from: 1, until: 0.25, within: 2_000, reach: 0.003, seek: 8, seekAfterGap: 5, rest: 1_000 },
};
/** What people call "in step": less is not heard even side by side. */
const OFF_FROM_MS = 150;
const IN_STEP_MS = { precise: 25, pocket: 60 };

/** Measures how far this device's sound is from the room, and corrects it by rate or by a jump. */
export class SyncController {
  /** How far the sound was ahead of the room at the last look. */
  drift_ms = 0;
  #clock;
  #playback;
  /** By how many ms earlier than others it is to sound. */
  nudge_ms = 0;
  /** How far ahead the last looks found the sound. @type {number[]} */
  #looks = [];
  /** @type {Correction|null} */
  #corrected = null;
  /** Does the next look show how late this device starts? */
  #isLearning = false;
  #isCorrectingByRate = false;
  #soughtAt = -Infinity;

  /** @param {{clock: ServerClock, playback: () => Playback|null}} options  playback: what the room plays */
  constructor({ clock, playback }) {
    this.#clock = clock;
    this.#playback = playback;
  }

  /** Where the room is at a local time, in ms of the track. @param {number} local */
  positionAt(local) {
    const starts_at_ms = this.#playback()?.starts_at_ms ?? 0;
    return this.#clock.now() + local - this.#clock.local() - starts_at_ms + this.nudge_ms;
  }

  /** How many ms it takes until the room is there. @param {number} position */
  msUntil(position) {
    return this.#playback()?.state === "playing" ? position - this.positionAt(this.#clock.local()) : 0;
  }

  /** Ahead of the room, in the middle of the last looks. */
  get offset_ms() {
    return this.#isMeasured ? median(this.#looks) : 0;
  }

  get jitter_ms() {
    const offset = this.offset_ms;
    return this.#isMeasured ? median(this.#looks.map((one) => Math.abs(one - offset))) : 0;
  }

  /** The last correction, in server ms. */
  get corrected() {
    const corrected = this.#corrected;
    return corrected && { how: corrected.how, at: this.#clock.now() + corrected.at - this.#clock.local() };
  }

  /**
   * How near to the room a deck is that may sound.
   * @param {Sync["mode"]} mode @param {{isStartPlanned: boolean, isPlaying: boolean}} deck @returns {Sync["state"]}
   */
  stateOf(mode, { isStartPlanned, isPlaying }) {
    const isClockKnown = Number.isFinite(this.#clock.uncertainty_ms);
    if (isStartPlanned && isClockKnown) return "in_step";
    const off = Math.abs(this.offset_ms);
    if (off > OFF_FROM_MS) return "off";
    return isClockKnown && isPlaying && this.#isMeasured && off <= IN_STEP_MS[mode] ? "in_step" : "catching_up";
  }

  /** A deck is about to start. @param {{isTelling: boolean}} options  from a full buffer: what it is late by is the device's doing */
  expectStart({ isTelling }) {
    this.#isLearning = isTelling;
    this.#isCorrectingByRate = false;
    this.#soughtAt = -Infinity;
  }

  /** What was measured says nothing about what is heard from now on. */
  forgetLooks() {
    this.#looks = [];
  }

  /**
   * Measures where a deck is, and puts it right.
   * @param {Deck} deck @param {{afterGap: boolean}} options  afterGap: the sound card has just had a gap
   * @returns {boolean} is it near enough for the rate alone?
   */
  correct(deck, { afterGap }) {
    const local = this.#clock.local();
    const target = this.positionAt(local);
    const ahead = deck.position_ms - target;
    this.drift_ms = ahead;
    if (this.#isLearning) {
      // The first look after a start or a seek shows how late this device is.
      this.#isLearning = false;
      deck.learn(ahead);
    }
    const { seek, seekAfterGap } = BOUNDS[deck.kind];
    // Where the clock of the card moves in steps, a seam for what is none would be heard.
    const isNear = Math.abs(ahead) <= Math.max(afterGap ? seekAfterGap : seek, deck.tremble_ms / 2);
    if (isNear) this.#correctByRate(deck, ahead, local);
    const hasSought = !isNear && this.#correctBySeek(deck, target, local);
    this.#looks = hasSought ? [] : [...this.#looks, ahead].slice(-LOOKS_KEPT);
    return isNear;
  }

  get #isMeasured() {
    return this.#looks.length > 0;
  }

  /** @param {Deck} deck @param {number} ahead @param {number} local */
  #correctByRate(deck, ahead, local) {
    const { from, until, within, reach } = BOUNDS[deck.kind];
    const isNeeded = Math.abs(ahead) > (this.#isCorrectingByRate ? until : from);
    if (isNeeded && !this.#isCorrectingByRate) this.#corrected = { how: "rate", at: local };
    this.#isCorrectingByRate = isNeeded;
    deck.rate = isNeeded ? 1 - clamp(ahead / within, reach) : 1;
  }

  /** @param {Deck} deck @param {number} target @param {number} local @returns {boolean} was it time for one? */
  #correctBySeek(deck, target, local) {
    if (local - this.#soughtAt < BOUNDS[deck.kind].rest) return false;
    this.#soughtAt = local;
    this.#corrected = { how: "seek", at: local };
    this.#isCorrectingByRate = false;
    // Without learning from it, a wrong lateness would miss by as much each time.
    this.#isLearning = true;
    deck.start(target, local)?.catch(() => {});
    return true;
  }
}

/** @param {number} value @param {number} reach */
function clamp(value, reach) {
  return Math.max(-reach, Math.min(reach, value));
}
