// @ts-check

/** A region that is emptied and filled in one go has not changed. */
const EMPTY_MS = 50;
/** Long enough to be picked up; from then on the screen reader itself keeps the order. */
const STANDS_MS = 250;
const COLLECT_MS = 3_000;
const APART_MS = 8_000;

/** @typedef {{rank: number, words: string}} News  lower ranks are more personal */

/** What screen readers hear. News of the queue and the chat is collected and thinned; what concerns an own act is said at once. */
export class Announcer {
  #polite;
  #assertive;
  /** By topic. @type {Map<string, () => News[]>} */
  #latest = new Map();
  #spokenAt = -Infinity;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {{polite: HTMLElement, assertive: HTMLElement}} regions */
  constructor({ polite, assertive }) {
    this.#polite = new Region(polite);
    this.#assertive = new Region(assertive);
  }

  /** At once: refused, line lost or back, removed, ended. @param {string} words */
  now(words) {
    this.#assertive.say(words);
  }

  /** A track change, or an answer to what the person just did: not part of the thinning. @param {string} words */
  say(words) {
    this.#polite.say(words);
  }

  /**
   * News that may wait: one sentence at most every 8 s, the most personal one.
   * @param {() => News[]} latest  the news as of the moment when it is said: what has been overtaken by then is not among it
   * @param {string} [topic]  later news of a topic takes the place of earlier news
   */
  announceLater(latest, topic = "queue") {
    this.#latest.set(topic, latest);
    if (this.#timer !== undefined) return;
    const wait = Math.max(COLLECT_MS, this.#spokenAt + APART_MS - performance.now());
    this.#timer = setTimeout(() => this.#speak(), wait);
  }

  #speak() {
    this.#timer = undefined;
    const [first] = [...this.#latest.values()].flatMap((latest) => latest()).sort((one, other) => one.rank - other.rank);
    this.#latest.clear();
    if (!first) return;
    this.#spokenAt = performance.now();
    this.say(first.words);
  }
}

/** One live region: sentences that come together stand there one after the other, and the same one twice is heard twice. */
class Region {
  #element;
  /** @type {string[]} */
  #waiting = [];
  #busy = false;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
  }

  /** @param {string} words */
  say(words) {
    this.#waiting.push(words);
    if (!this.#busy) this.#next();
  }

  #next() {
    const words = this.#waiting.shift();
    this.#busy = words !== undefined;
    if (words === undefined) return;
    this.#element.textContent = "";
    setTimeout(() => {
      this.#element.textContent = words;
      setTimeout(() => this.#next(), STANDS_MS);
    }, EMPTY_MS);
  }
}
