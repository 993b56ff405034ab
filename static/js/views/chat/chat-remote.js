// @ts-check
import { say } from "../../words/chat/say.js";
import { say as sayCommon } from "../../words/common/say.js";

/** As many messages as one request shows again. */
const MOST_AT_ONCE = 100;

/** What may be done to messages that are written. Hiding happens at once, with Undo in place of "are you sure". */
export class ChatRemote {
  #api;
  #room;
  #toast;
  #announcer;
  #refused;

  /**
   * @param {{api: import("../../net/api.js").Api, code: string, toast: Pick<import("../elements/toast.js").Toast, "say">,
   *   announcer: Pick<import("../elements/announcer.js").Announcer, "say">, refused: (error: import("../../net/api.js").ApiError) => void}} options
   */
  constructor({ api, code, toast, announcer, refused }) {
    this.#api = api;
    this.#room = `/api/rooms/${code}`;
    this.#toast = toast;
    this.#announcer = announcer;
    this.#refused = refused;
  }

  /** Messages before one, the latest first. Throws what the server refused. @param {string} before  id */
  readPage(before) {
    return this.#api.get(`${this.#room}/chat?cursor=${encodeURIComponent(before)}`);
  }

  /** @param {string} id */
  async hide(id) {
    const answer = await this.#try(() => this.#api.put(`${this.#room}/chat/hidden`, { messages: [id], hidden: true }));
    if (answer) this.#hidden(answer.items);
  }

  /** @param {string} member  id */
  async hideAllOf(member) {
    const answer = await this.#try(() => this.#api.put(`${this.#room}/members/${member}/chat`, { hidden: true }));
    if (answer) this.#hidden(answer.items);
  }

  /** @param {readonly string[]} ids */
  async show(ids) {
    for (let at = 0; at < ids.length; at += MOST_AT_ONCE) {
      const some = ids.slice(at, at + MOST_AT_ONCE);
      if (!(await this.#try(() => this.#api.put(`${this.#room}/chat/hidden`, { messages: some, hidden: false })))) return;
    }
  }

  /** @param {string} member  id @param {number} minutes @param {string} why  which the person reads */
  mute(member, minutes, why) {
    return this.#try(() => this.#api.patch(`${this.#room}/members/${member}`, { muted: true, minutes, why }));
  }

  /** My own message. @param {string} id */
  delete(id) {
    return this.#try(() => this.#api.delete(`${this.#room}/chat/${id}`));
  }

  /** @param {string} id */
  clearReports(id) {
    return this.#try(() => this.#api.delete(`${this.#room}/chat/${id}/reports`));
  }

  /** @param {string} id @param {string} reason */
  async report(id, reason) {
    if (await this.#try(async () => (await this.#api.put(`${this.#room}/chat/${id}/report`, { reason })) ?? true)) {
      this.#tell(say("reports.sent"));
    }
  }

  /** @param {readonly string[]} ids */
  #hidden(ids) {
    if (ids.length === 0) return;
    const words = say("message.hidden", { n: ids.length });
    this.#toast.say(words, { undo: () => this.show(ids) });
    this.#announcer.say(sayCommon("undo.keys", { done: words }));
  }

  /** @param {string} words */
  #tell(words) {
    this.#toast.say(words);
    this.#announcer.say(words);
  }

  /** The answer, null when it was refused. @param {() => Promise<any>} call */
  async #try(call) {
    try {
      return await call();
    } catch (error) {
      this.#refused(/** @type {any} */ (error));
      return null;
    }
  }
}
