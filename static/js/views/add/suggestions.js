// @ts-check
import { part, piece, setAttribute, setShown, setSourceLink, setText } from "../elements/pieces.js";
import { failedWords } from "../words/source-trouble.js";
import { decadeWords, moodWords, reasonWords } from "../words/suggestion-reasons.js";
import { TrackList } from "./track-list.js";
import { say } from "../../words/add/say.js";

/** @typedef {import("../../state/shapes.js").Found} Found */
/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */
/** @typedef {{track: Found, why: {code: string, values: any}, link: string,
 *   credit: {title: string, page: string}|null}} Suggestion */
/** @typedef {{mood?: string, decade?: string, genre?: string}} Chosen  one of these at most */

/** A full room does not ask all at once when another track plays. */
const ASK_AGAIN_WITHIN_MS = 1_500;
/** Reasons that have nothing to do with this room. */
const OF_ANY_ROOM = new Set(["library", "played_here"]);

/** Ten tracks that fit what the room plays and likes, each with its reason; chips in place of a prompt. */
export class Suggestions {
  #root;
  #api;
  #path;
  #room;
  #announcer;
  #drawn;
  #random;
  #list;
  #isShown = false;
  /** @type {Chosen} */
  #chosen = {};
  /** Goes with this track alone. @type {{uri: string, title: string}|null} */
  #like = null;
  /** For which play and which news of the room it was asked. */
  #stamp = "";
  #asked = "";
  /** The last question: an answer to an older one is dropped. */
  #asking = 0;
  /** @type {Map<string, Suggestion>} */
  #items = new Map();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  /** @type {ViewModel|null} */
  #viewModel = null;

