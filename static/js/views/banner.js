// @ts-check
import { part, pieces, setShown, setText } from "./pieces.js";
import { sourceTroubleOf } from "./source-trouble.js";
import { silenceOf, troubleOf } from "./trouble.js";
import { count, minutes } from "./words.js";

/** @typedef {import("./scene.js").Show} Show */
/** @typedef {import("../socket.js").Status} Status */

/** A hiccup is no news. */
const OFFLINE_AFTER_MS = 1_500;
/** A reader is interrupted later than the eye. */
const SPOKEN_AFTER_MS = 5_000;
const CATCH_UP_AFTER_MS = 10_000;
const CATCH_UP_STAYS_MS = 6_000;

/** What each key says. */
const ACTS = { retry: "Try now", here: "Play it here", play: "Play on", player: "Choose one" };
/** What each way to the room's page about Spotify says. */
const WAYS = { reconnect: "Reconnect", connect: "Connect", account: "See the account" };
/** @typedef {keyof typeof ACTS|keyof typeof WAYS} Act */

/** What is wrong with the line, the sound or a source of music, if anything: one at a time, the worst wins. */
export class Banner {
  #root;
  #outbox;
  #clock;
  #announcer;
  #onStale;
  #mayClaim;
  #drawer;
  #laterKey;
  /** @type {import("./trouble.js").Trouble|null} */
  #trouble = null;
  /** No device makes the sound. @type {import("./trouble.js").Trouble|null} */
  #silence = null;
  /** @type {Act|null} */
  #act = null;
  /** @type {Status|null} */
  #status = null;
  /** @type {number|null} */
  #downSince = null;
  #downRevision = 0;
  /** @type {number|null} */
  #retryAt = null;
  #spoken = false;
  /** Joining was put off. @type {{words: string, until: number}|null} */
  #joining = null;
  /** @type {{words: string, until: number}|null} */
  #caughtUp = null;
  #revision = 0;
  #kind = "";

