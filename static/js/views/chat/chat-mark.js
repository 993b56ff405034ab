// @ts-check
import { setFlag, setShown, setText, part } from "../elements/pieces.js";
import { unreadOf } from "./unread.js";

/** As many as a snapshot has: there may be more. */
const MOST = 50;

/** How many messages a person has not seen, at the keys that lead to the chat. */
export class ChatMark {
  #marks;
  #storage;
  #key;
  /** @type {string|null} */
  #seen;

  /** @param {HTMLElement} root @param {{storage: import("../../browser/json-storage.js").JsonStorage, code: string}} options */
  constructor(root, { storage, code }) {
    this.#marks = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[data-unread]")]);
    this.#storage = storage;
    this.#key = `beatsync:chat-seen:${code}`;
    const kept = storage.read(this.#key);
    this.#seen = typeof kept === "string" ? kept : null;
  }

  /** The id of the latest message that was in view. */
  get seen() {
    return this.#seen ?? "0";
  }

  /** @param {{state: Pick<import("../../state/shapes.js").State, "chat">, me: {id: string}}} viewModel */
  draw({ state: { chat }, me }) {
    // What was said before somebody came is no news to them.
    if (this.#seen === null) this.markSeen(chat.at(-1)?.id ?? "0");
    const { count, isMentioned } = unreadOf(chat, { seen: this.seen, me: me.id });
    for (const mark of this.#marks) {
      setShown(mark, count > 0);
      setFlag(mark, "mentioned", isMentioned);
      setText(part(mark, "unread-count"), `${isMentioned ? "@" : ""}${count}${count >= MOST ? "+" : ""}`);
    }
  }

  /** @param {string} id */
  markSeen(id) {
    if (this.#seen !== null && Number(id) <= Number(this.#seen)) return;
    this.#seen = id;
    this.#storage.write(this.#key, id);
  }
}
