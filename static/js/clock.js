// @ts-check

/** Long enough to have met a quiet network; what is older says more of how the clocks part than of the way. */
const KEPT_MS = 200_000;
const SAMPLES_KEPT = 80;
/** Round trips this much above the quickest carry queueing, not distance. */
const SPARE_ROUND_TRIP_MS = 10;
/** Smaller corrections are worked in unnoticed, larger ones are taken at once. */
const STEP_FROM_MS = 50;
/** How much faster or slower than real time now() runs while a correction is worked in. */
const SLEW = 0.05;
/** Two quartz clocks part by up to about 0.1 ms a second. */
const DRIFT_PER_MS = 0.0001;

/** However quick, an exchange in whole ms is not better than this. */
const ROUNDED_BY_MS = 1;
/** Both ends may round to whole ms, so a way of no length can measure a little below zero. */
const ROUNDING_MS = 2;

/** @typedef {{offset: number, roundTrip: number, at: number}} Sample */

/**
 * The server's clock, seen from a device whose own wall clock is never trusted. Event: "step" (it was set, not slewed).
 */
export class ServerClock extends EventTarget {
  /** Does somebody need it to the millisecond? Then it is compared more often. */
  eager = false;
  #local;
  /** @type {Sample[]} */
  #samples = [];
  /** @type {number|null} */
  #target = null;
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

  /** The server's time in ms UTC. Runs forward through small corrections. */
  now() {
    const local = this.#local();
    if (this.#target !== null) {
      const reach = Math.max(0, local - this.#shownAt) * SLEW;
      this.#shown += clamp(this.#target - this.#shown, reach);
    }
    this.#shownAt = local;
    return local + this.#shown;
  }

  get offset_ms() {
    return this.#target ?? this.#shown;
  }

  /** How far now() may be off; infinite until the first exchange. */
  get uncertainty_ms() {
    if (this.#samples.length === 0) return Infinity;
    const quickest = Math.min(...this.#samples.map(({ roundTrip }) => roundTrip));
    return quickest / 2 + Math.abs(this.offset_ms - this.#shown);
  }

  /**
   * A time the server wrote into something we read just now: a first guess until an exchange.
   * Every one is late by its way here, so the latest is the best.
   * @param {number} serverMs
   */
  seed(serverMs) {
    if (this.#samples.length > 0 || !Number.isFinite(serverMs)) return;
    const offset = serverMs - this.#local();
    this.#aim(this.#target === null ? offset : Math.max(offset, this.#target), true);
  }

  /**
   * One exchange: sent and arrived by local(), received and replied by the server.
   * @param {number} sent
   * @param {number} received
   * @param {number} replied
   * @param {number} arrived
   */
  sample(sent, received, replied, arrived) {
    const offset = (received - sent + (replied - arrived)) / 2;
    const measured = arrived - sent - (replied - received);
    if (!Number.isFinite(offset) || arrived < sent || measured < -ROUNDING_MS) return;
    const roundTrip = Math.max(0, measured);
    const fresh = { offset, roundTrip, at: arrived };
    const first = this.#samples.length === 0;
    // After a sleep the steady clock may have stood still: what contradicts the newest exchange is history.
    const agreeing = this.#samples.filter((old) => arrived - old.at <= KEPT_MS && agree(old, fresh));
    this.#samples = [...agreeing, fresh].slice(-SAMPLES_KEPT);
    this.#aim(estimate(this.#samples, arrived), first);
  }

  /** @param {number} offset @param {boolean} atOnce */
  #aim(offset, atOnce) {
    this.now();
    this.#target = offset;
    if (!atOnce && Math.abs(offset - this.#shown) < STEP_FROM_MS) return;
    this.#shown = offset;
    this.dispatchEvent(new Event("step"));
  }
}

/** The true offset lies within half a round trip of each sample; two that cannot both be true disagree. */
function agree(/** @type {Sample} */ old, /** @type {Sample} */ fresh) {
  const leeway = (old.roundTrip + fresh.roundTrip) / 2 + (fresh.at - old.at) * DRIFT_PER_MS + ROUNDING_MS;
  return Math.abs(old.offset - fresh.offset) <= leeway;
}

/**
 * What exchange by exchange is known, each by how far it may be off: by half of what its way took longer than the
 * quickest, and by what the clocks parted since. @param {Sample[]} samples @param {number} now
 */
function estimate(samples, now) {
  const quickest = Math.min(...samples.map(({ roundTrip }) => roundTrip));
  const limit = quickest * 1.5 + SPARE_ROUND_TRIP_MS;
  const [{ offset: near }] = samples;
  let sum = 0;
  let weights = 0;
  for (const { offset, roundTrip, at } of samples) {
    if (roundTrip > limit) continue;
    const error = ROUNDED_BY_MS + (roundTrip - quickest) / 2 + (now - at) * DRIFT_PER_MS;
    const weight = 1 / error ** 2;
    // Summed from near: the offset itself has more digits than a sum of many keeps.
    sum += (offset - near) * weight;
    weights += weight;
  }
  return near + sum / weights;
}

/** @param {number} value @param {number} limit */
function clamp(value, limit) {
  return Math.max(-limit, Math.min(limit, value));
}
