// @ts-check
import { LIBRARY } from "../../state/sources.js";

/** Fingers pause about this long between words, not between letters. */
const PAUSE_MS = 250;
/** From how many letters on the library is asked while somebody types. */
const FEWEST_LETTERS = 2;
/** Han, kana, bopomofo and Hangul say much with one sign. The server has the same ranges (`folding.py`). */
const DENSE =
  /[\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3100-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\u{20000}-\u{3ffff}]/u;
/** What could not be asked is asked again after so long, then later and later, where nothing says that the line is back. */
const RETRY_BASE_MS = 5_000;
const RETRY_CAP_MS = 60_000;

/** How many letters are missing before a source is asked while somebody types. @param {string} typed @param {string} source @param {number} [fewest] */
export function lettersMissing(typed, source, fewest = FEWEST_LETTERS) {
  const signs = [...typed.normalize("NFC").replace(/\s+/g, "")];
  if (source === LIBRARY && signs.some((sign) => DENSE.test(sign))) return 0;
  return Math.max(0, fewest - signs.length);
}

/** Asks one source for what is typed, once it stands still; an older answer never overtakes a newer question. */
export class Search {
  #api;
  #path;
  #source;
  #pauseMs;
  #fewest;
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
   * @param {{api: import("../../net/api.js").Api, code: string, source?: string, pauseMs?: number, fewest?: number, everything?: boolean,
   *   failed: (error: import("../../net/api.js").ApiError, again: boolean) => void,
   *   found: (result: import("./track-list.js").Page & {words: string, near: boolean}) => void, document?: any, random?: () => number}} options
   *   fewest: letters from which on it is asked; everything: without words all is asked for, by title; again: what is shown still answers the question
   */
  constructor({
    api,
    code,
    source = LIBRARY,
    pauseMs = PAUSE_MS,
    fewest = FEWEST_LETTERS,
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
    this.#fewest = fewest;
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

  /**
   * @param {string} typed @param {{atOnce?: boolean}} [options]  atOnce: somebody pressed Enter, however short it is
   * @returns {"answered"|"asking"|"short"}  answered: what is shown answers it; short: too few letters, so nothing is asked
   */
  ask(typed, { atOnce = false } = {}) {
    const words = typed.trim();
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.#lost = null;
    this.#losses = 0;
    if (words === this.#asked) return "answered";
    if (words === "" ? !this.#everything : !atOnce && lettersMissing(words, this.#source, this.#fewest) > 0) {
      this.#asked = null;
      return "short";
    }
    this.#timer = setTimeout(() => this.#run(words, null), words === "" || atOnce ? 0 : this.#pauseMs);
    return "asking";
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
    const query = new URLSearchParams({ q: words });
    if (this.#source !== LIBRARY) query.set("source", this.#source);
    if (cursor) query.set("cursor", cursor);
    try {
      const { items, next, near = false, skipped = {}, stale_since_ms: staleSince = null } = await this.#api.get(`${this.#path}?${query}`, { signal: running.signal });
      if (running.signal.aborted) return; // other words stand in the field
      this.#losses = 0;
      this.#asked = words;
      this.#next = next;
      this.#found({ words, near, tracks: items, more: next !== null, appended: cursor !== null, skipped, staleSince });
    } catch (error) {
      if (running.signal.aborted) return;
      const refusal = /** @type {import("../../net/api.js").ApiError} */ (error);
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
