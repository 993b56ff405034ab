// @ts-check
import { LIBRARY } from "../sources.js";

/** Fingers pause about this long between words, not between letters. */
const PAUSE_MS = 250;
export const FEWEST_LETTERS = 3;
/** What could not be asked is asked again after so long, then later and later, where nothing says that the line is back. */
const RETRY_BASE_MS = 5_000;
const RETRY_CAP_MS = 60_000;

/** Asks one source for what is typed, once it stands still; an older answer never overtakes a newer question. */
export class Search {
  #api;
  #path;
  #source;
  #pauseMs;
  #everything;
  #found;
  #failed;
  #document;
  #random;
  /** @type {AbortController|null} */
  #running = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  /** What the results now shown answer, null before the first. @type {string|null} */
  #asked = null;
  /** @type {string|null} */
  #next = null;
  /** The question that never reached the server. @type {{words: string, cursor: string|null}|null} */
  #lost = null;
  /** So often in a row. */
  #losses = 0;

  /**
   * @param {{api: import("../api.js").Api, code: string, source?: string, pauseMs?: number, everything?: boolean,
   *   failed: (error: import("../api.js").ApiError, again: boolean) => void,
   *   found: (result: import("./track-list.js").Page & {words: string}) => void, document?: any, random?: () => number}} options
   *   everything: without words all is asked for, by title; again: what is shown still answers the question
   */
  constructor({
    api,
    code,
    source = LIBRARY,
    pauseMs = PAUSE_MS,
    everything = true,
    found,
    failed,
    document = globalThis.document,
    random = Math.random,
  }) {
    this.#api = api;
    this.#path = `/api/rooms/${code}/search`;
    this.#source = source;
    this.#pauseMs = pauseMs;
    this.#everything = everything;
    this.#found = found;
    this.#failed = failed;
    this.#document = document;
    this.#random = random;
    document?.addEventListener("visibilitychange", () => this.#retrySeen());
  }

  get asked() {
    return this.#asked;
  }

  /** @param {string} typed  too short: nothing is asked */
  ask(typed) {
    const words = typed.trim();
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.#lost = null;
    this.#losses = 0;
    if (words === "" && !this.#everything) this.#asked = null;
    if (words.length < FEWEST_LETTERS && !(words === "" && this.#everything)) return;
    this.#timer = setTimeout(() => this.#run(words, null), words === "" ? 0 : this.#pauseMs);
  }

  /** The same question again: what may be added has changed. */
  again() {
    if (this.#asked !== null) this.#run(this.#asked, null);
  }

  more() {
    if (this.#next && this.#asked !== null) this.#run(this.#asked, this.#next);
  }

  /** The line may be back: what could not be asked without it is asked now. */
  retry() {
    if (!this.#lost) return;
    clearTimeout(this.#timer);
    this.#run(this.#lost.words, this.#lost.cursor);
  }

  /** Nobody waits for an answer that nobody sees. */
  #retrySeen() {
    if (!this.#document?.hidden) this.retry();
  }

  /** How long it waits: another time in each page, for one line is that of many. */
  get #retryIn() {
    return Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** (this.#losses - 1)) * (0.5 + this.#random() / 2);
  }

  /** @param {string} words @param {string|null} cursor */
  async #run(words, cursor) {
    this.#lost = null;
    const running = new AbortController();
    this.#running = running;
    const source = this.#source === LIBRARY ? {} : { source: this.#source };
    const query = new URLSearchParams({ q: words, ...source, ...(cursor && { cursor }) });
    try {
      const { items, next, skipped = {}, stale_since_ms: staleSince = null } = await this.#api.get(`${this.#path}?${query}`, { signal: running.signal });
      this.#losses = 0;
      this.#asked = words;
      this.#next = next;
      this.#found({ words, tracks: items, more: next !== null, appended: cursor !== null, skipped, staleSince });
    } catch (error) {
      if (running.signal.aborted) return;
      const refusal = /** @type {import("../api.js").ApiError} */ (error);
      const again = words === this.#asked;
      if (!again) this.#asked = null;
      if (refusal.code === "offline") {
        this.#lost = { words, cursor };
        this.#losses += 1;
        this.#timer = setTimeout(() => this.#retrySeen(), this.#retryIn);
      }
      this.#failed(refusal, again);
    }
  }
}
