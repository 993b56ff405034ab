// @ts-check

/** @typedef {import("../net/server-clock.js").ServerClock} ServerClock */
/** @typedef {import("./sound-card.js").SoundCard} SoundCard */
/** @typedef {import("./pair.js").Pair} Pair */
/** @typedef {import("./pairs.js").Pairs} Pairs */
/** @typedef {import("./sync-controller.js").SyncController} SyncController */
/** @typedef {{pair: Pair, from: number, at: number, card: number}} Start  card: where the clock of the sound card began */

/** A planned start is planned anew when the clock has learned this much since. */
const PLAN_AGAIN_MS = 2;

/** The start whose moment is to come: given to the sound card ahead of time where that can be, else to a timer. */
export class Plan {
  #clock;
  #soundCard;
  #pairs;
  #controller;
  #startNow;
  /** @type {Start|null} */
  #start = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #due;

  /**
   * @param {{clock: ServerClock, soundCard: SoundCard, pairs: Pairs, controller: SyncController, startNow: (pair: Pair) => void}} options
   * startNow: called when the moment is there
   */
  constructor({ clock, soundCard, pairs, controller, startNow }) {
    this.#clock = clock;
    this.#soundCard = soundCard;
    this.#pairs = pairs;
    this.#controller = controller;
    this.#startNow = startNow;
  }

  /** Whose moment is to come. */
  get pair() {
    return this.#start?.pair ?? null;
  }

  /** Begins there when the room is there. @param {Pair} pair @param {number} from ms of the track */
  make(pair, from) {
    clearTimeout(this.#due);
    const wait = this.#controller.msUntil(from);
    const at = this.#clock.local() + wait;
    this.#start = { pair, from, at, card: this.#cardBegan() };
    pair.arm(from, at);
    if (pair.armed) for (const other of this.#pairs) if (other !== pair) other.endAt(at);
    this.#due = setTimeout(() => this.#startNow(pair), wait - pair.lateness_ms);
  }

  /** The pair can do it better by now. */
  renew() {
    if (this.#start) this.make(this.#start.pair, this.#start.from);
  }

  /** The clocks may be known better by now. */
  look() {
    if (!this.#start) return;
    const { pair, from, at, card } = this.#start;
    const late = this.#clock.local() + this.#controller.msUntil(from) - at;
    const off = pair.armed ? this.#cardBegan() - card : 0;
    if (Math.max(Math.abs(late), Math.abs(off)) >= PLAN_AGAIN_MS) this.renew();
  }

  /** The moment is there. @returns {number|undefined} when it was to be, in local ms */
  take() {
    const at = this.#start?.at;
    this.#forget();
    return at;
  }

  /** It will not be. */
  cancel() {
    const { pair } = this;
    this.#forget();
    if (pair && pair !== this.#pairs.front) pair.stop();
  }

  #forget() {
    clearTimeout(this.#due);
    this.#start = null;
  }

  #cardBegan() {
    return this.#soundCard.possible ? this.#soundCard.localAt(0) : 0;
  }
}
