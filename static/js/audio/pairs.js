// @ts-check
import { BufferDeck } from "./buffer-deck.js";
import { ElementDeck, Lateness } from "./deck.js";
import { Pair } from "./pair.js";

/** @typedef {import("./deck.js").Deck} Deck */
/** @typedef {import("./sound-card.js").SoundCard} SoundCard */
/** @typedef {import("../state/shapes.js").Playback} Playback */
/** @typedef {import("../state/shapes.js").Track} Track */

/** A decoded second: two channels of 4 bytes. */
const BYTES_PER_SAMPLE = 8;
const USUAL_RATE = 48_000;
/** The share of a device's memory that decoded music may take. */
const MEMORY_SHARE = 1 / 16;
const GIGABYTE = 2 ** 30;

/** Two pairs of decks in turns: one is heard, the other gets the next track ready. They share the memory there is. */
export class Pairs {
  /** The pair that is heard. @type {Pair|null} */
  front = null;
  /** @type {Pair[]} */
  #pairs;
  #soundCard;
  #budget;
  #canBePrecise;

  /**
   * @param {{soundCard: SoundCard, local: () => number, createAudio: () => any, parent?: any, memory: number,
   *   fetch?: (url: string, options: any) => Promise<any>, canBePrecise: (pair: Pair) => boolean,
   *   onReady: (deck: Deck) => void, onEnded: (deck: Deck) => void, onError: (deck: Deck, code: number) => void}} options
   * memory: of the device, in GB; canBePrecise: is this a moment for a buffer, as far as its memory is not the question?
   */
  constructor({ soundCard, local, createAudio, parent, memory, fetch, canBePrecise, onReady, onEnded, onError }) {
    this.#soundCard = soundCard;
    this.#budget = memory * GIGABYTE * MEMORY_SHARE;
    this.#canBePrecise = canBePrecise;
    const lateness = new Lateness();
    this.#pairs = [createAudio(), createAudio()].map((audio) => {
      audio.className = "room-audio";
      parent?.append(audio);
      return new Pair({
        element: new ElementDeck({ audio, local, lateness, onEnded, onError }),
        buffer: soundCard.possible ? new BufferDeck({ soundCard, local, onReady, onEnded, fetch }) : null,
        canBePrecise: (pair) => this.#soundCard.possible && this.#canBePrecise(pair) && this.#fits(pair),
      });
    });
  }

  [Symbol.iterator]() {
    return this.#pairs.values();
  }

  set volume(/** @type {number} */ volume) {
    for (const pair of this.#pairs) pair.volume = volume;
  }

  /** @param {Deck} deck */
  having(deck) {
    return this.#pairs.find((pair) => pair.has(deck)) ?? null;
  }

  /** The pair that holds a play, or the one to put it on. @param {Playback} playback @returns {Pair} */
  of({ play_id, track }) {
    const free = this.#pairs.filter((pair) => !(pair === this.front && pair.sounding));
    const pair =
      this.#pairs.find((one) => one.playId === play_id) ??
      free.find((one) => one.url === track?.audio) ??
      free.find((one) => one !== this.front) ??
      free[0];
    const known = pair.playId === play_id;
    pair.load(/** @type {Track} */ (track));
    if (!known) pair.seek(0);
    pair.playId = play_id;
    return pair;
  }

  /** Gets the next track ready as soon as a pair is free. @param {Track|null} [next] */
  prefetch(next) {
    const free = this.#pairs.find((pair) => pair !== this.front && pair.playId === null);
    if (next && sounds(next) && free && !free.sounding) free.load(next, { soon: false });
  }

  /** Is there memory for it? @param {Pair} pair */
  #fits(pair) {
    const others = this.#pairs.filter((other) => other !== pair);
    const ms = others.reduce((sum, { held_ms }) => sum + held_ms, pair.wanted_ms);
    return (ms / 1000) * USUAL_RATE * BYTES_PER_SAMPLE <= this.#budget;
  }
}

/** Can this device sound a track at all? @param {Track|null} [track] */
export function sounds(track) {
  return Boolean(track?.audio);
}
