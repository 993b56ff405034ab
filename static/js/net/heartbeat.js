// @ts-check
import { Sleep } from "../browser/sleep.js";

/** @typedef {import("./server-clock.js").ServerClock} ServerClock */

/** Some of so many exchanges meet no jam: a clock good enough for a page without sound within half a second. */
const BURST = 5;
const BURST_GAP_MS = 100;
/** A page that sounds needs it to the millisecond: the least delay of 20 is about half of that of 10. */
const EAGER_BURST = 20;
const EAGER_BURST_GAP_MS = 50;
/** Often enough to follow two clocks that part by a ms in ten seconds. */
const ASK_EVERY_MS = 10_000;
/** While sound is made here: the more exchanges, the nearer comes the quickest of them to the way without a queue. */
const ASK_EAGERLY_EVERY_MS = 1_000;
/** One lost exchange and half the way to the next: the line is dead, whatever the browser says. */
const DEAD_AFTER_MS = 15_000;
/** Back from the background a line is either well or gone; a bad network answers within this. */
const ANSWER_WITHIN_MS = 3_000;
/** The open line is the sign of life. This keeps proxies from taking a quiet one for dead. */
const PULSE_EVERY_MS = 20_000;
const BEAT_MS = 1_000;

/** What one open line says by itself: clock exchanges, pulses, and whether anything still comes back. */
export class Heartbeat {
  #clock;
  #send;
  #onDead;
  /** @type {ReturnType<typeof setTimeout>[]} */
  #timers = [];
  #heardAt = 0;
  #askedAt = 0;
  #sleep;
  /** When the oldest question without an answer was asked. @type {number|null} */
  #waitingSince = null;

  /**
   * @param {{clock: ServerClock, send: (frame: any) => void, onDead: () => void, wall?: () => number}} options
   * wall: a clock that goes on while the device sleeps
   */
  constructor({ clock, send, onDead, wall = () => Date.now() }) {
    this.#sleep = new Sleep({ local: () => clock.local(), wall });
    this.#clock = clock;
    clock.addEventListener("eager", () => this.#timers.length > 0 && this.#burst());
    this.#send = send;
    this.#onDead = onDead;
  }

  start() {
    this.stop();
    this.heard();
    // That nobody looked until now was no sleep.
    this.#sleep.look();
    this.#burst();
    this.#timers.push(setInterval(() => this.#beat(), BEAT_MS));
    this.#timers.push(setInterval(() => this.#send({ type: "pulse" }), PULSE_EVERY_MS));
  }

  stop() {
    this.#timers.forEach((timer) => clearTimeout(timer));
    this.#timers = [];
  }

  /** Something came in. */
  heard() {
    this.#heardAt = this.#clock.local();
    this.#waitingSince = null;
  }

  /** Asks at once and does not wait long for the answer. */
  doubt() {
    const doubtedAt = this.#clock.local();
    this.#ask();
    this.#after(ANSWER_WITHIN_MS, () => {
      if (this.#heardAt < doubtedAt) this.#onDead();
    });
  }

  /** A background tab beats once a minute: silence counts only after a question. */
  #beat() {
    const local = this.#clock.local();
    if (this.#sleep.look()) {
      this.#burst();
      return;
    }
    const asked = this.#waitingSince !== null && local - this.#waitingSince >= ANSWER_WITHIN_MS;
    if (asked && local - this.#heardAt >= DEAD_AFTER_MS) {
      this.#onDead();
    } else if (local - this.#askedAt >= (this.#clock.eager ? ASK_EAGERLY_EVERY_MS : ASK_EVERY_MS)) {
      this.#ask();
    }
  }

  #burst() {
    const [turns, gap_ms] = this.#clock.eager ? [EAGER_BURST, EAGER_BURST_GAP_MS] : [BURST, BURST_GAP_MS];
    for (let turn = 0; turn < turns; turn += 1) this.#after(turn * gap_ms, () => this.#ask());
  }

  #ask() {
    this.#askedAt = this.#clock.local();
    this.#waitingSince ??= this.#askedAt;
    this.#send({ type: "clock", sent: this.#askedAt });
  }

  /** @param {number} delay @param {() => void} act */
  #after(delay, act) {
    this.#timers.push(setTimeout(act, delay));
  }
}
