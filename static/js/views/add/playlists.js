// @ts-check
import { part, piece, setCover, setShown, setSourceLink, setText } from "../elements/pieces.js";
import { refusalWords } from "../../words/refusal.js";
import { failedWords, oldWords } from "../words/source-trouble.js";
import { TrackList } from "./track-list.js";
import { manyWords } from "../words/outcomes.js";
import { sourceName, titleWords, tracks as tracksWords } from "../words/words.js";
import { say } from "../../words/add/say.js";

/** @typedef {import("../../state/shapes.js").Playlist} Playlist */
/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */

/** So many fit into one call. */
const AT_ONCE = 50;
/** What was added may be taken back for so long. */
const UNDO_MS = 10_000;

/** The host's playlists at a source, and what is in the one that is open. */
export class Playlists {
  #root;
  #api;
  #source;
  #title;
  #path;
  #announcer;
  #addMany;
  #undoMany;
  #drawn;
  #list;
  /** @type {"no"|"pending"|"here"|"failed"} */
  #asked = "no";
  /** Since when the source was as it was at the last try. */
  #triedAt = 0;
  /** Where the next page of playlists, and of the open one's tracks, begins. @type {string|null} */
  #next = null;
  /** @type {string|null} */
  #nextTracks = null;
  /** @type {Playlist|null} */
  #open = null;
  /** What was added together, while that may be taken back. @type {Set<string>} */
  #added = new Set();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  /** The key that opened it. @type {HTMLElement|null} */
  #opener = null;

