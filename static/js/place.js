// @ts-check
import { Drift } from "./drift.js";
import { median } from "./output.js";

/** @typedef {import("./clock.js").ServerClock} ServerClock */
/** @typedef {import("./deck.js").Deck} Deck */
/** @typedef {import("./shapes.js").Playback} Playback */

/** At each look, so much of a new nudge: by rate, not by a jump. */
const NUDGE_STEP_MS = 8;
const LOOKS_KEPT = 7;

/** Where in the track this device has to be, how far its sound is from there, and what is done about it. */
export class Place {
  /** By how much earlier than others it is to sound. */
  #nudge = 0;
  /** As much of that as is worked in by now. */
  #nudged = 0;
  #clock;
  #playback;
  #drift = new Drift();
  /** How far ahead the last looks found the sound. @type {number[]} */
  #looks = [];

  /** @param {{clock: ServerClock, playback: () => Playback|null}} options  playback: what the room plays */
  constructor({ clock, playback }) {
    this.#clock = clock;
    this.#playback = playback;
  }

  /** Where the room is at a local time. @param {number} local */
  at(local) {
    const starts_at_ms = this.#playback()?.starts_at_ms ?? 0;
    return this.#clock.now() + local - this.#clock.local() - starts_at_ms + this.#nudged;
  }

  /** @param {number} position @returns {number} ms until the room is there */
  wait(position) {
    return this.#playback()?.state === "playing" ? position - this.at(this.#clock.local()) : 0;
  }

  get nudge_ms() {
    return this.#nudge;
  }

  /** @param {number} nudge @param {{atOnce: boolean}} options  atOnce: nothing is heard that would jump */
  setNudge(nudge, { atOnce }) {
    this.#nudge = nudge;
    if (atOnce) this.#nudged = nudge;
  }

  /** Has it been measured since the last start? */
  get known() {
    return this.#looks.length > 0;
  }

  /** Ahead of the room, in the middle of the last looks. */
  get offset_ms() {
    return this.known ? median(this.#looks) : 0;
  }

  get jitter_ms() {
    const offset = this.offset_ms;
    return this.known ? median(this.#looks.map((one) => Math.abs(one - offset))) : 0;
  }

  /** At the last look alone. */
  get drift_ms() {
    return this.#drift.ms;
  }

  /** In server ms. */
  get corrected() {
    const { corrected } = this.#drift;
    return corrected && { how: corrected.how, at: this.#clock.now() + corrected.at - this.#clock.local() };
  }

  /** A deck is about to start. @param {boolean} telling  see Drift */
  begin(telling) {
    this.#drift.begin(telling);
  }

  /** What was measured says nothing about what is heard from now on. */
  forget() {
    this.#looks = [];
  }

  /** Looks where a deck is, and puts it right. @param {Deck} deck @returns {boolean} see Drift */
  keep(deck) {
    const local = this.#clock.local();
    this.#nudged += Math.max(-NUDGE_STEP_MS, Math.min(NUDGE_STEP_MS, this.#nudge - this.#nudged));
    const sought = this.#drift.corrected;
    const near = this.#drift.correct(deck, this.at(local), local);
    const jumped = this.#drift.corrected !== sought && this.#drift.corrected?.how === "seek";
    this.#looks = jumped ? [] : [...this.#looks, this.#drift.ms].slice(-LOOKS_KEPT);
    return near;
  }
}
