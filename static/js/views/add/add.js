// @ts-check
import { newKey } from "../../browser/keys.js";
import { LIBRARY, linkedSource } from "../../state/sources.js";
import { Finder } from "./finder.js";
import { part, setPips, setShown, setText } from "../elements/pieces.js";
import { places, placesWords } from "../words/refusals.js";
import { LibraryBrowser } from "./library-browser.js";
import { SourcePane } from "./source-pane.js";
import { SourceTabs } from "./source-tabs.js";
import { SuggestedPane } from "./suggested-pane.js";
import { searchWords } from "../words/source-trouble.js";
import { sourceName } from "../words/words.js";
import { say } from "../../words/add/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */
/** @typedef {import("../../state/shapes.js").Found} Found */
/** @typedef {import("../../state/shapes.js").Refusal} Refusal */

const ABOUT_THE_TRACK = new Set(["rests", "too_long", "explicit_off"]);
/** Other rules, other results; a full room does not ask for them all at once. */
const ASK_AGAIN_WITHIN_MS = 3_000;
/** No source: what the room suggests, of whatever source. */
const SUGGESTED = "suggested";

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
  /** @type {SourceTabs} */
  #tabs;
  /** @type {SuggestedPane} */
  #suggested;
  /** Those of the sources beside the library that the room has had, by name. @type {Map<string, SourcePane>} */
  #panes = new Map();
  /** @type {(source: import("../../state/shapes.js").RoomSource) => SourcePane|null} */
  #makePane;
  #browser;
  #library;
  #source = LIBRARY;
  /** What was tried, by uri: a refusal may come when other results stand here. @type {Map<string, Found>} */
  #tried = new Map();
  /** Why what is added is still on this device, by uri. @type {Map<string, string>} */
  #kept = new Map();
  /** @type {ViewModel|null} */
  #viewModel = null;
  #begun = false;
  #rules = "";

  /**
   * @param {HTMLElement} root
   * @param {{api: import("../../net/api.js").Api, code: string, outbox: import("../../net/outbox.js").Outbox,
   *   announcer: import("../elements/announcer.js").Announcer, vote: (item: any, way: 1|-1) => void,
   *   undo: (item: any) => Promise<boolean>, undoMany: (items: any[]) => Promise<{gone: number, left: number}>,
   *   open: (track: Found, opener: HTMLElement) => void,
   *   claimSound: () => void, refused: (track: Found|null, refusal: Refusal, opener: HTMLElement|null) => void,
   *   load: import("../room/context.js").OwnContext["load"]}} options
   *   claimSound: called inside each tap that adds
   */
  constructor(root, { api, code, outbox, announcer, vote, undo, undoMany, open, claimSound, refused, load }) {
    this.#root = root;
    this.#api = api;
    this.#path = `/api/rooms/${code}/queue`;
    this.#outbox = outbox;
    this.#announcer = announcer;
    this.#claimSound = claimSound;
    this.#refused = refused;
    this.#input = /** @type {HTMLInputElement} */ (root.querySelector("input"));
    const intents = { vote, undo, open, why: refused, add: (/** @type {Found} */ track) => this.#add(track) };
    const parts = { api, code, announcer, intents, drawn: () => this.#redraw() };
    const elsewhere = () => this.#outside.slice(0, 1).map(({ name }) => say("find.elsewhere", { source: sourceName(name) })).join("");
    this.#library = new Finder(part(root, "library-searched"), { ...parts, source: LIBRARY, elsewhere });
    this.#browser = new LibraryBrowser(this.#pane(LIBRARY), { ...parts, changed: () => this.#drawPanes() });
    const many = { addMany: (/** @type {string[]} */ uris) => this.#addMany(uris), undoMany: (/** @type {Set<string>} */ ids) => undoMany(this.#waiting(ids)) };
    const changed = () => (this.#drawPanes(), this.#redraw());
    const makePlaylists = async (/** @type {HTMLElement} */ pane, /** @type {string} */ source) => {
      const loaded = await load(() => import("./playlists.js"));
      return loaded && new loaded.Playlists(pane, { ...parts, ...many, source });
    };
    this.#makePane = ({ name, can }) => can ? new SourcePane(this.#pane(name), { source: name, can, parts: { ...parts, elsewhere }, makePlaylists, changed }) : null;
    const make = async () => {
      const loaded = await load(() => import("./suggestions.js"));
      return loaded && new loaded.Suggestions(this.#pane(SUGGESTED), { ...parts, drawn: changed });
    };
    this.#suggested = new SuggestedPane(this.#pane(SUGGESTED), { make, changed });
    this.#tabs = new SourceTabs(root, { choose: (key) => this.#choose(key) });
    this.#input.addEventListener("focus", () => this.#suggested.enter());
    // Half a word that is still being put together by an input method is none.
    this.#input.addEventListener("input", (event) => /** @type {InputEvent} */ (event).isComposing || this.#typed());
    this.#input.addEventListener("compositionend", () => this.#typed());
    part(root, "search").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#typed({ atOnce: true });
    });
    part(root, "search-clear").addEventListener("click", () => this.clear());
    for (const name of ["sent", "refused", "kept"]) {
      outbox.addEventListener(name, (event) => this.#answered(name, /** @type {CustomEvent} */ (event).detail));
    }
  }

  /** @param {ViewModel} viewModel */
  draw(viewModel) {
    this.#viewModel = viewModel;
    // Adds go through the outbox of the votes: when it changes, who reads the votes is drawn.
    void viewModel.votes;
    if (!this.#begun) {
      this.#begun = true;
      // People type as soon as there is a field.
      if (this.#input.value === "") this.#finder.ask("");
      else this.#typed();
      if (document.activeElement === this.#input) this.#suggested.enter();
    }
    this.#drawRules(viewModel);
    this.#drawSources();
    this.#redraw();
  }

  /** The line may be back: what was asked without it is asked again. */
  retry() {
    for (const finder of this.#finders) finder.retry();
    this.#browser.retry();
    this.#suggested.suggestions?.retry();
  }

  /** What goes with a track. @param {{uri: string, title: string}} track */
  async moreLike(track) {
    this.#choose(SUGGESTED);
    this.#tabs.focus(SUGGESTED);
    await this.#suggested.enter();
    this.#suggested.suggestions?.goWith(track);
  }

  /** Empties the field; where it is empty, one step back from what is browsed. */
  clear() {
    if (this.#input.value === "") return this.#source === LIBRARY && this.#browser.back();
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

  /** @param {ViewModel} viewModel */
  #drawRules(viewModel) {
    const { room, can } = viewModel;
    const counted = can.addUnlessMuted ? places(viewModel) : null;
    setShown(part(this.#root, "places"), counted !== null);
    if (counted) {
      setText(part(this.#root, "places-words"), placesWords(counted));
      setPips(part(this.#root, "places-pips"), counted.used, counted.most);
    }
    setShown(part(this.#root, "add-closed"), !can.addUnlessMuted);
    const rules = JSON.stringify(room.rules);
    if (this.#rules !== "" && this.#rules !== rules) setTimeout(() => this.#again(), Math.random() * ASK_AGAIN_WITHIN_MS);
    this.#rules = rules;
  }

  /** Other tracks may be added now. */
  #again() {
    for (const finder of this.#finders) finder.again();
    this.#browser.again();
    this.#suggested.suggestions?.again();
  }

  /** @param {{atOnce?: boolean}} [options]  atOnce: Enter was pressed */
  #typed(options) {
    const { value } = this.#input;
    if (this.#source === SUGGESTED && value !== "") {
      this.#choose(LIBRARY); // which comes here again
      return;
    }
    const linked = this.#source === LIBRARY ? linkedSource(this.#outside, value) : null;
    if (linked) {
      this.#choose(linked.name); // which comes here again
      return;
    }
    setShown(part(this.#root, "search-clear"), value !== "");
    this.#finder.ask(value, options);
    this.#drawPanes();
  }

  /** The sources beside the library that the room has and that have a tab here. */
  get #outside() {
    return this.#viewModel?.state.sources.filter(({ name }) => this.#tabs.has(name)) ?? [];
  }

  get #finder() {
    return this.#panes.get(this.#source)?.finder ?? this.#library;
  }

  get #finders() {
    return [this.#library, ...[...this.#panes.values()].map(({ finder }) => finder)];
  }

  get #playlists() {
    return [...this.#panes.values()].flatMap(({ playlists }) => playlists ?? []);
  }

  /** @param {string} source @returns {HTMLElement} */
  #pane(source) {
    return /** @type {HTMLElement} */ (this.#root.querySelector(`[data-found="${source}"]`));
  }

  /** The words stay; another source is asked for them. @param {string} source */
  #choose(source) {
    if (source === this.#source) return;
    this.#source = source;
    this.#panes.get(source)?.choose();
    this.#tabs.mark(source);
    if (source === SUGGESTED) this.#suggested.enter();
    else if (!this.#finder.answers(this.#input.value)) this.#typed();
    this.#drawPanes();
    this.#redraw();
  }

  /** Of a source that the room has not, nothing tells. */
  #drawSources() {
    const there = new Map(this.#outside.map((source) => [source.name, source]));
    for (const [name, source] of there) {
      const pane = this.#panes.has(name) ? null : this.#makePane(source);
      if (pane) this.#panes.set(name, pane);
    }
    for (const name of this.#tabs.sources) {
      const source = there.get(name);
      this.#tabs.show(name, source !== undefined);
      if (!source && this.#source === name) this.#choose(LIBRARY);
      this.#tabs.note(name, this.#viewModel && source ? searchWords(source, this.#viewModel.queue) : "");
    }
    this.#drawPanes();
  }

  /** With nothing in the field, everybody browses the library; host and co-hosts look through the playlists. */
  #drawPanes() {
    const isEmpty = this.#input.value.trim() === "";
    this.#browser.show(isEmpty);
    setShown(part(this.#root, "library-searched"), !isEmpty || this.#browser.kind === null);
    const mayBrowse = this.#viewModel?.can.browse === true;
    setShown(this.#pane(LIBRARY), this.#source === LIBRARY);
    this.#suggested.show({ isTab: this.#source === SUGGESTED, isAbove: this.#source === LIBRARY && isEmpty && this.#browser.kind === null });
    for (const [name, pane] of this.#panes) {
      const at_ms = this.#outside.find((source) => source.name === name)?.at_ms ?? 0;
      pane.show({ isChosen: name === this.#source, isEmpty, mayBrowse, at_ms });
    }
  }

  #redraw() {
    const viewModel = this.#viewModel;
    if (!viewModel) return;
    const uris = this.#outbox.pending.flatMap((entry) => ("uri" in entry ? [entry.uri] : []));
    const adding = new Map(uris.map((uri) => [uri, this.#kept.get(uri) ?? ""]));
    for (const { list } of this.#finders) list.draw(viewModel, adding);
    for (const playlists of this.#playlists) playlists.draw(viewModel, adding);
    this.#browser.draw(viewModel, adding);
    this.#suggested.suggestions?.draw(viewModel, adding);
    for (const [uri, { element }] of this.#library.list.results) setShown(element, !this.#suggested.shows(uri));
  }

  /** The track where it stands now: one of these lists is in front. @param {string} uri */
  #resultOf(uri) {
    const others = [this.#suggested.suggestions].filter((pane) => pane !== null);
    const panes = [...this.#finders, this.#browser, ...others, ...this.#playlists];
    const lists = panes.map(({ list }) => list.results.get(uri));
    return lists.find((result) => result && result.element.offsetParent !== null) ?? lists.find((result) => result);
  }

  /** @param {string[]} uris @returns {Promise<import("../words/words.js").Outcome[]>} */
  async #addMany(uris) {
    this.#claimSound();
    const key = newKey();
    const ask = () => this.#api.post(`${this.#path}/many`, { uris }, { key });
    // Many look-ups may take longer than anybody waits for an answer: the same again goes on where that was.
    const { items } = await ask().catch((/** @type {import("../../net/api.js").ApiError} */ error) => {
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
    return this.#viewModel?.queue.filter(({ id }) => ids.has(id)) ?? [];
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

  /** Beside the track, also where results stand there only later. @param {string} uri @param {import("../../net/api.js").ApiError|null} error */
  #keep(uri, error) {
    const offline = (error?.status ?? 0) === 0;
    const words = offline ? say("add.kept") : error?.message ?? say("add.kept_moment");
    this.#kept.set(uri, words);
    this.#announcer.now(words);
    this.#redraw();
  }

  /** @param {import("./result.js").Result|undefined} result @param {any} item */
  #sent(result, item) {
    // It may wait in another spelling than the one that was found.
    if (result) result.track.waiting_item = item.id;
    if (item.added_by !== this.#viewModel?.me.id) {
      const words = say("add.waits_already");
      result?.say(words, true);
      this.#announcer.say(words);
      return;
    }
    result?.sayAdded(item.id);
    this.#redraw();
    this.#announcer.say(say("add.said"));
  }

  /** @param {string} uri @param {import("../../net/api.js").ApiError} error */
  #refuse(uri, error) {
    const track = this.#tried.get(uri) ?? this.#resultOf(uri)?.track ?? null;
    // From now on the result itself says so, as the next search would.
    if (track && ABOUT_THE_TRACK.has(error.code)) track.refusal = error.refusal;
    this.#announcer.now(error.message);
    this.#redraw();
    this.#refused(track, error.refusal, /** @type {HTMLElement|null} */ (document.activeElement));
  }
}
