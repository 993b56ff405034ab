// @ts-check

/** @typedef {import("./api.js").ApiError} ApiError */

/**
 * What a person has changed and the server has not heard yet. One request is under way at a time, so that the last
 * word is the one that stays.
 * Events: "saved" (detail {names}), "refused" (detail {names, error}; what was wished for is forgotten).
 */
export class PendingChanges extends EventTarget {
  #send;
  /** @type {Map<string, any>} */
  #wished = new Map();
  /** @type {Map<string, any>} */
  #sent = new Map();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {(values: Record<string, any>) => Promise<unknown>} send */
  constructor(send) {
    super();
    this.#send = send;
  }

  /** @param {string} name @param {any} value @param {number} [settleMs] more may follow at once: wait so long for it */
  put(name, value, settleMs = 0) {
    this.#wished.set(name, value);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), settleMs);
  }

  /** Forgets what has not been sent. */
  drop() {
    this.#wished.clear();
  }

  /** Is this still on its way? @param {string} name */
  has(name) {
    return this.#wished.has(name) || this.#sent.has(name);
  }

  /** Sends now, unless a request is under way: then right after it. */
  async flush() {
    clearTimeout(this.#timer);
    if (this.#sent.size > 0 || this.#wished.size === 0) return;
    [this.#sent, this.#wished] = [this.#wished, new Map()];
    const names = [...this.#sent.keys()];
    const error = await this.#send(Object.fromEntries(this.#sent)).then(() => null, (/** @type {ApiError} */ failure) => failure);
    this.#sent = new Map();
    if (error === null) this.dispatchEvent(new CustomEvent("saved", { detail: { names } }));
    else this.dispatchEvent(new CustomEvent("refused", { detail: { names, error } }));
    await this.flush();
  }
}