  /**
   * @param {HTMLElement} root
   * @param {{api: import("../../net/api.js").Api, code: string, announcer: import("../elements/announcer.js").Announcer,
   *   intents: import("./result.js").Intents, drawn: () => void, random?: () => number}} options  drawn: other tracks stand here
   */
  constructor(root, { api, code, announcer, intents, drawn, random = Math.random }) {
    this.#root = root;
    this.#api = api;
    this.#room = `/api/rooms/${code}`;
    this.#path = `${this.#room}/suggestions`;
    this.#announcer = announcer;
    this.#drawn = drawn;
    this.#random = random;
    this.#list = new TrackList(part(root, "suggested-tracks"), { intents, more: () => {} });
    part(root, "moods").addEventListener("click", (/** @type {Event} */ event) => this.#tapped(event));
    part(root, "like-back").addEventListener("click", () => this.goWith(null));
    part(root, "autofill").addEventListener("click", () => this.#setAutofill());
  }

  get list() {
    return this.#list;
  }

  /** Does anything of it go with what the room plays, or is it just the library? */
  get isOfRoom() {
    return [...this.#items.values()].some(({ why }) => !OF_ANY_ROOM.has(why.code));
  }

  /** @param {string} uri */
  has(uri) {
    return this.#items.has(uri);
  }

  /** @param {boolean} shown */
  show(shown) {
    const appears = shown && !this.#isShown;
    this.#isShown = shown;
    if (appears && this.#stamp !== "") this.ask();
  }

  /** Ask, unless what stands here is of this moment. */
  ask() {
    const question = `${this.#query}|${this.#stamp}`;
    if (question !== this.#asked) this.#load(question);
  }

  /** The line may be back. */
  retry() {
    if (this.#isShown) this.ask();
  }

  /** Other tracks may be added now. */
  again() {
    this.#asked = "";
    if (this.#isShown) this.ask();
  }

  /** @param {{uri: string, title: string}|null} track  null: with what the room plays */
  goWith(track) {
    this.#like = track;
    this.#chosen = {};
    this.#drawLike();
    this.ask();
  }

  /** @param {ViewModel} viewModel @param {import("./result.js").Adding} adding */
  draw(viewModel, adding) {
    this.#viewModel = viewModel;
    const stamp = `${viewModel.playback.play_id} ${viewModel.state.suggestions.at_ms}`;
    if (stamp !== this.#stamp) {
      const isFirst = this.#stamp === "";
      this.#stamp = stamp;
      clearTimeout(this.#timer);
      if (this.#isShown) this.#timer = setTimeout(() => this.ask(), isFirst ? 0 : this.#random() * ASK_AGAIN_WITHIN_MS);
    }
    this.#drawAutofill(viewModel);
    this.#list.draw(viewModel, adding);
  }

  get #query() {
    return new URLSearchParams({ ...(this.#like && { like: this.#like.uri }), ...this.#chosen }).toString();
  }

  /** @param {string} question */
  async #load(question) {
    this.#asking += 1;
    const mine = this.#asking;
    this.#asked = question;
    this.#list.setBusy(true);
    try {
      const query = this.#query;
      const answer = await this.#api.get(query ? `${this.#path}?${query}` : this.#path);
      if (mine === this.#asking) this.#put(answer);
    } catch (error) {
      if (mine !== this.#asking) return;
      this.#asked = "";
      const refusal = /** @type {import("../../net/api.js").ApiError} */ (error);
      this.#list.note(refusal.code === "offline" ? say("find.offline") : failedWords(refusal));
    } finally {
      if (mine === this.#asking) this.#list.setBusy(false);
    }
  }

  /** @param {{items: Suggestion[], credits: {title: string, page: string}[], chips: any}} answer */
  #put({ items, credits, chips }) {
    this.#items = new Map(items.map((item) => [item.track.uri, item]));
    const tracks = items.map(({ track }) => track);
    this.#list.put({ tracks, more: false, appended: false, skipped: {}, staleSince: null });
    this.#list.note(items.length > 0 ? "" : say("suggest.nothing"));
    for (const item of items) this.#decorate(item);
    this.#drawChips(chips);
    this.#drawCredits(credits);
    this.#drawn();
  }

  /** The reason stands below each, with a key that takes it away. @param {Suggestion} item */
  #decorate({ track, why, credit }) {
    const element = this.#list.results.get(track.uri)?.element;
    if (!element) return;
    if (!part(element, "reason")) element.append(piece("piece-suggestion"));
    setText(part(element, "reason"), reasonWords(why));
    const link = /** @type {HTMLAnchorElement} */ (part(element, "reason-link"));
    setShown(link, credit !== null);
    if (credit) setSourceLink(link, credit.title, credit.page, track.title);
    const dismiss = part(element, "dismiss");
    setAttribute(dismiss, "aria-label", say("suggest.dismiss", { title: track.title }));
    dismiss.onclick = () => this.#dismiss(track);
  }

  /** @param {Found} track */
  async #dismiss(track) {
    const results = [...this.#list.results.values()];
    const at = results.findIndex((result) => result.track.uri === track.uri);
    results[at]?.element.setAttribute("hidden", "");
    const next = results.slice(at + 1).find(({ element }) => !element.hidden);
    next?.element.querySelector("button")?.focus();
    this.#announcer.say(say("suggest.dismissed", { title: track.title }));
    try {
      await this.#api.put(`${this.#path}/dismissed`, { uri: track.uri, dismissed: true });
      this.again();
    } catch (error) {
      results[at]?.element.removeAttribute("hidden");
      this.#announcer.now(/** @type {Error} */ (error).message);
    }
  }

  /** @param {Event} event */
  #tapped(event) {
    const key = /** @type {HTMLElement|null} */ (/** @type {HTMLElement} */ (event.target).closest("[data-mood]"));
    if (!key) return;
    const [name, value] = /** @type {[string, string]} */ (JSON.parse(key.dataset.mood ?? "[]"));
    this.#chosen = key.getAttribute("aria-pressed") === "true" ? {} : { [name]: value };
    this.#markChips();
    this.ask();
  }

  /** @param {{moods: string[], decades: number[], genres: string[]}} chips */
  #drawChips({ moods, decades, genres }) {
    const all = [
      ...moods.map((mood) => ["mood", mood, moodWords(mood)]),
      ...decades.map((decade) => ["decade", String(decade), decadeWords(decade)]),
      ...genres.map((genre) => ["genre", genre, genre]),
    ];
    const holder = part(this.#root, "moods");
    const wanted = all.map(([name, value]) => JSON.stringify([name, value]));
    if (wanted.join() !== [...holder.children].map((key) => /** @type {HTMLElement} */ (key).dataset.mood).join()) {
      holder.replaceChildren(
        ...all.map(([, , words], index) => {
          const key = piece("piece-mood");
          key.dataset.mood = wanted[index];
          setText(part(key, "mood-words"), words);
          return key;
        }),
      );
    }
    this.#markChips();
  }

  #markChips() {
    const [chosen] = Object.entries(this.#chosen).map((pair) => JSON.stringify(pair));
    for (const key of part(this.#root, "moods").children) setAttribute(key, "aria-pressed", String(key.dataset.mood === chosen));
  }

  #drawLike() {
    setShown(part(this.#root, "like"), this.#like !== null);
    if (this.#like) setText(part(this.#root, "like-words"), say("suggest.like", { title: this.#like.title }));
  }

  /** @param {{title: string, page: string}[]} credits */
  #drawCredits(credits) {
    const links = credits.map(({ title, page }) => {
      const link = /** @type {HTMLAnchorElement} */ (/** @type {unknown} */ (piece("piece-credit")));
      setText(link, `${title} ↗`);
      setAttribute(link, "href", page);
      return link;
    });
    part(this.#root, "credits-links").replaceChildren(...links);
    setShown(part(this.#root, "credits"), links.length > 0);
  }

  /** @param {ViewModel} viewModel */
  #drawAutofill({ room, can }) {
    const isOn = room.rules.autofill === true;
    // Only the host begins it; who may take out any track may stop it.
    setShown(part(this.#root, "autofill"), can.govern || (isOn && can.curate));
    setAttribute(part(this.#root, "autofill"), "aria-pressed", String(isOn));
    setText(part(this.#root, "autofill-words"), isOn ? say("autofill.stop") : say("autofill.start"));
    setText(part(this.#root, "autofill-note"), isOn ? say("autofill.note") : "");
    setShown(part(this.#root, "autofill-note"), isOn);
  }

  async #setAutofill() {
    const isOn = this.#viewModel?.room.rules.autofill === true;
    try {
      if (isOn) await this.#api.delete(`${this.#path}/autofill`);
      else await this.#api.patch(this.#room, { rules: { autofill: true } });
      this.#announcer.say(isOn ? say("autofill.is_off") : say("autofill.is_on"));
    } catch (error) {
      this.#announcer.now(/** @type {Error} */ (error).message);
    }
  }
}
