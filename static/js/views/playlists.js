// @ts-check
import { SPOTIFY } from "../sources.js";
import { part, piece, setCover, setShown, setText, setWay } from "./pieces.js";
import { failedWords, oldWords } from "./source-trouble.js";
import { TrackList } from "./track-list.js";
import { count, manyWords } from "./words.js";

/** @typedef {import("../shapes.js").Found} Found */
/** @typedef {import("../shapes.js").Playlist} Playlist */
/** @typedef {import("./scene.js").Show} Show */

/** So many fit into one call. */
const AT_ONCE = 50;
/** What was added may be taken back for so long. */
const UNDO_MS = 10_000;

/** The host's playlists at Spotify, and what is in the one that is open. */
export class Playlists {
  #root;
  #api;
  #path;
  #announcer;
  #addMany;
  #undoMany;
  #drawn;
  #list;
  /** @type {"no"|"under way"|"here"|"failed"} */
  #asked = "no";
  /** Since when Spotify was as it was at the last try. */
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
   * @param {{api: import("../api.js").Api, code: string, announcer: import("./announcer.js").Announcer,
   *   intents: import("./result.js").Intents, drawn: () => void,
   *   addMany: (uris: string[]) => Promise<import("./words.js").Outcome[]>,
   *   undoMany: (ids: Set<string>) => Promise<{gone: number, left: number}>}} options
   *   undoMany: gives how many of them it took out, and how many wait still
   */
  constructor(root, { api, code, announcer, intents, drawn, addMany, undoMany }) {
    this.#root = root;
    this.#api = api;
    this.#path = `/api/rooms/${code}/playlists`;
    this.#announcer = announcer;
    this.#addMany = addMany;
    this.#undoMany = undoMany;
    this.#drawn = drawn;
    this.#list = new TrackList(part(root, "inside-tracks"), { intents, more: () => this.#loadTracks() });
    part(root, "playlists-more").addEventListener("click", () => this.#load());
    part(root, "inside-back").addEventListener("click", () => this.#back());
    part(root, "add-all").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#addAll();
    });
    part(root, "add-all-undo").addEventListener("click", () => this.#takeBack());
  }

  get list() {
    return this.#list;
  }

  /** They are in front now. What failed is tried again once Spotify is another than then. @param {number} at_ms */
  enter(at_ms) {
    const changed = this.#triedAt !== at_ms;
    this.#triedAt = at_ms;
    if (this.#asked === "no" || (this.#asked === "failed" && changed)) this.#load();
  }

  /** @param {Show} show @param {import("./result.js").Adding} adding */
  draw(show, adding) {
    this.#list.draw(show, adding);
    const open = this.#addable.length;
    setShown(part(this.#root, "add-all"), open > 0);
    setText(part(this.#root, "add-all-word"), addWords(open, this.#nextTracks === null));
  }

  /** What "Add all" would add: neither waiting nor refused. */
  get #addable() {
    return [...this.#list.results.values()].filter(({ addable }) => addable).map(({ track }) => track.uri);
  }

  async #load() {
    if (this.#asked === "under way") return;
    this.#asked = "under way";
    this.#say("playlists-note", "Asking Spotify");
    try {
      const { items, next, stale_since_ms = null } = await this.#api.get(`${this.#path}?${query(this.#next)}`);
      part(this.#root, "playlists").append(...items.map((/** @type {Playlist} */ playlist) => this.#row(playlist)));
      this.#next = next;
      this.#asked = "here";
      this.#say("playlists-old", stale_since_ms === null ? "" : oldWords(stale_since_ms));
      this.#say("playlists-note", part(this.#root, "playlists").children.length > 0 ? "" : "There are no playlists in this account.");
    } catch (error) {
      this.#asked = "failed";
      this.#say("playlists-note", failedWords(/** @type {any} */ (error)));
    }
    setShown(part(this.#root, "playlists-more"), this.#asked === "failed" || this.#next !== null);
    setText(part(this.#root, "playlists-more-word"), this.#asked === "failed" ? "Try again" : "More");
  }

  /** @param {Playlist} playlist */
  #row(playlist) {
    const row = piece("piece-playlist");
    const { name, cover, link, readable, why_not } = playlist;
    const key = part(row, "open");
    setText(part(row, "title"), name);
    setCover(part(row, "cover"), cover);
    setText(part(row, "note"), playlistNote(playlist));
    setShown(part(row, "from"), link !== null);
    setWay(part(row, "from"), "Spotify", link, name);
    setShown(part(row, "why-not"), !readable);
    setText(part(row, "why-not"), why_not ?? "Spotify shows its tracks only to its owner.");
    setShown(key, readable);
    key.setAttribute("aria-label", `Open ${name}`);
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
    setShown(part(this.#root, "inside-from"), playlist.link !== null);
    setWay(part(this.#root, "inside-from"), "Spotify", playlist.link, playlist.name);
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
    if (cursor === null) this.#list.note("Asking Spotify");
    try {
      const page = await this.#api.get(`${this.#path}/${encodeURIComponent(playlist.id)}?${query(cursor)}`);
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
      this.#list.note(size > 0 ? "" : "There is no track in it that could be added.");
      this.#announcer.say(count(size, "track"));
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
    /** @type {import("./words.js").Outcome[]} */
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
    this.#sayOfAll("Taking them back");
    const { gone, left } = await this.#undoMany(added);
    const words = `${count(gone, "track")} taken back${left > 0 ? `, ${left} left in the queue` : ""}.`;
    this.#sayOfAll(words);
    this.#announcer.say(words);
    this.#drawn();
    const key = part(this.#root, "add-all");
    (key.hidden ? part(this.#root, "inside-title") : part(this.#root, "add-all-key")).focus();
  }

  /** @param {string} name @param {string} words */
  #say(name, words) {
    setText(part(this.#root, name), words);
    setShown(part(this.#root, name), words !== "");
  }
}

/** "Ana · 24 tracks" @param {{owner: string|null, tracks: number|null}} playlist */
export function playlistNote({ owner, tracks }) {
  return [owner, tracks === null ? "" : count(tracks, "track")].filter(Boolean).join(" · ");
}

/** @param {string|null} cursor */
function query(cursor) {
  return new URLSearchParams({ source: SPOTIFY, ...(cursor !== null && { cursor }) });
}

/** @param {number} open  how many can be added @param {boolean} whole  nothing of the playlist is still to be loaded */
function addWords(open, whole) {
  if (open === 1) return "Add 1 track";
  return whole ? `Add all ${open} tracks` : `Add these ${open} tracks`;
}
