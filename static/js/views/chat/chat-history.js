// @ts-check
import { chat } from "../../state/parts/chat.js";

/** @typedef {import("../../state/shapes.js").ChatMessage} ChatMessage */
/** @typedef {{items: ChatMessage[], next: string|null}} Page  the latest message first */

/** More rows than these make a phone slow; older ones are read again when somebody scrolls up. */
const MOST_KEPT = 2_000;
/** So many more are forgotten at once. */
const SPARE = 50;
/** As many as a snapshot has: fewer are all there are. */
const LATEST = 50;

/** The messages that the page knows: the state's latest ones and the older pages read before them, the oldest first. */
export class ChatHistory extends EventTarget {
  #readPage;
  /** @type {readonly ChatMessage[]} */
  #messages;
  #hasOlder;
  /** @type {Promise<void>|null} */
  #loading = null;

  /** @param {{store: import("../../state/store.js").Store, readPage: (before: string) => Promise<Page>}} options  readPage: messages before that one */
  constructor({ store, readPage }) {
    super();
    this.#readPage = readPage;
    this.#messages = store.state.chat;
    this.#hasOlder = this.#messages.length >= LATEST;
    store.addEventListener("change", (event) => {
      const { frame, events } = /** @type {CustomEvent} */ (event).detail;
      if (frame.type === "snapshot") this.#restart(store.state.chat);
      else for (const one of events) this.#apply(one);
    });
  }

  get messages() {
    return this.#messages;
  }

  get hasOlder() {
    return this.#hasOlder;
  }

  /** A message known from an answer, before the event that tells of it. @param {ChatMessage} message */
  addAnswered(message) {
    if (!this.#messages.some(({ id }) => id === message.id)) this.#set(withMessage(this.#messages, message));
  }

  /** Forgets the oldest of very many: only while nobody reads them. */
  forgetOldest() {
    if (this.#messages.length <= MOST_KEPT + SPARE) return;
    this.#hasOlder = true;
    this.#set(this.#messages.slice(-MOST_KEPT));
  }

  /** Reads one page more. Throws what the server refused. */
  loadOlder() {
    this.#loading ??= this.#load().finally(() => (this.#loading = null));
    return this.#loading;
  }

  async #load() {
    const before = this.#messages[0]?.id;
    if (before === undefined || !this.#hasOlder) return;
    const { items, next } = await this.#readPage(before);
    // A snapshot has come meanwhile, and the page no longer joins what is known.
    if (this.#messages[0]?.id !== before) return;
    this.#hasOlder = next !== null;
    this.#set([...[...items].reverse(), ...this.#messages]);
  }

  /** @param {any} event */
  #apply(event) {
    if (event.type === "chat.posted") {
      this.#set(withMessage(this.#messages, event.message));
    } else if (chat.reducers && Object.hasOwn(chat.reducers, event.type)) {
      this.#set(chat.reducers[event.type](this.#messages, event, /** @type {any} */ (null)));
    }
  }

  /** Older messages may have been hidden meanwhile, unless the latest stand as before. @param {readonly ChatMessage[]} latest */
  #restart(latest) {
    const tail = this.#messages.slice(-latest.length);
    const isSame = latest.length > 0 && tail.length === latest.length && latest.every(({ id, state }, n) => tail[n].id === id && tail[n].state === state);
    if (isSame) return;
    this.#hasOlder = latest.length >= LATEST;
    this.#set(latest);
  }

  /** @param {readonly ChatMessage[]} messages */
  #set(messages) {
    if (messages === this.#messages) return;
    this.#messages = messages;
    this.dispatchEvent(new Event("change"));
  }
}

/** Ids are whole numbers that grow, so nearly every message comes last. @param {readonly ChatMessage[]} messages @param {ChatMessage} message */
function withMessage(messages, message) {
  if (Number(messages.at(-1)?.id ?? 0) < Number(message.id)) return [...messages, message];
  const others = messages.filter(({ id }) => id !== message.id);
  return [...others, message].sort((one, other) => Number(one.id) - Number(other.id));
}
