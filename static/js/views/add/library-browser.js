// @ts-check
import { part, piece, setAttribute, setCover, setShown, setText } from "../elements/pieces.js";
import { failedWords } from "../words/source-trouble.js";
import { titleWords, tracks } from "../words/words.js";
import { TrackList } from "./track-list.js";
import { say, sayOf } from "../../words/add/say.js";

/** @typedef {{id: string, name: string, name_code?: string|null, of: string|null, of_code?: string|null, tracks: number, cover: string|null}} Group */
/** @typedef {"artists"|"albums"|"folders"|"shuffle"} Kind */

const SHUFFLE = "shuffle";
const LARGEST_SEED = 2 ** 31;

/** The library by artist, album or folder, or shuffled, and the tracks of the group that is open. */
export class LibraryBrowser {
  #root;
  #api;
  #path;
  #announcer;
  #changed;
  #drawn;
  #list;
  /** One order for as long as the page is open, so that its pages follow each other. */
  #seed;
  /** @type {Kind|null} */
  #kind = null;
  /** @type {Group|null} */
  #open = null;
  /** The key that opened it. @type {HTMLElement|null} */
  #opener = null;
  /** Where the next page of groups, and of tracks, begins. @type {string|null} */
  #nextGroups = null;
  /** @type {string|null} */
  #nextTracks = null;
  /** The last question of each kind: an answer to an older one is dropped. */
  #asking = { groups: 0, tracks: 0 };
  /** @type {(() => void)|null} */
  #failed = null;

