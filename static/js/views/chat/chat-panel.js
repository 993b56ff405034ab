// @ts-check
import { NextFrame } from "../../browser/next-frame.js";
import { arrange, keyed } from "../elements/keyed.js";
import { part, piece, setAttribute, setShown, setText } from "../elements/pieces.js";
import { drawRow } from "./message-row.js";
import { MessageWindow, STEP } from "./message-window.js";
import { ReadingPlace } from "./reading-place.js";
import { timeline } from "./timeline.js";
import { unreadOf } from "./unread.js";
import { say } from "../../words/chat/say.js";
import { say as sayCommon } from "../../words/common/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */
/** @typedef {import("./timeline.js").Row} Row */
/** @typedef {import("../../state/shapes.js").ChatMessage} ChatMessage */

const ACTIVITY_KEY = "beatsync:chat-activity";

/** The messages of the room, and what happened between them. */
export class ChatPanel {
  #root;
  #list;
  #history;
  #outbox;
  #storage;
  #announcer;
  #mark;
  #composer;
  #place;
  #loadOlder;
  #mayOpen;
  /** @type {ViewModel|null} */
  #model = null;
  #rows = new Map();
  #window = new MessageWindow();
  #frame = new NextFrame(() => this.#render());
  /** Scrolling redraws no row. */
  #placeFrame = new NextFrame(() => this.#model && this.#follow(this.#model.me.id));
  /** Until that fails: then the key tries again. */
  #loadsByItself = true;
  /** The latest message that was announced or in view before. @type {string|null} */
  #heard = null;