  /**
   * @param {HTMLElement} root
   * @param {{api: import("../../net/api.js").Api, code: string, source: string, announcer: import("../elements/announcer.js").Announcer,
   *   intents: import("./result.js").Intents, drawn: () => void,
   *   addMany: (uris: string[]) => Promise<import("../words/outcomes.js").Outcome[]>,
   *   undoMany: (ids: Set<string>) => Promise<{gone: number, left: number}>}} options
   *   source: its name; undoMany: gives how many of them it took out, and how many wait still
   */
  constructor(root, { api, code, source, announcer, intents, drawn, addMany, undoMany }) {
    this.#root = root;
    this.#api = api;
    this.#source = source;
    this.#title = sourceName(source);
    this.#path = `/api/rooms/${code}/playlists`;
    this.#announcer = announcer;
    this.#addMany = addMany;
    this.#undoMany = undoMany;
    this.#drawn = drawn;
    this.#list = new TrackList(part(root, "inside-tracks"), { intents, more: () => this.#loadTracks(), title: this.#title });
    part(root, "playlists-more").addEventListener("click", () => this.#load());
    part(root, "inside-back").addEventListener("click", () => this.#back());
    part(root, "add-all").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#addAll();
    });
    part(root, "use-as-shelf").addEventListener("click", () => this.#useAsShelf());
    part(root, "add-all-undo").addEventListener("click", () => this.#takeBack());
  }

  get list() {
    return this.#list;
  }

  /** They are in front now. What failed is tried again once the source is another than then. @param {number} at_ms */
  enter(at_ms) {
    const changed = this.#triedAt !== at_ms;
    this.#triedAt = at_ms;
    if (this.#asked === "no" || (this.#asked === "failed" && changed)) this.#load();
  }

  /** @param {ViewModel} viewModel @param {import("./result.js").Adding} adding */
  draw(viewModel, adding) {
    this.#list.draw(viewModel, adding);
    const open = this.#addable.length;
    setShown(part(this.#root, "add-all"), open > 0);
    setShown(part(this.#root, "use-as-shelf"), viewModel.can.govern && this.#list.results.size > 0);
    setText(part(this.#root, "add-all-word"), addWords(open, this.#nextTracks === null));
  }

  /** What "Add all" would add: neither waiting nor refused. */
  get #addable() {
    return [...this.#list.results.values()].filter(({ addable }) => addable).map(({ track }) => track.uri);
  }

  async #load() {
    if (this.#asked === "pending") return;
    this.#asked = "pending";
    this.#say("playlists-note", say("playlists.asking", { source: this.#title }));
    try {
      const { items, next, stale_since_ms = null } = await this.#api.get(`${this.#path}?${this.#query(this.#next)}`);
      part(this.#root, "playlists").append(...items.map((/** @type {Playlist} */ playlist) => this.#row({ ...playlist, name: titleWords(playlist.name, playlist.name_code) })));
      this.#next = next;
      this.#asked = "here";
      this.#say("playlists-old", stale_since_ms === null ? "" : oldWords(stale_since_ms, this.#title));
      this.#say("playlists-note", part(this.#root, "playlists").children.length > 0 ? "" : say("playlists.none"));
    } catch (error) {
      this.#asked = "failed";
      this.#say("playlists-note", failedWords(/** @type {any} */ (error)));
    }
    setShown(part(this.#root, "playlists-more"), this.#asked === "failed" || this.#next !== null);
    setText(part(this.#root, "playlists-more-word"), this.#asked === "failed" ? say("list.again") : say("list.more"));
  }

  /** @param {Playlist} playlist */
  #row(playlist) {
    const row = piece("piece-playlist");
    const { name, cover, link, readable, why_not, why_not_code } = playlist;
    const key = part(row, "open");
    setText(part(row, "title"), name);
    setCover(part(row, "cover"), cover);
    setText(part(row, "note"), playlistNote(playlist));
    setShown(part(row, "attribution"), link !== null);
    setSourceLink(part(row, "attribution"), this.#title, link, name);
    setShown(part(row, "why-not"), !readable);
    setText(part(row, "why-not"), refusalWords({ code: why_not_code ?? "", message: why_not ?? "" }) || say("playlists.owner_only", { source: this.#title }));
    setShown(key, readable);
    key.setAttribute("aria-label", say("list.open", { name }));
    key.addEventListener("click", () => this.#enterPlaylist(playlist, key));
    return row;
  }

  /** @param {Playlist} playlist @param {HTMLElement} opener */
  #enterPlaylist(playlist, opener) {
    this.#open = playlist;
    this.#opener = opener;
    this.#nextTracks = null;
    this.#list.clear();
    this.#sayOfAll("");
    setShown(part(this.#root, "add-all"), false);
    setText(part(this.#root, "inside-title"), playlist.name);
    setShown(part(this.#root, "inside-attribution"), playlist.link !== null);
    setSourceLink(part(this.#root, "inside-attribution"), this.#title, playlist.link, playlist.name);
    this.#turn(true);
    part(this.#root, "inside-title").focus();
    this.#loadTracks();
  }

  #back() {
    this.#open = null;
    this.#turn(false);
    this.#opener?.focus();
  }

  /** @param {boolean} inside */
  #turn(inside) {
    setShown(part(this.#root, "inside"), inside);
    setShown(part(this.#root, "outside"), !inside);
  }

  async #loadTracks() {
    const playlist = this.#open;
    const cursor = this.#nextTracks;
    if (!playlist) return;
    if (cursor === null) this.#list.note(say("playlists.asking", { source: this.#title }));
    try {
      const page = await this.#api.get(`${this.#path}/${encodeURIComponent(playlist.id)}?${this.#query(cursor)}`);
      // Another one may be open by now.
      if (this.#open !== playlist) return;
      this.#nextTracks = page.next;
      const size = this.#list.put({
        tracks: page.items,
        more: page.next !== null,
        appended: cursor !== null,
        skipped: page.skipped ?? {},
        staleSince: page.stale_since_ms ?? null,
      });
      this.#list.note(size > 0 ? "" : say("playlists.no_track"));
      this.#announcer.say(tracksWords(size));
      this.#drawn();
    } catch (error) {
      if (this.#open === playlist) this.#list.note(failedWords(/** @type {any} */ (error)));
    }
  }

  async #addAll() {
    const key = part(this.#root, "add-all-key");
    if (key.dataset.busy !== undefined) return;
    key.dataset.busy = "";
    const uris = this.#addable;
    /** @type {import("../words/outcomes.js").Outcome[]} */
    const outcomes = [];
    let trouble = "";
    try {
      for (let at = 0; at < uris.length; at += AT_ONCE) outcomes.push(...(await this.#addMany(uris.slice(at, at + AT_ONCE))));
    } catch (error) {
      trouble = failedWords(/** @type {any} */ (error));
    }
    delete key.dataset.busy;
    const words = [outcomes.length > 0 ? manyWords(outcomes) : "", trouble].filter(Boolean).join(" ");
    this.#sayOfAll(words, outcomes.flatMap(({ outcome, item }) => (outcome === "added" && item ? [item.id] : [])));
    this.#announcer.say(words);
    this.#drawn();
    // The key goes once nothing is left to add.
    if (part(this.#root, "add-all").hidden) part(this.#root, "inside-title").focus();
  }

  /** The room falls back on it when its queue runs dry. */
  async #useAsShelf() {
    const playlist = this.#open;
    const key = part(this.#root, "use-as-shelf");
    if (!playlist || key.dataset.busy !== undefined) return;
    key.dataset.busy = "";
    let words = say("playlists.shelf", { name: playlist.name });
    try {
      await this.#api.put(this.#path.replace(/playlists$/, "playback/shelf"), { shelf: null, playlist: { source: this.#source, id: playlist.id } });
    } catch (error) {
      words = failedWords(/** @type {any} */ (error));
    }
    delete key.dataset.busy;
    this.#sayOfAll(words);
    this.#announcer.say(words);
  }

  /** @param {string} words @param {string[]} [added]  what can be taken back, for some seconds */
  #sayOfAll(words, added = []) {
    clearTimeout(this.#timer);
    this.#added = new Set(added);
    setText(part(this.#root, "add-all-words"), words);
    setShown(part(this.#root, "add-all-said"), words !== "");
    setShown(part(this.#root, "add-all-undo"), added.length > 0);
    if (added.length > 0) this.#timer = setTimeout(() => this.#keepAll(), UNDO_MS);
  }

  #keepAll() {
    const undo = part(this.#root, "add-all-undo");
    this.#added = new Set();
    if (document.activeElement === undo) part(this.#root, "inside-title").focus();
    setShown(undo, false);
  }

  async #takeBack() {
    const added = this.#added;
    const again = part(this.#root, "add-all-key");
    this.#sayOfAll(say("playlists.taking_back"));
    again.dataset.busy = "";
    const { gone, left } = await this.#undoMany(added);
    delete again.dataset.busy;
    const words = left > 0 ? say("playlists.taken_back_some", { n: gone, left }) : say("playlists.taken_back", { n: gone });
    this.#sayOfAll(words);
    this.#announcer.say(words);
    this.#drawn();
    (part(this.#root, "add-all").hidden ? part(this.#root, "inside-title") : again).focus();
  }

  /** @param {string|null} cursor */
  #query(cursor) {
    return new URLSearchParams({ source: this.#source, ...(cursor !== null && { cursor }) });
  }

  /** @param {string} name @param {string} words */
  #say(name, words) {
    setText(part(this.#root, name), words);
    setShown(part(this.#root, name), words !== "");
  }
}

/** "Ana · 24 tracks" @param {{owner: string|null, tracks: number|null}} playlist */
export function playlistNote({ owner, tracks }) {
  return [owner, tracks === null ? "" : tracksWords(tracks)].filter(Boolean).join(" · ");
}

/** @param {number} open  how many can be added @param {boolean} whole  nothing of the playlist is still to be loaded */
function addWords(open, whole) {
  return whole ? say("playlists.add_all", { n: open }) : say("playlists.add_these", { n: open });
}
