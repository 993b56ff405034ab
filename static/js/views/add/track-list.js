// @ts-check
import { part, setAttribute, setShown, setText } from "../elements/pieces.js";
import { Result } from "./result.js";
import { oldWords } from "../words/source-trouble.js";
import { skippedWords } from "../words/outcomes.js";

/** @typedef {import("../../state/shapes.js").Found} Found */
/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */
/**
 * @typedef {{tracks: Found[], more: boolean, appended: boolean, skipped: Record<string, number>,
 *   staleSince: number|null}} Page  staleSince: the moment it is from, where nothing newer could be had
 */

/** Tracks to choose from, in pages: what a search has found, or what a playlist holds. */
export class TrackList {
  #root;
  #intents;
  #title;
  /** @type {Map<string, Result>} */
  #results = new Map();
  /** @type {Record<string, number>} */
  #skipped = {};

  /** @param {HTMLElement} root @param {{intents: import("./result.js").Intents, more: () => void, title?: string}} options  title: of their source */
  constructor(root, { intents, more, title = "" }) {
    this.#root = root;
    this.#intents = intents;
    this.#title = title;
    part(root, "add-more").addEventListener("click", more);
  }

  get results() {
    return this.#results;
  }

  /** @param {Page} page @returns {number} how many stand here now */
  put({ tracks, more, appended, skipped, staleSince }) {
    const known = this.#results;
    const fresh = tracks.map((track) => /** @type {[string, Result]} */ ([track.uri, known.get(track.uri) ?? new Result(track, this.#intents)]));
    for (const [index, [, result]] of fresh.entries()) result.track = tracks[index];
    // What cannot be added now stands last, whatever page it came with.
    this.#results = new Map([...(appended ? known : []), ...fresh].sort(([, one], [, other]) => Number(one.isRefused) - Number(other.isRefused)));
    this.#skipped = appended ? summed(this.#skipped, skipped) : skipped;
    part(this.#root, "results").replaceChildren(...[...this.#results.values()].map(({ element }) => element));
    setShown(part(this.#root, "add-more"), more);
    this.#say("left-out", skippedWords(this.#skipped));
    this.#say("old", staleSince === null ? "" : oldWords(staleSince, this.#title));
    return this.#results.size;
  }

  clear() {
    this.put({ tracks: [], more: false, appended: false, skipped: {}, staleSince: null });
    this.note("");
    this.lead("");
  }

  /** Does something else stand here in a moment? @param {boolean} busy */
  setBusy(busy) {
    setAttribute(part(this.#root, "results"), "aria-busy", busy ? "true" : null);
  }

  /** @param {ViewModel} viewModel @param {import("./result.js").Adding} adding */
  draw(viewModel, adding) {
    for (const [uri, result] of this.#results) result.draw(viewModel, adding.get(uri) ?? null);
  }

  /** @param {string} words */
  note(words) {
    this.#say("add-note", words);
  }

  /** What has to be known before reading it. @param {string} words */
  lead(words) {
    this.#say("lead", words);
  }

  /** @param {boolean} shown */
  show(shown) {
    setShown(this.#root, shown);
  }

  /** @param {string} name @param {string} words */
  #say(name, words) {
    setText(part(this.#root, name), words);
    setShown(part(this.#root, name), words !== "");
  }
}

/** @param {Record<string, number>} one @param {Record<string, number>} other */
function summed(one, other) {
  const sum = { ...one };
  for (const [reason, n] of Object.entries(other)) sum[reason] = (sum[reason] ?? 0) + n;
  return sum;
}
