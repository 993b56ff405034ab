// @ts-check
import { part, setShown, setText } from "./pieces.js";
import { Result } from "./result.js";
import { FEWEST_LETTERS, Search } from "./search.js";
import { ordinal } from "./words.js";

/** @typedef {import("./scene.js").Show} Show */
/** @typedef {import("../shapes.js").Track} Track */

/** Finding a track and adding it. The panel stays open; what came of it is said beside the track. */
export class Add {
  #root;
  #input;
  #outbox;
  #announcer;
  #intents;
  #search;
  /** @type {Map<string, Result>} */
  #results = new Map();
  /** @type {Show|null} */
  #show = null;
  #begun = false;

  /**
   * @param {HTMLElement} root
   * @param {{api: import("../api.js").Api, code: string, outbox: import("../outbox.js").Outbox,
   *   announcer: import("./announcer.js").Announcer, vote: (item: any, way: 1|-1) => void}} options
   */
  constructor(root, { api, code, outbox, announcer, vote }) {
    this.#root = root;
    this.#outbox = outbox;
    this.#announcer = announcer;
    this.#intents = { vote, add: (/** @type {Track} */ track) => outbox.add(track.uri) };
    this.#input = /** @type {HTMLInputElement} */ (root.querySelector("input"));
    this.#search = new Search({ api, code, found: (result) => this.#list(result), failed: (error) => this.#note(error.message) });
    this.#input.addEventListener("input", () => this.#typed());
    part(root, "search").addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
    part(root, "search-clear").addEventListener("click", () => this.clear());
    part(root, "add-more").addEventListener("click", () => this.#search.more());
    outbox.addEventListener("change", () => this.#redraw());
    for (const name of ["sent", "refused", "kept"]) {
      outbox.addEventListener(name, (event) => this.#answered(name, /** @type {CustomEvent} */ (event).detail));
    }
  }

  /** @param {Show} show */
  draw(show) {
    this.#show = show;
    if (!this.#begun) {
      this.#begun = true;
      this.#search.ask("");
    }
    this.#redraw();
  }

  focus() {
    this.#input.focus();
    this.#input.select();
  }

  clear() {
    if (this.#input.value === "") return false;
    this.#input.value = "";
    this.#typed();
    this.#input.focus();
    return true;
  }

  #typed() {
    const { value } = this.#input;
    setShown(part(this.#root, "search-clear"), value !== "");
    const missing = FEWEST_LETTERS - value.trim().length;
    this.#note(value.trim() !== "" && missing > 0 ? `${missing === 1 ? "One more letter" : "Two more letters"}` : "");
    this.#search.ask(value);
  }

  /** @param {{words: string, tracks: Track[], more: boolean, appended: boolean}} found */
  #list({ words, tracks, more, appended }) {
    const known = this.#results;
    const kept = appended ? [...known] : [];
    const fresh = tracks.map((track) => /** @type {[string, Result]} */ ([track.uri, known.get(track.uri) ?? new Result(track, this.#intents)]));
    this.#results = new Map([...kept, ...fresh]);
    part(this.#root, "results").replaceChildren(...[...this.#results.values()].map(({ element }) => element));
    setShown(part(this.#root, "add-more"), more);
    this.#note(this.#results.size > 0 ? "" : words ? `No “${words}” in the library.` : "The library is empty.");
    if (words) this.#announcer.say(this.#results.size === 1 ? "1 track found" : `${this.#results.size} tracks found`);
    this.#redraw();
  }

  #redraw() {
    const show = this.#show;
    if (!show) return;
    const adding = new Set(this.#outbox.pending.map((entry) => ("uri" in entry ? entry.uri : null)));
    for (const [uri, result] of this.#results) result.draw(show, adding.has(uri));
  }

  /** @param {string} how @param {{entry: any, answer?: any, error?: any}} detail */
  #answered(how, { entry, answer, error }) {
    if (entry.kind !== "add") return;
    const result = this.#results.get(entry.uri);
    if (how === "sent") {
      this.#said(result, this.#place(answer), true);
    } else {
      const offline = how === "kept" && (error?.status ?? 0) === 0;
      this.#said(result, offline ? "Kept. It goes out once the line is back." : error?.message ?? "Kept for a moment.", false);
    }
  }

  /** @param {any} item */
  #place(item) {
    if (item.added_by !== this.#show?.me.id) return "It waits already: your vote counts.";
    const index = this.#show?.queue.findIndex(({ id }) => id === item.id) ?? -1;
    return index === -1 ? "Added." : `Added, ${ordinal(index + 1)}.`;
  }

  /** @param {Result|undefined} result @param {string} words @param {boolean} good */
  #said(result, words, good) {
    result?.say(words, good);
    if (good) this.#announcer.say(words);
    else this.#announcer.now(words);
  }

  /** @param {string} words */
  #note(words) {
    const note = part(this.#root, "add-note");
    setText(note, words);
    setShown(note, words !== "");
  }
}
