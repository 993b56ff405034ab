// @ts-check
import { part, pieces, setShown, setText } from "../elements/pieces.js";
import { closingOf } from "../words/closing.js";
import { sourceTroubleOf } from "../words/source-trouble.js";
import { siteNoticeOf } from "../words/site-notice.js";
import { silenceOf, troubleOf } from "../words/trouble.js";
import { listed } from "../../words/say.js";
import { say, sayOf } from "../../words/room/say.js";
import { newsSince } from "./news-since.js";

/** @typedef {import("./renderer.js").ViewModel} ViewModel */
/** @typedef {import("../../net/socket.js").Status} Status */

/** A hiccup is no news. */
const OFFLINE_AFTER_MS = 1_500;
/** A reader is interrupted later than the eye. */
const SPOKEN_AFTER_MS = 5_000;
const CATCH_UP_AFTER_MS = 10_000;
const CATCH_UP_STAYS_MS = 6_000;

/** What a way leads to: the room's page about a source. A key does all else. */
const WAYS = new Set(["reconnect", "connect", "account"]);
/** @typedef {"retry"|NonNullable<import("../words/trouble.js").Trouble["act"]>} Act */

/** What is wrong with the line, the sound or a source of music, if anything: one at a time, the worst wins. */
export class Banner {
  #root;
  #outbox;
  #clock;
  #announcer;
  #onStale;
  #mayClaim;
  #storage;
  #laterKey;
  /** Where the pages of this room are. */
  #base;
  /** @type {import("../words/trouble.js").Trouble|null} */
  #trouble = null;
  /** The site's staff says something. @type {import("../words/trouble.js").Trouble|null} */
  #notice = null;
  #readKey;
  /** No device makes the sound. @type {import("../words/trouble.js").Trouble|null} */
  #silence = null;
  /** @type {Act|null} */
  #act = null;
  /** @type {Status|null} */
  #status = null;
  /** @type {number|null} */
  #downSince = null;
  /** What waited when the line went. @type {ViewModel["queue"]} */
  #queueBefore = [];
  /** @type {number|null} */
  #retryAt = null;
  #spoken = false;
  /** Joining was put off. @type {{words: string, until: number}|null} */
  #joining = null;
  /** @type {{awayMs: number, until: number}|null} */
  #caughtUp = null;
  /** @type {ViewModel|null} */
  #model = null;
  #kind = "";

