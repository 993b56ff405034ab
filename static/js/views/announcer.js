// @ts-check
import { setText } from "./pieces.js";

const COLLECT_MS = 3_000;
const APART_MS = 8_000;

/** What screen readers hear. The queue's news is collected and thinned; what concerns an own act is said at once. */
export class Announcer {
  #polite;
  #assertive;
  /** @type {Map<string, {rank: number, words: string}>} */
  #news = new Map();
  #spokenAt = -Infinity;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {{polite: HTMLElement, assertive: HTMLElement}} regions */
  constructor({ polite, assertive }) {
    this.#polite = polite;
    this.#assertive = assertive;
  }

  /** At once: refused, line lost or back, removed, ended. @param {string} words */
  now(words) {
    // The same sentence twice is said twice only if the region changes.
    this.#assertive.textContent = "";
    requestAnimationFrame(() => setText(this.#assertive, words));
  }

  /** A track change, or an answer to what the person just did: not part of the thinning. @param {string} words */
  say(words) {
    this.#polite.textContent = "";
    requestAnimationFrame(() => setText(this.#polite, words));
  }

  /** Queue news: one sentence at most every 8 s, the most personal one. @param {{kind: string, rank: number, words: string}[]} news */
  tell(news) {
    for (const { kind, rank, words } of news) this.#news.set(kind, { rank, words });
    if (this.#news.size === 0 || this.#timer !== undefined) return;
    const wait = Math.max(COLLECT_MS, this.#spokenAt + APART_MS - performance.now());
    this.#timer = setTimeout(() => this.#speak(), wait);
  }

  #speak() {
    this.#timer = undefined;
    const [first] = [...this.#news.values()].sort((one, other) => one.rank - other.rank);
    this.#news.clear();
    this.#spokenAt = performance.now();
    this.say(first.words);
  }
}
