// @ts-check

/** Fingers pause about this long between words, not between letters. */
const PAUSE_MS = 250;
export const FEWEST_LETTERS = 3;

/** Asks for what is typed, once it stands still; an older answer never overtakes a newer question. */
export class Search {
  #api;
  #path;
  #found;
  #failed;
  /** @type {AbortController|null} */
  #running = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  /** What the results now shown answer, null before the first. @type {string|null} */
  #asked = null;
  /** @type {string|null} */
  #next = null;

  /**
   * @param {{api: import("../api.js").Api, code: string, failed: (error: import("../api.js").ApiError) => void,
   *   found: (result: {words: string, tracks: import("../shapes.js").Found[], more: boolean, appended: boolean}) => void}} options
   */
  constructor({ api, code, found, failed }) {
    this.#api = api;
    this.#path = `/api/rooms/${code}/search`;
    this.#found = found;
    this.#failed = failed;
  }

  /** @param {string} typed  empty: everything, by title; too short: nothing is asked */
  ask(typed) {
    const words = typed.trim();
    clearTimeout(this.#timer);
    this.#running?.abort();
    if (words !== "" && words.length < FEWEST_LETTERS) return;
    this.#timer = setTimeout(() => this.#run(words, null), words === "" ? 0 : PAUSE_MS);
  }

  /** The same question again: what may be added has changed. */
  again() {
    if (this.#asked !== null) this.#run(this.#asked, null);
  }

  more() {
    if (this.#next && this.#asked !== null) this.#run(this.#asked, this.#next);
  }

  /** @param {string} words @param {string|null} cursor */
  async #run(words, cursor) {
    const running = new AbortController();
    this.#running = running;
    const query = new URLSearchParams({ q: words, ...(cursor && { cursor }) });
    try {
      const { items, next } = await this.#api.get(`${this.#path}?${query}`, { signal: running.signal });
      this.#asked = words;
      this.#next = next;
      this.#found({ words, tracks: items, more: next !== null, appended: cursor !== null });
    } catch (error) {
      if (!running.signal.aborted) this.#failed(/** @type {any} */ (error));
    }
  }
}
