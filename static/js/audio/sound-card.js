// @ts-check
import { Pace } from "./pace.js";

/** The middle of so many looks is not moved by one bad one. */
const LOOKS_KEPT = 13;
/** Two looks in a row that say the same, and by this much something else than before: a gap, or other headphones. */
const GAP_FROM_MS = 5;
/** Where the times of the card tremble, a gap is more than the last looks are apart. Until there are enough of them: */
const UNKNOWN_RANGE_MS = 15;
/** Times of the card that contradict each other by this much cannot be. */
const CONTRADICTS_MS = 15;
/** A context that has just begun tells no times yet; then a few looks in a row make it known. */
const LOOKS_TO_KNOW = 3;
const SETTLE_EVERY_MS = 40;
/** Afterwards often enough that a gap is seen before it is heard as an echo for long. */
const LOOK_EVERY_MS = 100;
/** Silence of 30 s is more than a breath between two tracks. */
const RESTS_AFTER_MS = 30_000;
/** A browser that lets it run again without a tap has done so by then. */
const WAKES_WITHIN_MS = 2_000;
/** Further from now no time of the sound card can lie, nor a sound be under way for longer. */
const FAR_MS = 2_000;
/** A clock without a usable reading for 1 s is left for the next best one. */
const USELESS_AFTER_MS = 1_000;
/**
 * What is to be heard is asked for this long before the sound card gets it. A context renders ahead in chunks of 23 ms, and
 * likely several in a row on a busy machine. A seam asked for after its chunk begins late, and no time of the browser tells.
 */
const AHEAD_MS = 75;

/**
 * The sound card as a page reaches it: an AudioContext, and when what it is given is heard.
 * Events: "change" (it runs and is known, or does not any more), "jump" (what it plays is heard later or earlier now).
 */
export class SoundCard extends EventTarget {
  #create;
  #local;
  /** @type {AudioContext|null} */
  #context = null;
  /** By how many ms the device's clock is ahead of the context's as heard, at the last looks. @type {number[]} */
  #looks = [];
  /** How far the looks are apart, in ms; after a gap as before it, until there are looks enough again. */
  #range_ms = UNKNOWN_RANGE_MS;
  #impossible = false;
  /** Are the times of the sound card believed? A browser whose times were wrong once is not asked again. */
  #believesCard = true;
  #cardPace = new Pace({ slowest: 0 });
  /** Of the context itself, where the times of the card are not believed. */
  #contextPace = new Pace();
  /** Since when the card has told no time that can be. Local time. @type {number|null} */
  #uselessSince = null;
  #known = false;
  /** Was it told to rest? It may take a moment to. */
  #rests = false;
  /** Does it wake without a tap, as far as known? */
  #wakes = true;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #resting;
  /** How often what it plays came to be heard later or earlier: each is a gap, or other headphones. */
  jumps = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #looking;

  /** @param {{local: () => number, createContext?: (() => any)|null}} options  null: this browser has no such thing */
  constructor({ local, createContext = usual() }) {
    super();
    this.#local = local;
    this.#create = createContext;
  }

  /** Can there be one at all? */
  get possible() {
    return this.#create !== null && !this.#impossible;
  }

  get running() {
    return this.#context?.state === "running";
  }

  /** Does it run, and is known when what it is given is heard? */
  get known() {
    return this.running && this.#known;
  }

  /** How far apart the last readings of its times are, in ms: how uncertain each of them is. */
  get tremble_ms() {
    return this.#range_ms;
  }

