// @ts-check
import { LIBRARY } from "../sources.js";
import { Search } from "./search.js";
import { failedWords } from "./source-trouble.js";
import { TrackList } from "./track-list.js";
import { sourceName } from "./words.js";

/** What one source has for the words in the field. Sources are never mixed. */
export class Finder {
  #source;
  #announcer;
  #elsewhere;
  #search;

  /**
   * @param {HTMLElement} root
   * @param {{api: import("../api.js").Api, code: string, source: string, pauseMs?: number, everything?: boolean,
   *   announcer: import("./announcer.js").Announcer, intents: import("./result.js").Intents, drawn: () => void,
   *   elsewhere: () => string}} options
   *   everything: without words it lists all there is; drawn: other results stand here; elsewhere: where else to look
   */
  constructor(root, { api, code, source, pauseMs, everything, announcer, intents, drawn, elsewhere }) {
    this.#source = source;
    this.#announcer = announcer;
    this.#elsewhere = elsewhere;
    this.list = new TrackList(root, { intents, more: () => this.#search.more() });
    this.#search = new Search({
      api,
      code,
      source,
      pauseMs,
      everything,
      found: (found) => {
        this.#found(found);
        drawn();
      },
      failed: (error, again) => {
        if (!again) this.list.clear();
        this.list.note(error.code === "offline" ? "No connection. It is tried again soon." : failedWords(error));
      },
    });
  }

  /** @param {string} typed */
  ask(typed) {
    const words = typed.trim();
    this.list.note("");
    if (words === "" && this.#source !== LIBRARY) this.list.clear();
    this.#search.ask(typed);
  }

  again() {
    this.#search.again();
  }

  /** The line may be back. */
  retry() {
    this.#search.retry();
  }

  /** Does what stands here answer these words? @param {string} typed */
  answers(typed) {
    return this.#search.asked === typed.trim();
  }

  /** @param {import("./track-list.js").Page & {words: string}} found */
  #found({ words, ...page }) {
    const size = this.list.put(page);
    this.list.note(size > 0 ? "" : this.#nothing(words));
    if (words) this.#announcer.say(size === 1 ? "1 track found" : `${size} tracks found`);
  }

  /** @param {string} words */
  #nothing(words) {
    if (this.#source !== LIBRARY) return `No “${words}” at ${sourceName(this.#source)}.`;
    return words ? `No “${words}” in the library.${this.#elsewhere()}` : "The library is empty.";
  }
}
