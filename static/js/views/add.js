// @ts-check
import { part, setPips, setShown, setText } from "./pieces.js";
import { places, placesWords } from "./refusals.js";
import { Result } from "./result.js";
import { FEWEST_LETTERS, Search } from "./search.js";

/** @typedef {import("./scene.js").Show} Show */
/** @typedef {import("../shapes.js").Found} Found */
/** @typedef {import("../shapes.js").Refusal} Refusal */

const ABOUT_THE_TRACK = new Set(["rests", "too_long", "explicit_off"]);
/** Other rules, other results; a full room does not ask for them all at once. */
const ASK_AGAIN_WITHIN_MS = 3_000;

/** Finding a track and adding it. The panel stays open; what came of it is said beside the track. */
export class Add {
  #root;
  #input;
  #outbox;
  #announcer;
  #refused;
  #intents;
  #search;
  /** What was tried, by uri: a refusal may come when other results stand here. @type {Map<string, Found>} */
  #tried = new Map();
  /** @type {Map<string, Result>} */
  #results = new Map();
  /** @type {Show|null} */
  #show = null;
  #begun = false;
  #rules = "";

  /**
   * @param {HTMLElement} root
   * @param {{api: import("../api.js").Api, code: string, outbox: import("../outbox.js").Outbox,
   *   announcer: import("./announcer.js").Announcer, vote: (item: any, way: 1|-1) => void,
   *   undo: (item: any) => Promise<boolean>,
   *   refused: (track: Found|null, refusal: Refusal, opener: HTMLElement|null) => void}} options
   */
  constructor(root, { api, code, outbox, announcer, vote, undo, refused }) {
    this.#root = root;
    this.#outbox = outbox;
    this.#announcer = announcer;
    this.#refused = refused;
    this.#intents = { vote, undo, why: refused, add: (/** @type {Found} */ track) => this.#add(track) };
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
    this.#drawRules(show);
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

  /** @param {Found} track */
  #add(track) {
    this.#tried.set(track.uri, track);
    this.#outbox.add(track.uri);
  }

  /** @param {Show} show */
  #drawRules(show) {
    const { room, may } = show;
    const counted = may.add ? places(show) : null;
    setShown(part(this.#root, "places"), counted !== null);
    if (counted) {
      setText(part(this.#root, "places-words"), placesWords(counted));
      setPips(part(this.#root, "places-pips"), counted.used, counted.most);
    }
    setShown(part(this.#root, "add-closed"), !may.add);
    const rules = JSON.stringify(room.rules);
    if (this.#rules !== "" && this.#rules !== rules) setTimeout(() => this.#search.again(), Math.random() * ASK_AGAIN_WITHIN_MS);
    this.#rules = rules;
  }

  #typed() {
    const { value } = this.#input;
    setShown(part(this.#root, "search-clear"), value !== "");
    const missing = FEWEST_LETTERS - value.trim().length;
    this.#note(value.trim() !== "" && missing > 0 ? `${missing === 1 ? "One more letter" : "Two more letters"}` : "");
    this.#search.ask(value);
  }

  /** @param {{words: string, tracks: Found[], more: boolean, appended: boolean}} found */
  #list({ words, tracks, more, appended }) {
    const known = this.#results;
    const kept = appended ? [...known] : [];
    const fresh = tracks.map((track) => /** @type {[string, Result]} */ ([track.uri, known.get(track.uri) ?? new Result(track, this.#intents)]));
    for (const [index, [, result]] of fresh.entries()) result.track = tracks[index];
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
      this.#sent(result, answer);
    } else if (how === "refused") {
      this.#refuse(entry.uri, error);
    } else {
      const offline = (error?.status ?? 0) === 0;
      this.#said(result, offline ? "Kept. It goes out once the line is back." : error?.message ?? "Kept for a moment.", false);
    }
  }

  /** @param {Result|undefined} result @param {any} item */
  #sent(result, item) {
    // It may wait in another spelling than the one that was found.
    if (result) result.track.waiting_item = item.id;
    if (item.added_by !== this.#show?.me.id) {
      this.#said(result, "It waits already: your vote counts.", true);
      return;
    }
    result?.sayAdded(item.id);
    this.#redraw();
    this.#announcer.say("Added");
  }

  /** @param {string} uri @param {import("../api.js").ApiError} error */
  #refuse(uri, { code, message, untilMs }) {
    const track = this.#tried.get(uri) ?? this.#results.get(uri)?.track ?? null;
    const refusal = { code, message, until_ms: untilMs };
    // From now on the result itself says so, as the next search would.
    if (track && ABOUT_THE_TRACK.has(code)) track.refusal = refusal;
    this.#announcer.now(message);
    this.#redraw();
    this.#refused(track, refusal, /** @type {HTMLElement|null} */ (document.activeElement));
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
