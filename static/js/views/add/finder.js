// @ts-check
import { LIBRARY } from "../../state/sources.js";
import { lettersMissing, Search } from "./search.js";
import { failedWords } from "../words/source-trouble.js";
import { TrackList } from "./track-list.js";
import { sourceName } from "../words/words.js";
import { say, sayOf } from "../../words/add/say.js";

/** What one source has for the words in the field. Sources are never mixed. */
export class Finder {
  #source;
  #announcer;
  #elsewhere;
  #search;
  #fewest;

  /**
   * @param {HTMLElement} root
   * @param {{api: import("../../net/api.js").Api, code: string, source: string, pauseMs?: number, fewest?: number, everything?: boolean,
   *   announcer: import("../elements/announcer.js").Announcer, intents: import("./result.js").Intents, drawn: () => void,
   *   elsewhere: () => string}} options
   *   everything: without words it lists all there is; drawn: other results stand here; elsewhere: where else to look
   */
  constructor(root, { api, code, source, pauseMs, fewest, everything, announcer, intents, drawn, elsewhere }) {
    this.#source = source;
    this.#fewest = fewest;
    this.#announcer = announcer;
    this.#elsewhere = elsewhere;
    this.list = new TrackList(root, { intents, title: sourceName(source), more: () => this.#search.more() });
    this.#search = new Search({
      api,
      code,
      source,
      pauseMs,
      fewest,
      everything,
      found: (found) => {
        this.#found(found);
        drawn();
      },
      failed: (error, again) => {
        this.list.setBusy(false);
        if (!again) this.list.clear();
        this.list.note(error.code === "offline" ? say("find.offline") : failedWords(error));
      },
    });
  }

  /** @param {string} typed @param {{atOnce?: boolean}} [options]  atOnce: Enter was pressed */
  ask(typed, options) {
    this.list.note("");
    const state = this.#search.ask(typed, options);
    // Until they are replaced, they are marked: they answer other words.
    this.list.setBusy(state === "asking");
    if (state !== "short") return;
    this.list.clear();
    if (typed.trim() !== "") this.list.note(sayOf("letters_missing", String(lettersMissing(typed, this.#source, this.#fewest)), {}, ""));
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

  /** @param {import("./track-list.js").Page & {words: string, near: boolean}} found */
  #found({ words, near, ...page }) {
    this.list.setBusy(false);
    const size = this.list.put(page);
    this.list.lead(near ? say("find.near", { words }) : "");
    this.list.note(size > 0 ? "" : this.#nothing(words));
    const heard = near ? say("find.near_heard", { words, n: size }) : size > 0 ? say("find.found", { n: size }) : this.#nothing(words);
    if (words) this.#announcer.say(heard);
  }

  /** @param {string} words */
  #nothing(words) {
    if (this.#source !== LIBRARY) {
      const source = sourceName(this.#source);
      return words ? say("find.none_at", { words, source }) : say("find.empty_at", { source });
    }
    return words ? [say("find.none", { words }), this.#elsewhere()].filter(Boolean).join(" ") : say("find.empty");
  }
}
