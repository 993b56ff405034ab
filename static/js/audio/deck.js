// @ts-check
import { loudness } from "./loudness.js";
import { Pace } from "./pace.js";

/**
 * One way to sound a track, and all that the rest of the page knows of it: Pair chooses between two of them,
 * SyncController holds one in place, Recovery sees what goes wrong with it. Another way to sound is another class that keeps to this, put into
 * a Pair by Pairs (a Pair whose other deck is null has no choice).
 *
 * Where something cannot be done, the answer is a fact and never a guess: a deck whose position tells nothing just now is
 * not `steady`, one that is late says by how much, one that has no speed of its own ignores `rate`, one that is not to be
 * sought often is a `kind` with bounds of its own in sync-controller.js. Whether a start can be planned is a matter of the Pair:
 * only what may be told a moment ahead is ever `armed`, everything else is started by a timer, `lateness_ms` early.
 * @typedef {object} Deck
 * @property {"pocket"|"precise"} kind  how near it can be held: the bounds of that name in sync-controller.js
 * @property {string|null} url  what is loaded or on its way; null: nothing
 * @property {number} position_ms  where in the track, as heard
 * @property {number} progress  any number that moves while sound is made, and only then
 * @property {number} remaining_ms  how long it would still sound by itself; Infinity where that is not known
 * @property {boolean} sounding  sounds, or will at its moment
 * @property {boolean} ended  came to its end by itself
 * @property {number|null} length_ms  how long the whole track sounds, once decoding or playing it has shown that
 * @property {boolean} steady  does the position mean anything just now?
 * @property {number} tremble_ms  how far apart the last readings of its clock were: a difference below half of it may be none
 * @property {number} now  local ms, the clock of everything below
 * @property {number} lateness_ms  from start() to sound
 * @property {number} rate  set only: 1 is the speed of the track
 * @property {number} volume  set only: 0 to 1
 * @property {(track: {audio?: string|null, gain_db?: number, duration_ms?: number|null}) => unknown} load  once is enough
 * @property {(position_ms: number) => void} seek  of a silent deck
 * @property {(position_ms: number, at: number) => Promise<void>} start  so that a position is heard at a moment, or would
 *   have been; rejected with a NotAllowedError when the browser wants a tap first
 * @property {(at?: number) => void} pause  at a moment, where it can wait for that
 * @property {(ahead: number) => void} learn  how far ahead of the room a start came out
 */

/** Nearer than this a seek would be heard and help nobody. */
const CLOSE_ENOUGH_MS = 20;
/** From play() to sound on a usual device, until measured. */
const LATENESS_GUESS_MS = 40;
const LATENESS_CAP_MS = 400;
/** One look may be an accident, so it teaches no more than this. */
const LEARN_AT_MOST_MS = 60;
/** A file that has played its last second has shown where its end is; one that was asked for a place behind it has not. */
const HEARD_OUT_S = 1;
const FADE_STEPS = 3;
const FADE_STEP_MS = 10;

/** How long this device takes from play() to sound: one for all its elements. */
export class Lateness {
  ms = LATENESS_GUESS_MS;

  /** @param {number} ahead  how far a start that was given this much time was ahead in the end */
  learn(ahead) {
    const lesson = Math.max(-LEARN_AT_MOST_MS, Math.min(LEARN_AT_MOST_MS, -ahead / 2));
    this.ms = Math.max(0, Math.min(LATENESS_CAP_MS, this.ms + lesson));
  }
}

/** A track on an <audio> element: it streams, and goes on behind a locked screen. @implements {Deck} */
export class ElementDeck {
  /** @type {"pocket"} */
  kind = "pocket";
  /** Its steps are within the bounds of the kind. */
  tremble_ms = 0;
  /** @type {string|null} */
  url = null;
  #audio;
  #local;
  #lateness;
  #gain_db = 0;
  #volume = 1;
  /** From where it was asked to play last, in seconds: the browser takes a place behind the end for the end. */
  #from = 0;
  /** What it was started with last. @type {{position_ms: number, at: number}|null} */
  #asked = null;
  #pace = new Pace();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #fading;

