// @ts-check
import { isAudio } from "./audio-response.js";
import { loudness } from "./loudness.js";

/** @typedef {import("./deck.js").Deck} Deck */
/** @typedef {import("./sound-card.js").SoundCard} SoundCard */
/** @typedef {{at: number, from: number, rate: number}} Stretch  from this moment of the context, at this position, this fast */
/** @typedef {{source: AudioBufferSourceNode, gain: GainNode, stretches: Stretch[]}} Region */

/** Long enough to hide the seam, too short to be heard as two. */
const FADE_S = 0.03;
/** A context works in blocks: what changes within one counts from the next. */
const BLOCK = 128;
/** A change of speed is given this far ahead, so that it is known exactly when it counts. */
const RATE_AHEAD_S = 0.05;
/** A download that failed may work again after this. */
const AGAIN_AFTER_MS = 5_000;

/**
 * A track decoded into memory, and scheduled on the clock of the sound card to a fraction of a ms.
 * @implements {Deck}
 */
export class BufferDeck {
  /** @type {"precise"} */
  kind = "precise";
  /** @type {string|null} */
  url = null;
  ended = false;
  #soundCard;
  #local;
  #fetch;
  #onReady;
  #onEnded;
  /** @type {AudioBuffer|null} */
  #buffer = null;
  /** @type {Region|null} */
  #region = null;
  /** Where a silent deck stands, in seconds. */
  #held = 0;
  #gain_db = 0;
  #volume = 1;
  /** @type {AbortController|null} */
  #loading = null;
  #duration_ms = 0;
  /** How much music is still being decoded that nobody wants any more: that cannot be called off. */
  #abandoned_ms = 0;
  /** Not before this local time once more; null: it has not failed. @type {number|null} */
  #againAt = null;

  /**
   * @param {{soundCard: SoundCard, local: () => number, onReady: (deck: Deck) => void,
   *   onEnded: (deck: Deck) => void, fetch?: (url: string, options: any) => Promise<any>}} options
   */
  constructor({ soundCard, local, onReady, onEnded, fetch = (...call) => globalThis.fetch(...call) }) {
    this.#soundCard = soundCard;
    this.#local = local;
    this.#onReady = onReady;
    this.#onEnded = onEnded;
    this.#fetch = fetch;
  }

