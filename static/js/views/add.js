// @ts-check
import { newKey } from "../keys.js";
import { isSpotifyLink, LIBRARY, SPOTIFY, spotifyOf } from "../sources.js";
import { Finder } from "./finder.js";
import { part, setAttribute, setPips, setShown, setText } from "./pieces.js";
import { Playlists } from "./playlists.js";
import { places, placesWords } from "./refusals.js";
import { FEWEST_LETTERS } from "./search.js";
import { searchWords } from "./source-trouble.js";

/** @typedef {import("./scene.js").Show} Show */
/** @typedef {import("../shapes.js").Found} Found */
/** @typedef {import("../shapes.js").Refusal} Refusal */

const ABOUT_THE_TRACK = new Set(["rests", "too_long", "explicit_off"]);
/** Spotify counts every question, so fingers have to stand still a little longer. */
const SPOTIFY_PAUSE_MS = 400;
/** Other rules, other results; a full room does not ask for them all at once. */
const ASK_AGAIN_WITHIN_MS = 3_000;

/** Finding a track and adding it: one tab per source, never mixed. The panel stays open; what came of it is said beside the track. */
export class Add {
  #root;
  #api;
  #path;
  #input;
  #outbox;
  #announcer;
  #claimSound;
  #refused;
  /** Only where there is more to choose from than the library. @type {HTMLElement|null} */
  #tabs;
  /** @type {Playlists|null} */
  #playlists = null;
  /** @type {Map<string, Finder>} */
  #finders;
  #source = LIBRARY;
  /** What was tried, by uri: a refusal may come when other results stand here. @type {Map<string, Found>} */
  #tried = new Map();
  /** Why what is added is still on this device, by uri. @type {Map<string, string>} */
  #kept = new Map();
  /** @type {Show|null} */
  #show = null;
  #begun = false;
  #rules = "";

