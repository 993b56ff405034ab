// @ts-check
import { say } from "../../words/queue/say.js";
import { say as sayCommon } from "../../words/common/say.js";

/** @typedef {import("../../state/shapes.js").Item} Item */

/** What stands against taking one track out stands against all others, too: no line, no right, too often, an outage. */
const FOR_ALL = new Set([0, 401, 403, 429, 503]);
/** That one waits no longer: it has gone, or plays. */
const GONE = new Set([404, 409]);

/** What may be done to waiting tracks. They go at once, with Undo in place of "are you sure". Votes go by the outbox. */
export class QueueRemote {
  #api;
  #path;
  #toast;
  #announcer;
  #refused;

  /**
   * @param {{api: import("../../net/api.js").Api, code: string, toast: import("../elements/toast.js").Toast,
   *   announcer: import("../elements/announcer.js").Announcer, refused: (error: import("../../net/api.js").ApiError) => void}} options
   */
  constructor({ api, code, toast, announcer, refused }) {
    this.#api = api;
    this.#path = `/api/rooms/${code}/queue`;
    this.#toast = toast;
    this.#announcer = announcer;
    this.#refused = refused;
  }

  /** @param {Item} item */
  async remove(item) {
    if (await this.withdraw(item)) this.#gone(say("removed.one", { title: item.track.title }), [item.id]);
  }

  /** Takes it out without a word: whoever calls says it. @param {{id: string}} item */
  withdraw({ id }) {
    return this.#try(() => this.#api.delete(`${this.#path}/${id}`));
  }

  /**
   * The same of several, one after the other. What is locked stays: it plays next.
   * @param {{id: string, locked: boolean}[]} items
   * @returns {Promise<{gone: number, left: number}>}  how many it took out, and how many wait still
   */
  async withdrawAll(items) {
    const free = items.filter(({ locked }) => !locked);
    let [gone, left] = [0, items.length - free.length];
    for (const [tried, { id }] of free.entries()) {
      try {
        await this.#api.delete(`${this.#path}/${id}`);
        gone += 1;
      } catch (error) {
        const { status } = /** @type {import("../../net/api.js").ApiError} */ (error);
        if (GONE.has(status)) continue;
        this.#refused(/** @type {any} */ (error));
        if (FOR_ALL.has(status)) return { gone, left: left + free.length - tried };
        left += 1;
      }
    }
    return { gone, left };
  }

  /** The room adds nothing by itself any more. */
  stopAutofill() {
    return this.#try(() => this.#api.delete(this.#path.replace(/\/queue$/, "/suggestions/autofill")));
  }

  async clear() {
    const answer = await this.#answer(() => this.#api.delete(this.#path));
    if (answer?.items.length) this.#gone(say("removed.tracks", { n: answer.items.length }), answer.items);
  }

  /** @param {Item} item @param {boolean} pinned */
  pin(item, pinned) {
    return this.#try(() => this.#api.put(`${this.#path}/${item.id}/pin`, { pinned }));
  }

  /** @param {Item} item */
  countHeld(item) {
    return this.#try(() => this.#api.put(`${this.#path}/${item.id}/held`, { count: true }));
  }

  /** @param {string[]} items */
  order(items) {
    return this.#try(() => this.#api.put(`${this.#path}/order`, { items }));
  }

  /** @param {string} words @param {string[]} items */
  #gone(words, items) {
    this.#toast.say(words, { undo: () => this.#restore(items) });
    this.#announcer.say(sayCommon("undo.keys", { done: words }));
  }

  /** @param {string[]} items */
  async #restore(items) {
    const answer = await this.#answer(() => this.#api.post(`${this.#path}/restore`, { items }));
    if (answer === null) return;
    const back = answer.items.length;
    if (back < items.length) this.#toast.say(back === 0 ? say("removed.late") : say("removed.some_back", { n: back, all: items.length }));
    if (back > 0) this.#announcer.say(say("removed.back", { n: back }));
  }

  /** @param {() => Promise<unknown>} call */
  async #try(call) {
    return (await this.#answer(async () => (await call()) ?? true)) !== null;
  }

  /** The answer, null when it was refused. @template Answer @param {() => Promise<Answer>} call @returns {Promise<Answer|null>} */
  async #answer(call) {
    try {
      return await call();
    } catch (error) {
      this.#refused(/** @type {any} */ (error));
      return null;
    }
  }
}
