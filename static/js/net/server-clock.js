// @ts-check
import { OffsetFilter } from "./offset-filter.js";

/** Smaller corrections are worked in unnoticed, larger ones are taken at once. */
const STEP_FROM_MS = 50;
/** How much faster or slower than real time now() runs while a correction is worked in. */
const SLEW = 0.05;

/**
 * The server's clock, seen from a device whose own wall clock is never trusted. Events: "step" (it was set, not slewed),
 * "eager" (somebody needs it to the millisecond from now on).
 */
export class ServerClock extends EventTarget {
  #eager = false;
  #local;
  #filter = new OffsetFilter();
  /** The offset by what the server wrote, until the first exchange. @type {number|null} */
  #seeded = null;
  #shown = 0;
  #shownAt = 0;

  /**
   * @param {{serverMs?: number|null, local?: () => number, wall?: () => number}} [options]
   * serverMs: the server's time as the page came with it; local: a clock of this device that never jumps
   */
  constructor({ serverMs = null, local = () => performance.now(), wall = () => Date.now() } = {}) {
    super();
    this.#local = local;
    this.#shown = wall() - local();
    this.#shownAt = local();
    if (serverMs !== null) this.seed(serverMs);
  }

  /** Milliseconds of this device's steady clock; `sent` and `arrived` of a sample are read here. */
  local() {
    return this.#local();
  }

  /** Does somebody need it to the millisecond? Then it is compared more often. */
  get eager() {
    return this.#eager;
  }

  set eager(eager) {
    const turned = eager && !this.#eager;
    this.#eager = eager;
    if (turned) this.dispatchEvent(new Event("eager"));
  }

  /** The server's time in ms UTC. Runs forward through small corrections. */
  now() {
    const local = this.#local();
    const reach = Math.max(0, local - this.#shownAt) * SLEW;
    const wrongBy = (this.#known(local) ?? this.#shown) - this.#shown;
    this.#shown += Math.max(-reach, Math.min(reach, wrongBy));
    this.#shownAt = local;
    return local + this.#shown;
  }

  get offset_ms() {
    return this.#known(this.#local()) ?? this.#shown;
  }

  /** How far now() may be off; infinite until the first exchange. */
  get uncertainty_ms() {
    return this.#filter.uncertainty_ms + Math.abs(this.offset_ms - this.#shown);
  }

  /**
   * A time the server wrote into something we read just now: a first guess until an exchange.
   * Every one is late by its way here, so the latest is the best.
   * @param {number} serverMs
   */
  seed(serverMs) {
    if (!this.#filter.isEmpty || !Number.isFinite(serverMs)) return;
    this.#seeded = Math.max(serverMs - this.#local(), this.#seeded ?? -Infinity);
    this.#takeUp({ atOnce: true });
  }

  /**
   * One exchange: sent and arrived by local(), received and replied by the server.
   * @param {number} sent
   * @param {number} received
   * @param {number} replied
   * @param {number} arrived
   */
  sample(sent, received, replied, arrived) {
    const first = this.#filter.isEmpty;
    if (this.#filter.add({ sent, received, replied, arrived })) this.#takeUp({ atOnce: first });
  }

  /** The offset as far as it is known. @param {number} local @returns {number|null} */
  #known(local) {
    return this.#filter.isEmpty ? this.#seeded : this.#filter.at(local);
  }

  /** A large correction is a step. @param {{atOnce: boolean}} options  atOnce: a small one, too */
  #takeUp({ atOnce }) {
    this.now();
    const { offset_ms } = this;
    if (!atOnce && Math.abs(offset_ms - this.#shown) < STEP_FROM_MS) return;
    this.#shown = offset_ms;
    this.dispatchEvent(new Event("step"));
  }
}