  /**
   * @param {HTMLElement} root
   * @param {{api: import("../../net/api.js").Api, code: string, announcer: import("../elements/announcer.js").Announcer,
   *   intents: import("./result.js").Intents, changed: () => void, drawn: () => void, random?: () => number}} options
   *   changed: another kind is chosen, or none; drawn: other tracks stand here
   */
  constructor(root, { api, code, announcer, intents, changed, drawn, random = Math.random }) {
    this.#root = root;
    this.#api = api;
    this.#path = `/api/rooms/${code}/library`;
    this.#announcer = announcer;
    this.#changed = changed;
    this.#drawn = drawn;
    this.#seed = Math.floor(random() * LARGEST_SEED);
    this.#list = new TrackList(part(root, "inside-tracks"), { intents, more: () => this.#loadTracks(this.#nextTracks) });
    part(root, "browse-keys").addEventListener("click", (/** @type {Event} */ event) => {
      const key = /** @type {HTMLElement|null} */ (/** @type {HTMLElement} */ (event.target).closest("[data-browse]"));
      if (key) this.choose(/** @type {Kind} */ (key.dataset.browse));
    });
    part(root, "groups-more").addEventListener("click", () => this.#loadGroups(this.#nextGroups));
    part(root, "inside-back").addEventListener("click", () => this.back());
  }

  get list() {
    return this.#list;
  }

  /** By what the library is browsed; null: by nothing but the titles. */
  get kind() {
    return this.#kind;
  }

  /** @param {boolean} shown  nothing is typed */
  show(shown) {
    setShown(part(this.#root, "browse-keys"), shown);
    setShown(part(this.#root, "browsed"), shown && this.#kind !== null);
  }

  /** @param {Kind} kind  chosen again: none */
  choose(kind) {
    this.#kind = kind === this.#kind ? null : kind;
    this.#leave();
    this.#asking.groups += 1;
    for (const key of this.#root.querySelectorAll("[data-browse]")) {
      setAttribute(key, "aria-pressed", String(/** @type {HTMLElement} */ (key).dataset.browse === this.#kind));
    }
    this.#list.clear();
    this.#turn(this.#kind === SHUFFLE);
    setShown(part(this.#root, "inside-head"), this.#kind !== SHUFFLE);
    this.#changed();
    if (this.#kind === SHUFFLE) this.#loadTracks(null);
    else if (this.#kind) this.#loadGroups(null);
  }

  /** From the tracks of a group to all groups, from there to all titles; false: it is there already. */
  back() {
    if (this.#kind === null) return false;
    if (this.#open === null) {
      const chosen = this.#root.querySelector(`[data-browse="${this.#kind}"]`);
      this.choose(this.#kind);
      /** @type {HTMLElement|null} */ (chosen)?.focus();
      return true;
    }
    this.#leave();
    this.#turn(false);
    this.#opener?.focus();
    return true;
  }

  /** No group is open, and nobody waits for its tracks. */
  #leave() {
    this.#open = null;
    this.#asking.tracks += 1;
    this.#failed = null;
    this.#list.setBusy(false);
  }

  /** Other tracks may be added now. */
  again() {
    if (this.#open !== null || this.#kind === SHUFFLE) this.#loadTracks(null);
  }

  /** The line may be back. */
  retry() {
    this.#failed?.();
  }

  /** @param {import("../room/renderer.js").ViewModel} viewModel @param {import("./result.js").Adding} adding */
  draw(viewModel, adding) {
    this.#list.draw(viewModel, adding);
  }

  /** @param {string|null} cursor  null: from the first on */
  async #loadGroups(cursor) {
    const kind = /** @type {"artists"|"albums"|"folders"} */ (this.#kind);
    const list = part(this.#root, "groups");
    if (cursor === null) {
      this.#nextGroups = null;
      list.replaceChildren();
      setAttribute(list, "aria-label", say(`groups.${kind}`));
      setShown(part(this.#root, "groups-more"), false);
    }
    const done = (/** @type {string} */ words, { more = true, key = say("list.again") } = {}) => {
      setAttribute(list, "aria-busy", null);
      setText(part(this.#root, "groups-note"), words);
      setShown(part(this.#root, "groups-note"), words !== "");
      setText(part(this.#root, "groups-more-word"), key);
      setShown(part(this.#root, "groups-more"), more);
    };
    setAttribute(list, "aria-busy", "true");
    const page = await this.#get("groups", kind, cursor, done, () => this.#loadGroups(cursor));
    if (!page) return;
    list.append(...page.items.map((/** @type {Group} */ group) => this.#row(named(group))));
    this.#nextGroups = page.next;
    done(list.children.length > 0 ? "" : say(`no_groups.${kind}`), { more: page.next !== null, key: say("list.more") });
    this.#announcer.say(`${say(`groups.${kind}`)}: ${list.children.length}`);
  }

  /** @param {string|null} cursor */
  async #loadTracks(cursor) {
    const address = this.#open ? `${this.#kind}/${this.#open.id}` : SHUFFLE;
    const done = (/** @type {string} */ words) => {
      this.#list.setBusy(false);
      this.#list.note(words);
    };
    this.#list.setBusy(cursor === null);
    const page = await this.#get("tracks", address, cursor, done, () => this.#loadTracks(cursor));
    if (!page) return;
    this.#nextTracks = page.next;
    const size = this.#list.put({ tracks: page.items, more: page.next !== null, appended: cursor !== null, skipped: {}, staleSince: null });
    done(size > 0 ? "" : say("list.empty"));
    this.#announcer.say(tracks(size));
    this.#drawn();
  }

  /**
   * A page, or null where it could not be had (which is said) or something else is asked for by now.
   * @param {"groups"|"tracks"} what @param {string} address @param {string|null} cursor
   * @param {(words: string) => void} failed @param {() => void} again
   */
  async #get(what, address, cursor, failed, again) {
    const asking = (this.#asking[what] += 1);
    const query = new URLSearchParams({ ...(address === SHUFFLE && { seed: String(this.#seed) }), ...(cursor !== null && { cursor }) });
    this.#failed = null;
    try {
      const page = await this.#api.get(`${this.#path}/${address}?${query}`);
      return asking === this.#asking[what] ? page : null;
    } catch (error) {
      if (asking !== this.#asking[what]) return null;
      const isOffline = /** @type {import("../../net/api.js").ApiError} */ (error).code === "offline";
      if (isOffline) this.#failed = again;
      failed(isOffline ? say("find.offline") : failedWords(/** @type {any} */ (error)));
      return null;
    }
  }

  /** @param {Group} group */
  #row(group) {
    const row = piece("piece-playlist");
    const key = part(row, "open");
    setText(part(row, "title"), group.name);
    setCover(part(row, "cover"), group.cover);
    setText(part(row, "note"), [tracks(group.tracks), group.of].filter(Boolean).join(" · "));
    key.setAttribute("aria-label", say("list.open", { name: group.name }));
    key.addEventListener("click", () => this.#enter(group, key));
    return row;
  }

  /** @param {Group} group @param {HTMLElement} opener */
  #enter(group, opener) {
    this.#open = group;
    this.#opener = opener;
    this.#list.clear();
    setText(part(this.#root, "inside-title"), group.name);
    part(this.#root, "inside-back").setAttribute("aria-label", sayOf("back_to", this.#kind ?? "", {}, ""));
    this.#turn(true);
    part(this.#root, "inside-title").focus();
    this.#loadTracks(null);
  }

  /** @param {boolean} inside  tracks are shown, and no groups */
  #turn(inside) {
    setShown(part(this.#root, "inside"), inside);
    setShown(part(this.#root, "groups-pane"), !inside);
  }
}

/** A group with its names in the words of this page. @param {Group} group @returns {Group} */
function named(group) {
  return { ...group, name: titleWords(group.name, group.name_code), of: group.of && titleWords(group.of, group.of_code) };
}