  /**
   * @param {HTMLElement} root
   * @param {{socket: import("../socket.js").RoomSocket, outbox: import("../outbox.js").Outbox, clock: {now(): number},
   *   announcer: import("./announcer.js").Announcer, onStale: (stale: boolean) => void, mayClaim: () => boolean,
   *   playHere: () => void, playOn: () => void, choosePlayer: (opener: HTMLElement) => void, spotify: string,
   *   drawer: import("../storage.js").Drawer, code: string}} options
   *   mayClaim: may this device become the speaker? playHere, playOn: called inside the tap; spotify: where the host
   *   looks after the account; drawer: remembers what was put off in this room
   */
  constructor(root, { socket, outbox, clock, announcer, onStale, mayClaim, playHere, playOn, choosePlayer, spotify, drawer, code }) {
    this.#root = root;
    this.#outbox = outbox;
    this.#clock = clock;
    this.#announcer = announcer;
    this.#onStale = onStale;
    this.#mayClaim = mayClaim;
    this.#drawer = drawer;
    this.#laterKey = `beatsync:later:${code}`;
    root.append(pieces("piece-banner"));
    const now = /** @type {HTMLElement} */ (root.previousElementSibling);
    // On a phone both stick, one below the other.
    new ResizeObserver(() => root.style.setProperty("--now-height", `${now.offsetHeight}px`)).observe(now);
    // On a desktop the rack begins below it.
    new ResizeObserver(() => root.parentElement?.style.setProperty("--banner-height", `${root.offsetHeight}px`)).observe(root);
    const retry = () => {
      socket.retryNow();
      outbox.flush();
    };
    const key = part(root, "act");
    /** @type {Partial<Record<Act, () => void>>} */
    const acts = { retry, here: playHere, play: playOn, player: () => choosePlayer(key) };
    key.addEventListener("click", () => this.#act && acts[this.#act]?.());
    part(root, "way").href = spotify;
    part(root, "later").addEventListener("click", () => this.#putOff());
    socket.addEventListener("status", (event) => this.#heard(/** @type {CustomEvent} */ (event).detail));
    outbox.addEventListener("change", () => this.#render());
    setInterval(() => this.#render(), 1_000);
  }

  /** @param {Show} show */
  draw(show) {
    this.#revision = show.state.revision;
    const before = this.#trouble ?? this.#silence;
    this.#trouble = troubleOf(show, this.#mayClaim()) ?? this.#unlessPutOff(sourceTroubleOf(show));
    this.#silence = silenceOf(show, this.#mayClaim());
    const { bold = "", rest = "" } = this.#trouble ?? this.#silence ?? {};
    if (bold && (before?.bold !== bold || before.rest !== rest)) this.#announcer.say(`${bold} ${rest}`);
    this.#render();
  }

  /** There is no line yet, and the next try to join is so far away. @param {string} words @param {number} ms */
  waits(words, ms) {
    if (this.#joining?.words !== words) this.#announcer.now(words);
    this.#joining = { words, until: this.#clock.now() + ms };
    this.#render();
  }

  /** @param {import("./trouble.js").Trouble|null} trouble */
  #unlessPutOff(trouble) {
    return trouble?.key !== undefined && trouble.key === this.#drawer.read(this.#laterKey) ? null : trouble;
  }

  /** Not again in this room, until it is another trouble. */
  #putOff() {
    this.#drawer.write(this.#laterKey, this.#trouble?.key ?? null);
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
      this.#downRevision = this.#revision;
      setTimeout(() => this.#render(), OFFLINE_AFTER_MS + 1);
    }
    if (status.retryInMs !== null) this.#retryAt = this.#clock.now() + status.retryInMs;
    this.#status = status;
    this.#render();
  }

  /** The line is there again; the frame that brings the news follows or has just come. */
  #back() {
    const since = this.#downSince;
    this.#downSince = null;
    if (since === null) return;
    if (this.#spoken) this.#announcer.now("The connection is back");
    this.#spoken = false;
    const away = this.#clock.now() - since;
    if (away < CATCH_UP_AFTER_MS) return;
    const changes = Math.max(0, this.#revision - this.#downRevision);
    const what = changes === 1 ? "1 change" : `${changes} changes`;
    this.#caughtUp = {
      words: `${what} in the ${minutes(away)} you were away. Votes you tap now count.`,
      until: this.#clock.now() + CATCH_UP_STAYS_MS,
    };
  }

  #render() {
    const now = this.#clock.now();
    const down = this.#downSince !== null && now - this.#downSince >= OFFLINE_AFTER_MS;
    this.#onStale(down);
    if (down) {
      this.#show("wait", "offline", "No connection.", this.#offlineWords(now), "retry");
      if (!this.#spoken && now - /** @type {number} */ (this.#downSince) >= SPOKEN_AFTER_MS) {
        this.#spoken = true;
        this.#announcer.now("No connection");
      }
    } else if (this.#joining) {
      const wait = Math.ceil((this.#joining.until - now) / 1000);
      this.#show("wait", "again", this.#joining.words, wait > 0 ? `The page tries by itself: ${wait} s to go.` : "Trying now.", null);
    } else if (this.#caughtUp && now < this.#caughtUp.until) {
      this.#show("wait", "again", "Catching up.", this.#caughtUp.words, null);
    } else if (this.#trouble) {
      this.#showTrouble(this.#trouble);
    } else if (this.#status?.state === "polling") {
      this.#show("plain", "polling", "Slow line.", "This network blocks live updates, so the page asks every 3 s. Votes work.", null);
    } else if (this.#silence) {
      this.#showTrouble(this.#silence);
    } else {
      this.#kind = "";
      setShown(this.#root, false);
    }
  }

  /** @param {import("./trouble.js").Trouble} trouble */
  #showTrouble({ kind, icon, bold, rest, act, key }) {
    this.#show(kind, icon, bold, rest, act, key !== undefined);
  }

  /** @param {number} now */
  #offlineWords(now) {
    const kept = this.#outbox.pending.length;
    const votes = this.#outbox.pending.filter(({ kind }) => kind === "vote").length;
    const what = votes === kept ? count(kept, "vote") : votes === 0 ? count(kept, "track") : `${count(votes, "vote")} and ${count(kept - votes, "track")}`;
    const held = kept === 0 ? "" : kept === 1 ? `${what} is kept and goes out once. ` : `${what} are kept and go out once. `;
    const wait = this.#retryAt === null ? 0 : Math.ceil((this.#retryAt - now) / 1000);
    return wait > 0 ? `${held}Next try in ${wait} s.` : `${held}Trying now.`;
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
    this.#say("act", act !== null && act in ACTS ? ACTS[/** @type {keyof typeof ACTS} */ (act)] : "");
    this.#say("way", act !== null && act in WAYS ? WAYS[/** @type {keyof typeof WAYS} */ (act)] : "");
    setShown(part(this.#root, "later"), later);
    setShown(this.#root, true);
  }

  /** A key or a way with this word, none without. @param {string} name @param {string} word */
  #say(name, word) {
    setText(part(this.#root, `${name}-word`), word);
    setShown(part(this.#root, name), word !== "");
  }
}