  /**
   * @param {HTMLElement} root
   * @param {{socket: import("../../net/socket.js").RoomSocket, outbox: import("../../net/outbox.js").Outbox, clock: {now(): number},
   *   announcer: import("../elements/announcer.js").Announcer, onStale: (stale: boolean) => void, mayClaim: () => boolean,
   *   playHere: () => void, playOn: () => void, choosePlayer: (opener: HTMLElement) => void,
   *   storage: import("../../browser/json-storage.js").JsonStorage, code: string}} options
   *   mayClaim: may this device become the speaker? playHere, playOn: called inside the tap; storage: remembers what was put off in this room
   */
  constructor(root, { socket, outbox, clock, announcer, onStale, mayClaim, playHere, playOn, choosePlayer, storage, code }) {
    this.#root = root;
    this.#outbox = outbox;
    this.#clock = clock;
    this.#announcer = announcer;
    this.#onStale = onStale;
    this.#mayClaim = mayClaim;
    this.#storage = storage;
    this.#base = `/r/${code}`;
    this.#laterKey = `beatsync:later:${code}`;
    this.#readKey = `beatsync:notice-read:${code}`;
    const served = root.hidden ? "" : (root.textContent ?? "").trim();
    root.replaceChildren(pieces("piece-banner"));
    if (served) this.#show("wait", "silent", served, "", null);
    const now = /** @type {HTMLElement} */ (root.previousElementSibling);
    // On a phone both stick, one below the other.
    new ResizeObserver(() => root.style.setProperty("--now-height", `${now.offsetHeight}px`)).observe(now);
    // On a desktop the queue begins below it.
    new ResizeObserver(() => root.parentElement?.style.setProperty("--banner-height", `${root.offsetHeight}px`)).observe(root);
    const retry = () => {
      socket.retryNow();
      outbox.flush();
    };
    const key = part(root, "act");
    /** @type {Partial<Record<Act, () => void>>} */
    const acts = { retry, here: playHere, play: playOn, player: () => choosePlayer(key) };
    key.addEventListener("click", () => this.#act && acts[this.#act]?.());
    part(root, "later").addEventListener("click", () => this.#putOff());
    socket.addEventListener("status", (event) => this.#heard(/** @type {CustomEvent} */ (event).detail));
    outbox.addEventListener("change", () => this.#render());
    setInterval(() => this.#render(), 1_000);
  }

  /** @param {ViewModel} viewModel */
  draw(viewModel) {
    this.#model = viewModel;
    const before = this.#trouble ?? this.#notice ?? this.#silence;
    this.#trouble = troubleOf(viewModel, this.#mayClaim()) ?? this.#unlessPutOff(sourceTroubleOf(viewModel));
    const notice = siteNoticeOf(viewModel);
    this.#notice = notice !== null && notice.key === this.#storage.read(this.#readKey) ? null : notice;
    this.#silence = silenceOf(viewModel, this.#mayClaim());
    const { bold = "", rest = "" } = this.#trouble ?? this.#notice ?? this.#silence ?? {};
    if (bold && (before?.bold !== bold || before.rest !== rest)) this.#announcer.say(`${bold} ${rest}`);
    this.#render();
  }

  /** There is no line yet, and the next try to join is so far away. @param {string} words @param {number} ms */
  waits(words, ms) {
    if (this.#joining?.words !== words) this.#announcer.now(words);
    this.#joining = { words, until: this.#clock.now() + ms };
    this.#render();
  }

  /** @param {import("../words/trouble.js").Trouble|null} trouble */
  #unlessPutOff(trouble) {
    return trouble?.key !== undefined && trouble.key === this.#storage.read(this.#laterKey) ? null : trouble;
  }

  /** Not again in this room, until it is another trouble or another notice. */
  #putOff() {
    if (this.#trouble) this.#storage.write(this.#laterKey, this.#trouble.key ?? null);
    else if (this.#notice) this.#storage.write(this.#readKey, this.#notice.key ?? null);
    if (!this.#trouble) this.#notice = null;
    this.#trouble = null;
    this.#render();
  }

  /** @param {Status} status */
  #heard(status) {
    const up = status.state === "live" || status.state === "polling";
    this.#joining = null;
    if (up) this.#back();
    else if (status.state === "offline" && this.#downSince === null) {
      this.#downSince = this.#clock.now();
      this.#queueBefore = this.#queue;
      setTimeout(() => this.#render(), OFFLINE_AFTER_MS + 1);
    }
    if (status.retryInMs !== null) this.#retryAt = this.#clock.now() + status.retryInMs;
    this.#status = status;
    this.#render();
  }

  get #queue() {
    return this.#model?.state.queue ?? [];
  }

  /** The line is there again; the frame that brings the news follows or has just come. */
  #back() {
    const since = this.#downSince;
    this.#downSince = null;
    if (since === null) return;
    if (this.#spoken) this.#announcer.now(say("offline.back"));
    this.#spoken = false;
    const awayMs = this.#clock.now() - since;
    if (awayMs >= CATCH_UP_AFTER_MS) this.#caughtUp = { awayMs, until: this.#clock.now() + CATCH_UP_STAYS_MS };
  }

  #render() {
    const now = this.#clock.now();
    const down = this.#downSince !== null && now - this.#downSince >= OFFLINE_AFTER_MS;
    this.#onStale(down);
    if (down) {
      this.#show("wait", "offline", say("offline.title"), this.#offlineWords(now), "retry");
      if (!this.#spoken && now - /** @type {number} */ (this.#downSince) >= SPOKEN_AFTER_MS) {
        this.#spoken = true;
        this.#announcer.now(say("offline.title"));
      }
    } else if (this.#joining) {
      const wait = Math.ceil((this.#joining.until - now) / 1000);
      this.#show("wait", "again", this.#joining.words, wait > 0 ? say("joining.wait", { wait }) : say("offline.trying"), null);
    } else if (this.#caughtUp && now < this.#caughtUp.until) {
      this.#show("wait", "again", say("catching_up.title"), newsSince(this.#queueBefore, this.#queue, this.#caughtUp.awayMs), null);
    } else if (this.#trouble) {
      this.#showTrouble(this.#trouble);
    } else if (this.#notice) {
      this.#showTrouble(this.#notice);
    } else if (this.#status?.state === "polling") {
      this.#show("plain", "polling", say("slow_line.title"), say("slow_line.words"), null);
    } else if (this.#silence) {
      this.#showTrouble(this.#silence);
    } else if (this.#model && !this.#showClosing(this.#model, now)) {
      // Before the first news what the server has put there stays.
      this.#kind = "";
      setShown(this.#root, false);
    }
  }

  /** Whether there is a closing time to tell of. @param {ViewModel} model @param {number} now */
  #showClosing(model, now) {
    const closing = closingOf(model, now);
    if (closing) this.#show("plain", "hourglass", closing.bold, closing.rest, null);
    return closing !== null;
  }

  /** @param {import("../words/trouble.js").Trouble} trouble */
  #showTrouble({ kind, icon, bold, rest, act, key, page }) {
    part(this.#root, "way").href = page ? `${this.#base}/${page}` : this.#base;
    this.#show(kind, icon, bold, rest, act, key !== undefined);
  }

  /** @param {number} now */
  #offlineWords(now) {
    const { pending } = this.#outbox;
    const kept = pending.length === 0 ? "" : say("kept.all", { n: pending.length, what: pendingWords(pending) });
    const wait = this.#retryAt === null ? 0 : Math.ceil((this.#retryAt - now) / 1000);
    return [kept, wait > 0 ? say("offline.next_try", { wait }) : say("offline.trying")].filter(Boolean).join(" ");
  }

  /**
   * @param {string} kind @param {string} icon @param {string} bold @param {string} rest
   * @param {Act|null} act @param {boolean} [later]  may it be put off?
   */
  #show(kind, icon, bold, rest, act, later = false) {
    this.#act = act;
    this.#root.dataset.kind = kind;
    if (this.#kind !== icon) {
      this.#kind = icon;
      for (const mark of this.#root.querySelectorAll("[data-icon]")) setShown(/** @type {HTMLElement} */ (mark), /** @type {HTMLElement} */ (mark).dataset.icon === icon);
    }
    setText(part(this.#root, "bold"), bold);
    setText(part(this.#root, "rest"), rest);
    const word = act === null ? "" : sayOf("try", act, {}, "");
    const leads = act !== null && WAYS.has(act);
    this.#say("act", leads ? "" : word);
    this.#say("way", leads ? word : "");
    setShown(part(this.#root, "later"), later);
    setShown(this.#root, true);
  }

  /** A key or a way with this word, none without. @param {string} name @param {string} word */
  #say(name, word) {
    setText(part(this.#root, `${name}-word`), word);
    setShown(part(this.#root, name), word !== "");
  }
}

/** @type {import("../../net/outbox.js").Entry["kind"][]} */
const KINDS = ["vote", "add", "message"];

/** "2 votes and 1 track" @param {readonly {kind: string}[]} pending */
function pendingWords(pending) {
  const counts = KINDS.map((kind) => ({ kind, n: pending.filter((entry) => entry.kind === kind).length }));
  return listed(counts.filter(({ n }) => n > 0).map(({ kind, n }) => sayOf("kept", kind, { n }, "")));
}
