// @ts-check
import { api as defaultApi } from "./api.js";

/** @typedef {import("./api.js").Api} Api */
/** @typedef {import("./api.js").ApiError} ApiError */

/** Slow enough for a whole venue behind one address, quick enough for a vote to be seen. */
const POLL_EVERY_MS = 3_000;
/** While even this fails, ask less and less. */
const POLL_AT_LEAST_EVERY_MS = 15_000;

/** Asks for the snapshot again and again, for networks that let no socket through. */
export class Poller {
  #api;
  #path;
  #onSnapshot;
  #onAnswer;
  #onFailure;
  /** @type {AbortController|null} */
  #round = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  /** @type {string|null} */
  #etag = null;
  #failures = 0;

  /**
   * @param {{path: string, api?: Api, onSnapshot: (snapshot: any) => void, onAnswer: () => void,
   *   onFailure: (error: ApiError, retryInMs: number) => void}} options
   * onAnswer: after every good answer, also when nothing changed
   */
  constructor({ path, api = defaultApi, onSnapshot, onAnswer, onFailure }) {
    this.#api = api;
    this.#path = path;
    this.#onSnapshot = onSnapshot;
    this.#onAnswer = onAnswer;
    this.#onFailure = onFailure;
  }

  get running() {
    return this.#round !== null;
  }

  start() {
    if (!this.running) this.again();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#round?.abort();
    this.#round = null;
    this.#failures = 0;
  }

  /** Asks now, for the whole snapshot. */
  again() {
    this.stop();
    this.#etag = null;
    this.#round = new AbortController();
    this.#ask(this.#round);
  }

  /** @param {AbortController} round  an answer to a round that was stopped is not used */
  async #ask(round) {
    try {
      const { body, etag } = await this.#api.getIfChanged(this.#path, this.#etag, { signal: round.signal });
      if (round !== this.#round) return;
      this.#etag = etag;
      this.#failures = 0;
      if (body !== null) this.#onSnapshot(body);
      this.#onAnswer();
      this.#next(round, POLL_EVERY_MS);
    } catch (error) {
      if (round !== this.#round) return;
      const wait = Math.min(POLL_AT_LEAST_EVERY_MS, POLL_EVERY_MS * 2 ** this.#failures);
      this.#failures += 1;
      this.#next(round, wait);
      this.#onFailure(/** @type {ApiError} */ (error), wait);
    }
  }

  /** @param {AbortController} round @param {number} delay */
  #next(round, delay) {
    if (round !== this.#round) return;
    this.#timer = setTimeout(() => this.#ask(round), delay);
  }
}
