// @ts-check
import { BufferDeck } from "./buffer-deck.js";
import { ElementDeck, Lateness } from "./deck.js";
import { Pair } from "./pair.js";

/** @typedef {import("./deck.js").Deck} Deck */
/** @typedef {import("./output.js").Output} Output */
/** @typedef {import("./shapes.js").Playback} Playback */
/** @typedef {import("./shapes.js").Track} Track */

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
  #output;
  #budget;
  #mayBePrecise;

  /**
   * @param {{output: Output, local: () => number, createAudio: () => any, parent?: any, memory: number,
   *   fetch?: (url: string, options: any) => Promise<any>, mayBePrecise: (pair: Pair) => boolean,
   *   onReady: (deck: Deck) => void, onEnded: (deck: Deck) => void, onError: (deck: Deck, code: number) => void}} options
   * memory: of the device, in GB; mayBePrecise: is this a moment for a buffer, as far as its memory is not the question?
   */
  constructor({ output, local, createAudio, parent, memory, fetch, mayBePrecise, onReady, onEnded, onError }) {
    this.#output = output;
    this.#budget = memory * GIGABYTE * MEMORY_SHARE;
    this.#mayBePrecise = mayBePrecise;
    const lateness = new Lateness();
    this.#pairs = [createAudio(), createAudio()].map((audio) => {
      audio.className = "room-audio";
      parent?.append(audio);
      return new Pair({
        element: new ElementDeck({ audio, local, lateness, onEnded, onError }),
        buffer: output.possible ? new BufferDeck({ output, local, onReady, onEnded, fetch }) : null,
        mayBePrecise: (pair) => this.#output.possible && this.#mayBePrecise(pair) && this.#fits(pair),
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