  /**
   * @param {HTMLElement} root
   * @param {{history: import("./chat-history.js").ChatHistory, outbox: import("../../net/outbox.js").Outbox, storage: import("../../browser/json-storage.js").JsonStorage,
   *   announcer: import("../elements/announcer.js").Announcer, mark: import("./chat-mark.js").ChatMark, composer: import("./composer.js").Composer,
   *   loadOlder: () => Promise<boolean>, open: (message: ChatMessage, opener: HTMLElement) => void, show: (id: string) => void,
   *   mayOpen: (message: ChatMessage) => boolean, openReports: (opener: HTMLElement) => void}} options
   *   loadOlder: whether it succeeded; open: what one may do about a message; show: a hidden one again
   */
  constructor(root, { history, outbox, storage, announcer, mark, composer, loadOlder, open, show, mayOpen, openReports }) {
    this.#root = root;
    this.#list = part(root, "chat-list");
    this.#history = history;
    this.#outbox = outbox;
    this.#storage = storage;
    this.#announcer = announcer;
    this.#mark = mark;
    this.#composer = composer;
    this.#loadOlder = loadOlder;
    this.#mayOpen = mayOpen;
    const scroller = part(root, "chat-scroll");
    this.#place = new ReadingPlace(scroller, this.#list);
    this.#place.addEventListener("change", () => this.#placeFrame.ask());
    history.addEventListener("change", () => this.#frame.ask());
    outbox.addEventListener("change", () => this.#frame.ask());
    document.addEventListener("visibilitychange", () => this.#frame.ask());
    // Nothing is drawn where nobody sees it.
    new ResizeObserver(() => this.#frame.ask()).observe(scroller);
    this.#list.addEventListener("click", (/** @type {Event} */ event) => {
      const key = /** @type {HTMLElement} */ (event.target).closest("[data-more], [data-show-again]");
      const row = /** @type {any} */ (key?.closest("li"))?.row;
      if (!(key instanceof HTMLElement) || !row?.message) return;
      if (key.hasAttribute("data-more")) open(row.message, key);
      else show(row.message.id);
    });
    part(root, "older").addEventListener("click", () => this.#loadMore());
    part(root, "chat-new").addEventListener("click", () => this.goToEnd());
    part(root, "activity-key").addEventListener("click", () => {
      storage.write(ACTIVITY_KEY, !this.#showsActivity);
      this.#frame.ask();
    });
    part(root, "reported").addEventListener("click", () => openReports(part(root, "reported")));
  }

  /** @param {ViewModel} viewModel */
  draw(viewModel) {
    this.#model = viewModel;
    this.#frame.cancel();
    this.#render();
  }

  goToEnd() {
    this.#window.followLatest();
    this.#place.goToEnd();
    this.#frame.ask();
  }

  get #showsActivity() {
    return this.#storage.read(ACTIVITY_KEY) !== false;
  }

  get #isSeen() {
    return this.#list.getClientRects().length > 0 && !document.hidden;
  }

  /** Those that the page knows come first. */
  async #loadMore() {
    const { messages } = this.#history;
    if (this.#window.over(messages).isOpenAbove) this.#move(-STEP);
    else this.#loadsByItself = await this.#loadOlder();
  }

  /** @param {number} by  messages; up is negative */
  #move(by) {
    this.#window.move(this.#history.messages, by);
    this.#frame.ask();
  }

  #render() {
    const model = this.#model;
    if (!model) return;
    const { state: { chat, activity, reports }, members: people, me, stale, can, room } = model;
    this.#composer.draw();
    setShown(part(this.#root, "reported"), reports.length > 0 && can.moderate);
    setText(part(this.#root, "reported"), say("reports.count", { n: reports.length }));
    if (!this.#isSeen || !room || !chat) return;
    const { messages, hasOlder } = this.#history;
    const pending = this.#outbox.pending.flatMap((entry) => (entry.kind === "message" ? [entry] : []));
    const { shown, isOpenAbove, isOpenBelow } = this.#window.over(messages);
    const lines = this.#showsActivity ? activity.filter(({ after }) => after !== null || !isOpenAbove) : [];
    const rows = timeline({ messages: shown, activity: lines, pending: isOpenBelow ? [] : pending, people, me: me.id });
    const reported = new Map(reports.map(({ message, count }) => [message.id, count]));
    const mayOpen = (/** @type {Row} */ row) => "message" in row && this.#mayOpen(row.message);
    this.#place.isOpenBelow = isOpenBelow;
    this.#place.keepWhile(() => {
      const nodes = keyed(this.#rows, rows, ({ key }) => key, ({ kind }) => piece(kind === "message" || kind === "pending" ? "piece-chat-message" : "piece-chat-line"));
      rows.forEach((row, n) => {
        nodes[n].row = row;
        drawRow(nodes[n], row, { people, me, isStale: stale, reported, mayOpen });
      });
      arrange(this.#list, nodes, /** @type {HTMLElement|null} */ (document.activeElement?.closest("[data-chat-list] > *") ?? null));
      setShown(part(this.#root, "older"), hasOlder || isOpenAbove);
      setShown(part(this.#root, "chat-empty"), rows.length === 0);
    });
    setAttribute(part(this.#root, "activity-key"), "aria-pressed", String(this.#showsActivity));
    this.#announce(messages, me.id);
    this.#follow(me.id);
  }

  /** What is in view is read; what came while somebody reads above waits behind a key. @param {string} me */
  #follow(me) {
    if (!this.#isSeen) return;
    const { messages, hasOlder } = this.#history;
    const last = messages.at(-1);
    if (!this.#place.isAtEnd) this.#window.stay(messages);
    else if (last) {
      this.#window.followLatest();
      this.#history.forgetOldest();
      this.#mark.markSeen(last.id);
      if (this.#model) this.#mark.draw(this.#model);
    }
    const { count } = unreadOf(messages, { seen: this.#mark.seen, me });
    const isShown = !this.#place.isAtEnd && count > 0;
    setShown(part(this.#root, "chat-new"), isShown);
    if (isShown) setText(part(this.#root, "chat-new-words"), say("message.new", { n: count }));
    if (!this.#place.isAtEnd) this.#reach(hasOlder);
  }

  /** Who reads near the first or the last row gets more there. @param {boolean} hasOlder */
  #reach(hasOlder) {
    const { isOpenAbove, isOpenBelow } = this.#window.over(this.#history.messages);
    if (this.#place.isNearStart && (isOpenAbove || (hasOlder && this.#loadsByItself))) this.#loadMore();
    else if (isOpenBelow && this.#place.isNearEnd) this.#move(STEP);
  }

  /** One sentence for all that came meanwhile: a log that reads itself out drowns everything else. @param {readonly ChatMessage[]} messages @param {string} me */
  #announce(messages, me) {
    const latest = messages.at(-1)?.id ?? "0";
    this.#heard ??= latest;
    if (Number(latest) <= Number(this.#heard)) return;
    this.#announcer.announceLater(() => {
      const { members, state } = /** @type {ViewModel} */ (this.#model);
      const unheard = state.chat.filter(({ id, member, state: is }) => Number(id) > Number(this.#heard) && member !== me && is === "shown");
      this.#heard = state.chat.at(-1)?.id ?? this.#heard;
      const [one] = unheard;
      if (!one) return [];
      return [{ rank: 9, words: unheard.length > 1 ? say("message.new", { n: unheard.length }) : `${members.get(one.member)?.name ?? sayCommon("person.somebody")}: ${one.text}` }];
    }, "chat");
  }
}
