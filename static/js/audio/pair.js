// @ts-check

/** @typedef {import("./deck.js").Deck} Deck */
/** @typedef {import("./deck.js").ElementDeck} ElementDeck */
/** @typedef {import("./buffer-deck.js").BufferDeck} BufferDeck */
/** @typedef {import("../state/shapes.js").Track} Track */
/** @typedef {(local: number) => number} PositionAt  where the room is at a local time, in ms of the track */

/** The seam of two decks lies this far behind the first moment that could be. */
const SPARE_MS = 60;
/** A silent element has found its position by then. */
const SETTLE_MS = 250;
/** So near, the seam is not heard. */
const NEAR_MS = 25;
/** How often an element that is not near is put right before it has to do. */
const TRIES = 3;

/**
 * The two ways to sound one track, of which one is heard: an element that streams at once and goes on behind a locked
 * screen, and a decoded buffer that keeps the time exactly. Hands over between them in step.
 */
export class Pair {
  /** The play this pair sounds or is kept for; null: free. @type {string|null} */
  playId = null;
  /** @type {string|null} */
  url = null;
  #element;
  #buffer;
  #canBePrecise;
  /** @type {Deck} */
  #deck;
  /** @type {Track|null} */
  #track = null;
  /** Cancels the handover on its way. @type {AbortController|null} */
  #handover = null;
  #armed = false;

  /**
   * @param {{element: ElementDeck, buffer: BufferDeck|null, canBePrecise: (pair: Pair) => boolean}} options
   * canBePrecise: is this a moment for the buffer, if it is ready?
   */
  constructor({ element, buffer, canBePrecise }) {
    this.#element = element;
    this.#buffer = buffer;
    this.#canBePrecise = canBePrecise;
    this.#deck = element;
  }

  /** The one that is heard. */
  get deck() {
    return this.#deck;
  }

  get mode() {
    return this.#deck.kind;
  }

  get track() {
    return this.#track;
  }

  /** How much decoded music takes memory here, or is on its way to. */
  get held_ms() {
    return this.#buffer?.held_ms ?? 0;
  }

