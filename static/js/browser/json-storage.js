// @ts-check

/**
 * JSON values in one of the browser's storages. Where the browser has none, forbids it or is full, values live as
 * long as the page does.
 */
export class JsonStorage {
  #memory = new Map();
  #open;

  /** @param {() => Storage} open  reading `localStorage` itself may throw */
  constructor(open) {
    this.#open = open;
  }

  /** @param {string} key @returns {any} the value, or null */
  read(key) {
    if (this.#memory.has(key)) return structuredClone(this.#memory.get(key));
    try {
      return JSON.parse(this.#open().getItem(key) ?? "null");
    } catch {
      return null;
    }
  }

  /** @param {string} key @param {any} value */
  write(key, value) {
    try {
      this.#open().setItem(key, JSON.stringify(value));
      this.#memory.delete(key);
    } catch {
      this.#memory.set(key, structuredClone(value));
    }
  }

  /** @param {string} key */
  remove(key) {
    this.#memory.delete(key);
    try {
      this.#open().removeItem(key);
    } catch {
      // Nothing was kept there.
    }
  }
}