  /**
   * @param {{audio: HTMLAudioElement, local: () => number, lateness?: Lateness, onEnded: (deck: Deck) => void,
   *   onError: (deck: Deck, code: number) => void}} options
   */
  constructor({ audio, local, lateness = new Lateness(), onEnded, onError }) {
    this.#audio = audio;
    this.#local = local;
    this.#lateness = lateness;
    audio.preload = "auto";
    // A hundredth faster or slower is not heard as pitch; keeping the pitch would be heard as an effect.
    audio.preservesPitch = false;
    audio.addEventListener("ended", () => onEnded(this));
    // It stands still for want of data, which is no fault of its clock.
    for (const pause of ["waiting", "seeking", "pause"]) audio.addEventListener(pause, () => this.#pace.forget());
    audio.addEventListener("error", () => {
      if (this.url !== null) onError(this, audio.error?.code ?? 0);
    });
  }

  /** @param {{audio?: string|null, gain_db?: number}} track @param {{anew?: boolean}} [options] anew: even if it is there */
  load({ audio: url, gain_db = 0 }, { anew = false } = {}) {
    this.#gain_db = gain_db;
    this.#applyVolume();
    if (this.url === url && !this.#audio.error && !anew) return;
    this.url = url ?? null;
    this.#audio.src = url ?? "";
    this.#audio.load();
  }

  /** As heard, as far as the browser knows; where its clock runs wrong, as it was asked for. */
  get position_ms() {
    const position = this.#audio.currentTime * 1000;
    const asked = this.#asked;
    if (!asked || !this.sounding) return position;
    const local = this.#local();
    return this.#pace.look(position, local) ? position : asked.position_ms + local - asked.at;
  }

  /** Moves while sound is made, in hundredths of a second; that it was sought somewhere else is no progress. */
  get progress() {
    return Math.round((this.#audio.currentTime - this.#from) * 100);
  }

  /** How long the file itself still runs, as far as known. */
  get remaining_ms() {
    const { duration, currentTime } = this.#audio;
    return Number.isFinite(duration) ? (duration - currentTime) * 1000 : Infinity;
  }

  get sounding() {
    return !this.#audio.paused && !this.#audio.ended;
  }

  get ended() {
    return this.#audio.ended;
  }

  /** Before its end the browser only guesses. */
  get length_ms() {
    const { ended, currentTime } = this.#audio;
    return ended && currentTime - this.#from >= HEARD_OUT_S ? Math.round(currentTime * 1000) : null;
  }

  /** Does the position mean anything just now? */
  get steady() {
    return this.#audio.readyState >= 3 && !this.#audio.seeking && this.#pace.plausible;
  }

  /** Local time. */
  get now() {
    return this.#local();
  }

  get lateness_ms() {
    return this.#lateness.ms;
  }

  /** @param {number} ahead */
  learn(ahead) {
    this.#lateness.learn(ahead);
  }

  set rate(/** @type {number} */ rate) {
    if (this.#audio.playbackRate !== rate) this.#audio.playbackRate = rate;
  }

  set volume(/** @type {number} */ volume) {
    this.#volume = volume;
    this.#applyVolume();
  }

  /** Runs, but is not heard. Some phones fix the volume of elements, none their mute. */
  set muted(/** @type {boolean} */ muted) {
    this.#audio.muted = muted;
  }

  /** @param {number} position_ms */
  seek(position_ms) {
    const target = Math.max(0, position_ms);
    this.#from = target / 1000;
    if (Math.abs(this.#audio.currentTime * 1000 - target) > CLOSE_ENOUGH_MS) this.#audio.currentTime = target / 1000;
    this.#pace.forget();
  }

  /**
   * Sounds from now on, so that a position is heard at a moment (or would have been).
   * @param {number} position_ms @param {number} at local ms
   * @returns {Promise<void>} rejected when the browser wants a tap first
   */
  async start(position_ms, at) {
    this.#endFade();
    this.rate = 1;
    this.seek(position_ms + this.#local() - at + this.lateness_ms);
    this.#asked = { position_ms, at };
    if (!this.sounding) await this.#audio.play();
  }

  pause() {
    this.#endFade();
    this.#audio.pause();
    this.rate = 1;
  }

  /** Pauses in a few steps, beside the other kind of deck that takes over. */
  fadeOut() {
    this.#endFade();
    this.#fade(FADE_STEPS);
  }

  /** @param {number} left */
  #fade(left) {
    if (left === 0) {
      this.pause();
      return;
    }
    this.#audio.volume = loudness(this.#volume, this.#gain_db) * (left / FADE_STEPS);
    this.#fading = setTimeout(() => this.#fade(left - 1), FADE_STEP_MS);
  }

  /** Inside a tap: tells the browser that this element may play later. Pausing at once lets nothing be heard. */
  unlock() {
    if (this.sounding) return;
    const played = this.#audio.play();
    this.#audio.pause();
    played?.catch(() => {});
  }

  #endFade() {
    clearTimeout(this.#fading);
    this.#fading = undefined;
    this.#applyVolume();
  }

  #applyVolume() {
    this.#audio.volume = loudness(this.#volume, this.#gain_db);
  }
}
