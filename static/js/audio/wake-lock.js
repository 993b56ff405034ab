// @ts-check

/** Keeps the screen on while this device has a task, where the browser can; behind another tab it may go off. */
export class WakeLock {
  #navigator;
  #document;
  #held = false;
  /** @type {any} */
  #lock = null;
  #asking = false;

  /** @param {{navigator?: any, document?: any}} [options] */
  constructor({ navigator = globalThis.navigator, document = globalThis.document } = {}) {
    this.#navigator = navigator;
    this.#document = document;
    document?.addEventListener("visibilitychange", () => this.#take());
  }

  hold() {
    this.#held = true;
    this.#take();
  }

  release() {
    this.#held = false;
    this.#drop();
  }

  /** The browser takes it away with each change to another tab, without giving it back. */
  async #take() {
    if (!this.#held || this.#asking || this.#document?.hidden || (this.#lock && !this.#lock.released)) return;
    this.#asking = true;
    try {
      this.#lock = await this.#navigator.wakeLock?.request("screen");
      if (!this.#held) this.#drop();
    } catch {
      // A low battery, or a setting: then the screen goes off, and the sound goes on.
    } finally {
      this.#asking = false;
    }
  }

  #drop() {
    this.#lock?.release?.().catch?.(() => {});
    this.#lock = null;
  }
}
