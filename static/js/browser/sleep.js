// @ts-check

/** A look that comes this late comes after a sleep. */
const SLEPT_MS = 4_000;

/** Whether the device slept between two looks: its timers stand still then; which of its clocks does, depends. */
export class Sleep {
  #local;
  #wall;
  #before = { local: 0, wall: 0 };

  /** @param {{local: () => number, wall: () => number}} clocks */
  constructor({ local, wall }) {
    this.#local = local;
    this.#wall = wall;
  }

  /** Was there one since the last look? The first look after a time without any tells nothing. */
  look() {
    const [local, wall] = [this.#local(), this.#wall()];
    const { local: localBefore, wall: wallBefore } = this.#before;
    this.#before = { local, wall };
    return Math.max(local - localBefore, wall - wallBefore) > SLEPT_MS;
  }
}
