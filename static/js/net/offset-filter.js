// @ts-check

/**
 * One exchange with the server, in ms: `sent` and `arrived` by the device's clock, `received` and `replied` by the server's.
 * @typedef {{sent: number, received: number, replied: number, arrived: number}} Exchange
 */
/**
 * What an exchange says: the offset is at most `there` and at least `-back`, for no way takes less than no time.
 * @typedef {{there: number, back: number, at: number}} Bounds
 */

/**
 * What an old exchange says is believed less by this much for each ms of its age: on a quiet line the fresh ones count, on
 * one that trembles the quick ones. A changed route is followed slowly, both ways alike; in a window that ends at once one
 * way would be followed before the other.
 */
const AGEING = 0.00005;
/** What is older counts no more. */
const KEPT_MS = 300_000;
/** Two exchanges further apart than this cannot both be true. Two quartz clocks part by up to 0.1 ms a second. */
const PARTING = 0.0001;
/** Both ends may round to whole ms. */
const ROUNDING_MS = 2;
/** However quick, an exchange in whole ms is not better than this. */
const ROUNDED_BY_MS = 0.5;
/** Standard deviations of the drift: at first, and how far it wanders in 1 ms (a quartz follows its temperature). */
const USUAL_DRIFT = 0.00005;
const DRIFT_WANDERS = 1e-9;
/** How far the offset wanders in 1 ms besides the drift. */
const OFFSET_WANDERS_MS = 0.0001;

/**
 * By how much the server's clock is ahead of the device's, from exchanges over a line that holds them up.
 *
 * The offset lies between the least delays of the two ways, each looked for by itself: an exchange that had to wait on its
 * way there can still have been the quickest on its way back. How fast the clocks part is the second state of a Kalman filter, which is fed with all exchanges.
 */
export class OffsetFilter {
  #drift = new DriftFilter();
  /** @type {Bounds[]} */
  #bounds = [];
  /** The least of them, as if all had been measured at the newest exchange. @type {Bounds} */
  #least = { there: Infinity, back: Infinity, at: 0 };

  get isEmpty() {
    return this.#bounds.length === 0;
  }

  /** Half of what both ways take at least: what a lopsided line hides nobody can measure. Infinite without exchanges. */
  get uncertainty_ms() {
    const { there, back } = this.#least;
    return Math.max(0, (there + back) / 2);
  }

  /** @param {Exchange} exchange @returns {boolean} could it be? */
  add({ sent, received, replied, arrived }) {
    const fresh = { there: received - sent, back: arrived - replied, at: arrived };
    const roundTrip = fresh.there + fresh.back;
    if (!Number.isFinite(roundTrip) || arrived < sent || roundTrip < -ROUNDING_MS) return false;
    const recent = this.#bounds.filter(({ at }) => arrived - at <= KEPT_MS);
    // After a sleep the device's clock may have stood still: exchanges that contradict the newest are history.
    const agreeing = recent.filter((old) => agree(old, fresh));
    if (agreeing.length < recent.length) this.#drift = new DriftFilter();
    this.#bounds = [...agreeing, fresh];
    this.#drift.add((fresh.there - fresh.back) / 2, Math.max(ROUNDED_BY_MS, roundTrip / 2), arrived);
    this.#least = this.#findLeast();
    return true;
  }

  /** The offset in ms at a time of the device. @param {number} local */
  at(local) {
    const { there, back, at } = this.#least;
    return (there - back) / 2 + this.#drift.perMs * (local - at);
  }

  /** @returns {Bounds} */
  #findLeast() {
    const { at } = this.#bounds[this.#bounds.length - 1];
    const least = { there: Infinity, back: Infinity, at };
    for (const bounds of this.#bounds) {
      const age = at - bounds.at;
      const parted = this.#drift.perMs * age;
      least.there = Math.min(least.there, bounds.there + parted + AGEING * age);
      least.back = Math.min(least.back, bounds.back - parted + AGEING * age);
    }
    return least;
  }
}

/** A Kalman filter of two states, the offset and its drift; only the drift is used. */
class DriftFilter {
  /** In ms per ms. */
  perMs = 0;
  #offset = 0;
  /** Covariances: of the offset, of both, of the drift. */
  #ofOffset = Infinity;
  #ofBoth = 0;
  #ofDrift = USUAL_DRIFT ** 2;
  #at = 0;

  /** @param {number} offset  measured @param {number} deviation  of that, in ms @param {number} at  ms of the device */
  add(offset, deviation, at) {
    const variance = deviation ** 2;
    if (this.#ofOffset === Infinity) {
      [this.#offset, this.#ofOffset, this.#at] = [offset, variance, at];
      return;
    }
    const passed = Math.max(0, at - this.#at);
    this.#at = at;
    this.#ofOffset += 2 * this.#ofBoth * passed + this.#ofDrift * passed ** 2 + OFFSET_WANDERS_MS ** 2 * passed;
    this.#ofBoth += this.#ofDrift * passed;
    this.#ofDrift += DRIFT_WANDERS ** 2 * passed;
    const predicted = this.#offset + this.perMs * passed;
    const gain = this.#ofOffset / (this.#ofOffset + variance);
    const gainOfDrift = this.#ofBoth / (this.#ofOffset + variance);
    this.#offset = predicted + gain * (offset - predicted);
    this.perMs += gainOfDrift * (offset - predicted);
    this.#ofDrift -= gainOfDrift * this.#ofBoth;
    this.#ofBoth *= 1 - gain;
    this.#ofOffset *= 1 - gain;
  }
}

/** Is there an offset that both allow? @param {Bounds} old @param {Bounds} fresh */
function agree(old, fresh) {
  const leeway = (fresh.at - old.at) * PARTING + ROUNDING_MS;
  return Math.min(old.there + fresh.back, fresh.there + old.back) >= -leeway;
}