  /** How much it would be with this track decoded. */
  get wanted_ms() {
    return (this.#track?.duration_ms ?? 0) + (this.#buffer?.abandoned_ms ?? 0);
  }

  /** Is a start planned on the clock of the sound card, which needs nobody to be awake for it? */
  get armed() {
    return this.#armed;
  }

  get isHandingOver() {
    return this.#handover !== null;
  }

  get position_ms() {
    return this.#deck.position_ms;
  }

  get sounding() {
    return this.#deck.sounding;
  }

  /** See Deck: whichever of the two knows it. */
  get length_ms() {
    return this.#buffer?.length_ms ?? this.#element.length_ms;
  }

  get lateness_ms() {
    return this.#best().lateness_ms;
  }

  set volume(/** @type {number} */ volume) {
    this.#element.volume = volume;
    if (this.#buffer) this.#buffer.volume = volume;
  }

  /** @param {Deck} deck */
  has(deck) {
    return deck === this.#element || deck === this.#buffer;
  }

  /**
   * Gets a track ready. What plays soon is there at once as a stream, until its buffer is.
   * @param {Track} track @param {{soon?: boolean}} [options]
   */
  load(track, { soon = true } = {}) {
    this.#track = track;
    this.url = track.audio ?? null;
    const precise = this.#buffer !== null && this.#canBePrecise(this);
    if (precise) this.#buffer?.load(track);
    else if (this.#buffer?.url !== this.url) this.#buffer?.free();
    if (!precise || (soon && !this.#buffer?.ready)) this.#element.load(track);
  }

  /** Once more from the network, as a stream. */
  reload() {
    this.#endHandover();
    this.#buffer?.free();
    if (this.#track) this.#element.load(this.#track, { anew: true });
    this.#deck = this.#element;
  }

  /** @param {number} position_ms */
  seek(position_ms) {
    this.#buffer?.seek(position_ms);
    if (this.#element.url === this.url) this.#element.seek(position_ms);
  }

  /** Plans a start ahead of time, where the better deck can. @param {number} position_ms @param {number} at local ms */
  arm(position_ms, at) {
    const deck = this.#best();
    if (deck.kind !== "precise") return;
    this.#use(deck);
    deck.start(position_ms, at);
    this.#armed = true;
  }

  /**
   * Sounds from now on, so that a position is heard at a moment.
   * @param {number} position_ms @param {number} at local ms
   * @returns {Promise<void>} rejected when the browser wants a tap first
   */
  async start(position_ms, at) {
    if (this.#armed && this.#deck.sounding) {
      this.#armed = false;
      return;
    }
    this.#use(this.#best());
    await this.#deck.start(position_ms, at);
  }

  /** Sounds by the other deck from now on if that is the better one. @param {PositionAt} positionAt */
  handOver(positionAt) {
    const to = this.#best();
    if (to === this.#deck || this.#handover || !this.#deck.sounding) return;
    this.#handover = new AbortController();
    if (to.kind === "precise") this.#toBuffer(positionAt, this.#handover.signal);
    else this.#toElement(positionAt, this.#handover.signal);
  }

  /** Plans the end of what sounds, where it can be planned. @param {number} at local ms */
  endAt(at) {
    this.#buffer?.pause(at);
  }

  /** @param {number} [at] local ms; an element cannot wait for it */
  pause(at) {
    this.#endHandover();
    this.#element.pause();
    this.#buffer?.pause(at);
  }

  /** Gives the memory back. */
  free() {
    this.#buffer?.free();
  }

  /** Silent and free for another play; what is loaded stays. @param {number} [at] local ms */
  stop(at) {
    this.pause(at);
    this.playId = null;
  }

  /** Inside a tap. */
  unlock() {
    this.#element.unlock();
  }

  /** Loads what could be better than what is heard. */
  improve() {
    if (this.#track && this.#buffer && !this.#buffer.ready && this.#canBePrecise(this)) this.#buffer.load(this.#track);
  }

  /** @returns {Deck} */
  #best() {
    return this.#buffer?.ready && this.#canBePrecise(this) ? this.#buffer : this.#element;
  }

  /** @param {Deck} deck */
  #use(deck) {
    this.#endHandover();
    if (deck !== this.#deck) this.#deck.pause();
    this.#deck = deck;
    if (deck === this.#element && this.#track) this.#element.load(this.#track);
  }

  #endHandover() {
    this.#armed = false;
    if (!this.#handover) return;
    this.#handover.abort();
    this.#handover = null;
    this.#element.muted = false;
    if (this.#deck.kind === "pocket") this.#buffer?.pause();
    else this.#element.pause();
  }

  /** @param {PositionAt} positionAt @param {AbortSignal} signal */
  async #toBuffer(positionAt, signal) {
    const buffer = /** @type {BufferDeck} */ (this.#buffer);
    const at = buffer.earliest + SPARE_MS;
    buffer.start(positionAt(at), at);
    await until(at - buffer.now, signal);
    if (signal.aborted) return;
    this.#handover = null;
    this.#deck = buffer;
    this.#element.fadeOut();
  }

  /** The element runs silently until it is in step. @param {PositionAt} positionAt @param {AbortSignal} signal */
  async #toElement(positionAt, signal) {
    const element = this.#element;
    const buffer = /** @type {BufferDeck} */ (this.#buffer);
    if (this.#track) element.load(this.#track);
    element.muted = buffer.steady;
    try {
      for (let tries = 0; tries < TRIES; tries += 1) {
        await element.start(positionAt(element.now), element.now);
        if (!buffer.steady) break;
        await until(SETTLE_MS, signal);
        if (signal.aborted) return;
        const ahead = element.position_ms - positionAt(element.now);
        if (!element.steady || Math.abs(ahead) < NEAR_MS) break;
        element.learn(ahead);
      }
    } catch {
      // It wants a tap; the buffer sounds on as long as it can.
      if (!signal.aborted) this.#endHandover();
      return;
    }
    if (signal.aborted) return;
    this.#handover = null;
    this.#deck = element;
    element.muted = false;
    buffer.pause();
  }
}

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
function until(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, ms));
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