  /** Made when first needed; before a tap it may stand still. @returns {AudioContext} */
  get context() {
    if (this.#context) return this.#context;
    try {
      const context = /** @type {() => AudioContext} */ (this.#create)();
      this.#context = context;
      context.addEventListener("statechange", () => {
        this.#forgetLooks();
        this.#contextPace = new Pace();
        clearTimeout(this.#looking);
        if (this.running) this.#keepLooking();
        else this.dispatchEvent(new Event("change"));
      });
      return context;
    } catch (error) {
      // So many open pages that the system has no sound left to give.
      this.#impossible = true;
      throw error;
    }
  }

  /** Asks the browser to let it run: inside a tap it does, otherwise perhaps. */
  resume() {
    clearTimeout(this.#resting);
    this.#resting = undefined;
    if (!this.possible || (this.running && !this.#rests)) return;
    if (this.#rests) setTimeout(() => (this.#wakes &&= this.running || this.#rests), WAKES_WITHIN_MS);
    this.#rests = false;
    try {
      // Chrome answers only when it may; what comes of it is told by "statechange".
      this.context.resume()?.catch?.(() => {});
    } catch {
      // Then the elements sound.
    }
  }

  /** Nobody needs it for now: it costs power also while it plays silence. */
  rest() {
    if (!this.running) return;
    this.#rests = true;
    this.context.suspend?.()?.catch?.(() => {});
  }

  /** Nobody needs it until the room plays on. Where once it did not wake by itself, it had better stay awake. */
  restSoon() {
    if (!this.#wakes) return;
    this.#resting ??= setTimeout(() => this.rest(), RESTS_AFTER_MS);
  }

  /** Compares the two clocks once more; they part by up to a tenth of a ms a second. */
  look() {
    if (!this.running) return;
    const fresh = this.#ahead();
    if (fresh === null) {
      if (this.#known && !this.#isBelieved) this.#loseTime();
      return;
    }
    const before = this.#looks.at(-1) ?? fresh;
    const jumped = this.#isGap(before, fresh);
    this.#looks = jumped ? [before, fresh] : [...this.#looks, fresh].slice(-LOOKS_KEPT);
    this.#known ||= this.#looks.length >= LOOKS_TO_KNOW && this.#agree();
    if (!jumped || !this.#known) return;
    this.jumps += 1;
    this.dispatchEvent(new Event("jump"));
  }

  /** What is given for this moment of the context is heard then. @param {number} seconds @returns {number} local ms */
  localAt(seconds) {
    return seconds * 1000 + (this.#looks.length > 0 ? median(this.#looks) : this.#local() - this.context.currentTime * 1000);
  }

  /** Which moment of the context is heard at a local time, in seconds. @param {number} local */
  contextAt(local) {
    return (local - this.localAt(0)) / 1000;
  }

  /** The first moment, in local ms, at which something new can be heard. */
  get earliest() {
    return this.localAt(this.context.currentTime) + AHEAD_MS;
  }

  #keepLooking() {
    if (!this.running) return;
    const knew = this.#known;
    this.look();
    if (this.#known && !knew) this.dispatchEvent(new Event("change"));
    this.#looking = setTimeout(() => this.#keepLooking(), this.#known || !this.#isBelieved ? LOOK_EVERY_MS : SETTLE_EVERY_MS);
  }

  /**
   * By how many ms the device's clock is ahead of the context's as heard; null: no clock tells it just now. The best one is
   * the time of the sound card, the next best the context's own less its latency; a browser without either has the elements.
   * @returns {number|null}
   */
  #ahead() {
    const local = this.#local();
    if (typeof this.context.getOutputTimestamp === "function" && this.#believesCard) {
      const ahead = this.#aheadOfCard(local);
      if (this.#believesCard) return ahead;
      this.#loseTime();
    }
    const now = this.context.currentTime * 1000;
    return this.#contextPace.look(now, local) ? local - now + latencyOf(this.context) : null;
  }

  /** @param {number} before @param {number} fresh  the last two looks */
  #isGap(before, fresh) {
    if (this.#looks.length === 0) return false;
    const middle = median(this.#looks);
    const sure = this.#looks.slice(0, -1);
    if (sure.length >= LOOKS_KEPT / 2) this.#range_ms = Math.max(...sure) - Math.min(...sure);
    const limit = Math.max(GAP_FROM_MS, this.#range_ms);
    const [one, other] = [before - middle, fresh - middle];
    return one * other > 0 && Math.min(Math.abs(one), Math.abs(other)) > limit && Math.abs(one - other) <= limit;
  }

  /** @param {number} local @returns {number|null} */
  #aheadOfCard(local) {
    const { contextTime = 0, performanceTime = 0 } = this.context.getOutputTimestamp();
    const behind = (this.context.currentTime - contextTime) * 1000;
    const isThere = contextTime > 0 && performanceTime > 0;
    const isNear = Math.abs(local - performanceTime) < FAR_MS && behind > -CONTRADICTS_MS && behind < FAR_MS;
    const isSteady = this.#known || this.#looks.length < 2 || this.#agree();
    this.#uselessSince = isThere && isNear && isSteady ? null : (this.#uselessSince ?? local);
    const isUseless = this.#uselessSince !== null && local - this.#uselessSince >= USELESS_AFTER_MS;
    if (isUseless || (isNear && !this.#cardPace.look(performanceTime, local))) this.#believesCard = false;
    return isThere && isNear ? performanceTime - contextTime * 1000 : null;
  }

  /** Is there a clock at all that tells when something is heard? */
  get #isBelieved() {
    return this.#believesCard || this.#contextPace.plausible;
  }

  /** Do the last looks say the same? Only the context's own clock moves in steps. */
  #agree() {
    const last = this.#looks.slice(-LOOKS_TO_KNOW);
    return !this.#believesCard || Math.max(...last) - Math.min(...last) <= CONTRADICTS_MS;
  }

  #forgetLooks() {
    this.#looks = [];
    this.#range_ms = UNKNOWN_RANGE_MS;
    this.#known = false;
    this.#cardPace.forget();
    this.#uselessSince = null;
  }

  /** What was known was wrong. */
  #loseTime() {
    const knew = this.#known;
    this.#forgetLooks();
    if (knew) this.dispatchEvent(new Event("change"));
  }
}

/** How long what a context is given takes to be heard, in ms, as far as the browser says something that can be. @param {AudioContext} context */
function latencyOf({ outputLatency, baseLatency }) {
  const ms = [outputLatency, baseLatency].map((seconds) => seconds * 1000);
  return ms.find((one) => one > 0 && one < FAR_MS) ?? 0;
}

/** @returns {(() => AudioContext)|null} */
function usual() {
  const Context = globalThis.AudioContext;
  // "playback": large chunks, which a busy machine fills in time. How late they are heard is known anyway.
  return Context ? () => new Context({ latencyHint: "playback" }) : null;
}

/** @param {number[]} numbers */
export function median(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}