  /**
   * @param {HTMLElement} root
   * @param {{api: import("../api.js").Api, code: string, outbox: import("../outbox.js").Outbox,
   *   announcer: import("./announcer.js").Announcer, vote: (item: any, way: 1|-1) => void,
   *   undo: (item: any) => Promise<boolean>, undoMany: (items: any[]) => Promise<{gone: number, left: number}>,
   *   claimSound: () => void, refused: (track: Found|null, refusal: Refusal, opener: HTMLElement|null) => void}} options
   *   claimSound: called inside each tap that adds
   */
  constructor(root, { api, code, outbox, announcer, vote, undo, undoMany, claimSound, refused }) {
    this.#root = root;
    this.#api = api;
    this.#path = `/api/rooms/${code}/queue`;
    this.#outbox = outbox;
    this.#announcer = announcer;
    this.#claimSound = claimSound;
    this.#refused = refused;
    this.#input = /** @type {HTMLInputElement} */ (root.querySelector("input"));
    const intents = { vote, undo, why: refused, add: (/** @type {Found} */ track) => this.#add(track) };
    const parts = { api, code, announcer, intents, drawn: () => this.#redraw() };
    const elsewhere = () => (this.#spotify ? " Try Spotify." : "");
    this.#finders = new Map([
      [LIBRARY, new Finder(this.#pane(LIBRARY), { ...parts, source: LIBRARY, elsewhere })],
    ]);
    this.#tabs = part(root, "sources");
    if (this.#tabs) {
      this.#finders.set(SPOTIFY, new Finder(part(root, "searched"), { ...parts, source: SPOTIFY, pauseMs: SPOTIFY_PAUSE_MS, everything: false, elsewhere }));
      this.#playlists = new Playlists(part(root, "playlists-pane"), { ...parts, addMany: (uris) => this.#addMany(uris), undoMany: (ids) => undoMany(this.#waiting(ids)) });
      this.#wireTabs(this.#tabs);
    }
    this.#input.addEventListener("input", () => this.#typed());
    part(root, "search").addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
    part(root, "search-clear").addEventListener("click", () => this.clear());
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
      this.#finder.ask("");
    }
    this.#drawRules(show);
    this.#drawSources();
    this.#redraw();
  }

  /** The line may be back: what was asked without it is asked again. */
  retry() {
    for (const finder of this.#finders.values()) finder.retry();
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
    this.#claimSound();
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
    if (this.#rules !== "" && this.#rules !== rules) setTimeout(() => this.#finders.forEach((finder) => finder.again()), Math.random() * ASK_AGAIN_WITHIN_MS);
    this.#rules = rules;
  }

  #typed() {
    const { value } = this.#input;
    if (this.#spotify && this.#source === LIBRARY && isSpotifyLink(value)) {
      this.#choose(SPOTIFY); // which comes here again
      return;
    }
    const missing = FEWEST_LETTERS - value.trim().length;
    setShown(part(this.#root, "search-clear"), value !== "");
    this.#finder.ask(value);
    if (value.trim() !== "" && missing > 0) this.#finder.list.note(missing === 1 ? "One more letter" : "Two more letters");
    this.#drawPanes();
  }

  /** The room's Spotify, if it has one. */
  get #spotify() {
    return this.#show && this.#tabs && spotifyOf(this.#show.state.sources);
  }

  get #finder() {
    return /** @type {Finder} */ (this.#finders.get(this.#source));
  }

  /** @param {string} source @returns {HTMLElement} */
  #pane(source) {
    return /** @type {HTMLElement} */ (this.#root.querySelector(`[data-found="${source}"]`));
  }

  /** @param {HTMLElement} tabs */
  #wireTabs(tabs) {
    const keyOf = (/** @type {Event} */ event) => /** @type {HTMLElement|null} */ (/** @type {HTMLElement} */ (event.target).closest("[data-source-key]"));
    tabs.addEventListener("click", (event) => this.#choose(keyOf(event)?.dataset.sourceKey ?? this.#source));
    tabs.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      event.preventDefault();
      // There are two: either way leads to the other.
      this.#choose(this.#source === LIBRARY ? SPOTIFY : LIBRARY);
      /** @type {HTMLElement} */ (tabs.querySelector(`[data-source-key="${this.#source}"]`)).focus();
    });
  }

  /** The words stay; another source is asked for them. @param {string} source */
  #choose(source) {
    if (source === this.#source) return;
    this.#source = source;
    for (const key of this.#root.querySelectorAll("[data-source-key]")) {
      const chosen = /** @type {HTMLElement} */ (key).dataset.sourceKey === source;
      setAttribute(key, "aria-selected", String(chosen));
      /** @type {HTMLElement} */ (key).tabIndex = chosen ? 0 : -1;
    }
    if (!this.#finder.answers(this.#input.value)) this.#typed();
    this.#drawPanes();
    this.#redraw();
  }

  /** Where there is no Spotify, nothing tells of it. */
  #drawSources() {
    if (!this.#tabs) return;
    const source = this.#spotify;
    setShown(this.#tabs, source !== null);
    for (const [name] of this.#finders) {
      setAttribute(this.#pane(name), "role", source ? "tabpanel" : null);
      setAttribute(this.#pane(name), "aria-labelledby", source ? `from-${name}` : null);
    }
    if (!source) this.#choose(LIBRARY);
    const words = this.#show && source ? searchWords(source, this.#show.queue) : "";
    setShown(part(this.#root, "source-mark"), words !== "");
    setText(part(this.#root, "source-note"), words);
    setShown(part(this.#root, "source-note"), words !== "");
    this.#drawPanes();
  }

  /** With nothing in the field, host and co-hosts look through the playlists. */
  #drawPanes() {
    if (!this.#tabs) return;
    const spotify = this.#source !== LIBRARY;
    const browses = spotify && this.#input.value.trim() === "" && this.#show?.rules === true;
    for (const [name] of this.#finders) setShown(this.#pane(name), name === this.#source);
    setShown(part(this.#root, "playlists-pane"), browses);
    setShown(part(this.#root, "searched"), !browses);
    if (browses && this.#spotify) this.#playlists?.enter(this.#spotify.at_ms);
    else if (spotify && this.#input.value.trim() === "") this.#finder.list.note("Three letters are enough to search Spotify.");
  }

  #redraw() {
    const show = this.#show;
    if (!show) return;
    const uris = this.#outbox.pending.flatMap((entry) => ("uri" in entry ? [entry.uri] : []));
    const adding = new Map(uris.map((uri) => [uri, this.#kept.get(uri) ?? ""]));
    for (const { list } of this.#finders.values()) list.draw(show, adding);
    this.#playlists?.draw(show, adding);
  }

  /** The track where it stands now: one of these lists is in front. @param {string} uri */
  #resultOf(uri) {
    const panes = [...this.#finders.values(), ...(this.#playlists ? [this.#playlists] : [])];
    const lists = panes.map(({ list }) => list.results.get(uri));
    return lists.find((result) => result && result.element.offsetParent !== null) ?? lists.find((result) => result);
  }

  /** @param {string[]} uris @returns {Promise<import("./words.js").Outcome[]>} */
  async #addMany(uris) {
    this.#claimSound();
    const key = newKey();
    const ask = () => this.#api.post(`${this.#path}/many`, { uris }, { key });
    // Many look-ups may take longer than anybody waits for an answer: the same again goes on where that was.
    const { items } = await ask().catch((/** @type {import("../api.js").ApiError} */ error) => {
      if (error.status !== 0) throw error;
      return ask();
    });
    for (const { uri, item, error } of items) {
      const track = this.#resultOf(uri)?.track;
      if (track && item) track.waiting_item = item.id;
      if (track && error && ABOUT_THE_TRACK.has(error.code)) track.refusal = { until_ms: null, ...error };
    }
    return items;
  }

  /** Those that still wait. @param {Set<string>} ids */
  #waiting(ids) {
    return this.#show?.queue.filter(({ id }) => ids.has(id)) ?? [];
  }

  /** @param {string} how @param {{entry: any, answer?: any, error?: any}} detail */
  #answered(how, { entry, answer, error }) {
    if (entry.kind !== "add") return;
    if (how === "kept") {
      this.#keep(entry.uri, error);
      return;
    }
    this.#kept.delete(entry.uri);
    if (how === "sent") this.#sent(this.#resultOf(entry.uri), answer);
    else this.#refuse(entry.uri, error);
  }

  /** Beside the track, also where results stand there only later. @param {string} uri @param {import("../api.js").ApiError|null} error */
  #keep(uri, error) {
    const offline = (error?.status ?? 0) === 0;
    const words = offline ? "Kept. It goes out once the line is back." : error?.message ?? "Kept for a moment.";
    this.#kept.set(uri, words);
    this.#announcer.now(words);
    this.#redraw();
  }

  /** @param {import("./result.js").Result|undefined} result @param {any} item */
  #sent(result, item) {
    // It may wait in another spelling than the one that was found.
    if (result) result.track.waiting_item = item.id;
    if (item.added_by !== this.#show?.me.id) {
      const words = "It waits already: your vote counts.";
      result?.say(words, true);
      this.#announcer.say(words);
      return;
    }
    result?.sayAdded(item.id);
    this.#redraw();
    this.#announcer.say("Added");
  }

  /** @param {string} uri @param {import("../api.js").ApiError} error */
  #refuse(uri, { code, message, untilMs }) {
    const track = this.#tried.get(uri) ?? this.#resultOf(uri)?.track ?? null;
    const refusal = { code, message, until_ms: untilMs };
    // From now on the result itself says so, as the next search would.
    if (track && ABOUT_THE_TRACK.has(code)) track.refusal = refusal;
    this.#announcer.now(message);
    this.#redraw();
    this.#refused(track, refusal, /** @type {HTMLElement|null} */ (document.activeElement));
  }
}
