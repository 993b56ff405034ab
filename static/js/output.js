// @ts-check

/** The middle of so many looks is not moved by one bad one. */
const LOOKS_KEPT = 5;
/** Two looks in a row that say something else by this much: other headphones, or the card was not fed in time. */
const JUMPED_MS = 15;
/** A context that has just begun tells no times yet; then a few looks in a row make it known. */
const LOOKS_TO_KNOW = 3;
const SETTLE_EVERY_MS = 40;
/** Afterwards often enough that a jump is seen before it is heard as an echo for long. */
const LOOK_EVERY_MS = 250;
/** Silence that lasts so long is more than a breath between two tracks. */
const RESTS_AFTER_MS = 30_000;
/** A browser that lets it run again without a tap has done so by then. */
const WAKES_WITHIN_MS = 2_000;
/** What is to be heard has to be asked for this long before the sound card gets it. */
const AHEAD_MS = 40;

/**
 * The sound card as a page reaches it: an AudioContext, and when what it is given is heard.
 * Events: "change" (it runs and is known, or does not any more), "jump" (what it plays is heard later or earlier now).
 */
export class Output extends EventTarget {
  #create;
  #local;
  /** @type {AudioContext|null} */
  #context = null;
  /** By how many ms the device's clock is ahead of the context's as heard, at the last looks. @type {number[]} */
  #looks = [];
  #impossible = false;
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

  /** Made when first needed; before a tap it may stand still. @returns {AudioContext} */
  get context() {
    if (this.#context) return this.#context;
    try {
      const context = /** @type {() => AudioContext} */ (this.#create)();
      this.#context = context;
      context.addEventListener("statechange", () => {
        this.#looks = [];
        this.#known = false;
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
    if (fresh === null) return;
    const before = this.#looks.at(-1) ?? fresh;
    const middle = this.#looks.length > 0 ? median(this.#looks) : fresh;
    const jumped = Math.abs(fresh - middle) > JUMPED_MS && Math.abs(before - middle) > JUMPED_MS;
    this.#looks = jumped ? [before, fresh] : [...this.#looks, fresh].slice(-LOOKS_KEPT);
    this.#known ||= this.#looks.length >= LOOKS_TO_KNOW;
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
    this.#looking = setTimeout(() => this.#keepLooking(), this.#known ? LOOK_EVERY_MS : SETTLE_EVERY_MS);
  }

  /** @returns {number|null} */
  #ahead() {
    const context = this.context;
    const local = this.#local();
    if (context.getOutputTimestamp) {
      const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp();
      return contextTime > 0 && performanceTime > 0 ? performanceTime - contextTime * 1000 : null;
    }
    const latency = context.outputLatency || context.baseLatency || 0;
    return local - (context.currentTime - latency) * 1000;
  }
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