  /** Fetches and decodes; says onReady when it may start. @param {{audio?: string|null, gain_db?: number, duration_ms?: number|null}} track */
  async load({ audio: url, gain_db = 0, duration_ms = 0 }) {
    this.#gain_db = gain_db;
    this.#applyVolume();
    if (this.url === url && (this.#againAt === null || this.#local() < this.#againAt)) return;
    this.free();
    if (!url) return;
    this.url = url;
    this.#duration_ms = duration_ms ?? 0;
    const loading = new AbortController();
    this.#loading = loading;
    let downloaded = false;
    try {
      // In the cache of the browser the stream would wait behind this until all of it is here.
      const answer = await this.#fetch(url, { signal: loading.signal, cache: "no-store", redirect: "error" });
      if (!answer.ok || !isAudio(answer)) throw new Error(`status ${answer.status}`);
      const bytes = await answer.arrayBuffer();
      downloaded = true;
      const buffer = await this.#decode(bytes, loading.signal);
      if (this.#loading !== loading) return;
      this.#buffer = buffer;
      this.#onReady(this);
    } catch {
      // The element streams meanwhile, and says what is wrong with the file.
      if (this.#loading !== loading) return;
      // Undecodable stays undecodable; before that it is the line that failed.
      this.#againAt = downloaded ? Infinity : this.#local() + AGAIN_AFTER_MS;
    }
  }

  /** Gives the memory back. */
  free() {
    this.pause();
    this.#loading?.abort();
    this.#loading = null;
    this.#againAt = null;
    this.#buffer = null;
    this.#held = 0;
    this.ended = false;
    this.url = null;
  }

  /** May it start just now? */
  get ready() {
    return this.#buffer !== null && this.#soundCard.known;
  }

  /** How much music takes memory, or soon will. */
  get held_ms() {
    const wanted = this.url !== null && this.#againAt !== Infinity;
    return (wanted ? this.#duration_ms : 0) + this.#abandoned_ms;
  }

  /** How much of that is of no use any more. */
  get abandoned_ms() {
    return this.#abandoned_ms;
  }

  /** As heard now, the way to the ear included. */
  get position_ms() {
    return 1000 * (this.#region ? positionInRegion(this.#region, this.#soundCard.contextAt(this.#local())) : this.#held);
  }

  get progress() {
    return this.#soundCard.context.currentTime;
  }

  get remaining_ms() {
    return this.#buffer ? this.#buffer.duration * 1000 - this.position_ms : Infinity;
  }

  get length_ms() {
    return this.#buffer && Math.round(this.#buffer.duration * 1000);
  }

  /** Sounds, or will at its moment. */
  get sounding() {
    return this.#region !== null && !this.ended;
  }

  get steady() {
    return this.#soundCard.known;
  }

  get tremble_ms() {
    return this.#soundCard.tremble_ms;
  }

  /** Local time, and from when on a start could be heard. */
  get now() {
    return this.#local();
  }

  get earliest() {
    return this.#soundCard.earliest;
  }

  /** Nothing is late here: what is asked for is heard at its moment. */
  get lateness_ms() {
    return 0;
  }

  learn() {}

  set rate(/** @type {number} */ rate) {
    const region = this.#region;
    if (!region || last(region).rate === rate) return;
    const { sampleRate, currentTime } = this.#soundCard.context;
    const block = BLOCK / sampleRate;
    const at = Math.ceil((currentTime + RATE_AHEAD_S) / block) * block;
    if (at <= last(region).at) return;
    region.source.playbackRate.setValueAtTime(rate, at);
    region.stretches = [...region.stretches.slice(-2), { at, from: positionInRegion(region, at), rate }];
  }

  set volume(/** @type {number} */ volume) {
    this.#volume = volume;
    this.#applyVolume();
  }

  /** @param {number} position_ms */
  seek(position_ms) {
    if (!this.#region) this.#held = Math.max(0, position_ms / 1000);
  }

  /**
   * Lets a position be heard at a moment; if that has passed, what follows it as soon as can be. What sounds already is
   * cross-faded into it.
   * @param {number} position_ms @param {number} at local ms
   */
  async start(position_ms, at) {
    const context = this.#soundCard.context;
    const late = Math.max(0, -position_ms, this.#soundCard.earliest - at);
    const when = this.#soundCard.contextAt(at + late);
    const from = Math.max(0, (position_ms + late) / 1000);
    const begun = this.#region !== null && this.#region.stretches[0].at <= context.currentTime;
    const before = begun ? this.#region : null;
    this.ended = false;
    if (before) fade(before, when, context.currentTime);
    else this.#region?.source.stop();
    this.#region = null;
    if (!this.#buffer || from >= this.#buffer.duration) {
      this.#end(from);
      return;
    }
    const source = context.createBufferSource();
    const gain = context.createGain();
    source.buffer = this.#buffer;
    source.connect(gain).connect(context.destination);
    const region = { source, gain, stretches: [{ at: when, from, rate: 1 }] };
    const loud = loudness(this.#volume, this.#gain_db);
    if (before || from > 0) {
      gain.gain.setValueAtTime(0, Math.max(0, when - FADE_S / 2));
      gain.gain.linearRampToValueAtTime(loud, when + FADE_S / 2);
    } else {
      gain.gain.value = loud;
    }
    source.onended = () => {
      gain.disconnect();
      if (this.#region === region) this.#end(this.#buffer?.duration ?? 0);
    };
    source.start(when, from);
    this.#region = region;
  }

  /** Silent from now on, or from a moment. @param {number} [at] local ms */
  pause(at) {
    const region = this.#region;
    if (!region) return;
    const { currentTime } = this.#soundCard.context;
    const when = at === undefined ? currentTime + FADE_S / 2 : this.#soundCard.contextAt(at);
    this.#held = Math.max(0, positionInRegion(region, Math.max(currentTime, when)));
    fade(region, when, currentTime);
    if (at === undefined) this.#region = null;
  }

  /** @param {ArrayBuffer} bytes @param {AbortSignal} wanted */
  async #decode(bytes, wanted) {
    const ms = this.#duration_ms;
    const abandon = () => void (this.#abandoned_ms += ms);
    wanted.addEventListener("abort", abandon);
    try {
      return await this.#soundCard.context.decodeAudioData(bytes);
    } finally {
      wanted.removeEventListener("abort", abandon);
      if (wanted.aborted) this.#abandoned_ms -= ms;
    }
  }

  /** @param {number} seconds */
  #end(seconds) {
    this.#region = null;
    this.#held = seconds;
    this.ended = true;
    this.#onEnded(this);
  }

  #applyVolume() {
    if (!this.#region) return;
    const { gain } = this.#region.gain;
    gain.setTargetAtTime(loudness(this.#volume, this.#gain_db), this.#soundCard.context.currentTime, FADE_S / 3);
  }
}

/** @param {Region} region */
function last({ stretches }) {
  return stretches[stretches.length - 1];
}

/** Where in the track a region is at a moment of the context, in seconds. @param {Region} region @param {number} seconds */
function positionInRegion({ stretches }, seconds) {
  const { at, from, rate } = stretches.findLast((one) => one.at <= seconds) ?? stretches[0];
  return from + Math.max(0, seconds - at) * rate;
}

/** @param {Region} region @param {number} when @param {number} now */
function fade({ source, gain }, when, now) {
  const from = Math.max(now, when - FADE_S / 2);
  const loud = gain.gain.value;
  gain.gain.cancelScheduledValues(now);
  gain.gain.setValueAtTime(loud, from);
  gain.gain.linearRampToValueAtTime(0, from + FADE_S);
  source.stop(from + FADE_S);
}
