// @ts-check
import { LIBRARY } from "../sources.js";
import { part, piece, setAttribute, setCover, setFlag, setFrom, setShown, setText } from "./pieces.js";
import { places, refusalNow, refusalShort } from "./refusals.js";
import { artists, clockTime, duration, ordinal } from "./words.js";

/** @typedef {import("../shapes.js").Found} Found */
/** @typedef {import("../shapes.js").Item} Item */
/** @typedef {import("../shapes.js").Refusal} Refusal */
/** @typedef {import("./scene.js").Show} Show */
/**
 * @typedef {object} Intents
 * @property {(track: Found) => void} add
 * @property {(item: Item, way: 1|-1) => void} vote
 * @property {(track: Found, refusal: Refusal, opener: HTMLElement) => void} why
 * @property {(item: Item) => Promise<boolean>} undo
 */
/** @typedef {Map<string, string>} Adding  by uri what is on its way to the server, and why it is kept; "": it goes out now */

const SAID_MS = 10_000;

/**
 * Where a found track waits, itself or in another spelling, which adding would vote for; -1: nowhere.
 * @param {Found} found @param {readonly Item[]} queue
 */
export function placeOf({ uri, waiting_item }, queue) {
  const own = queue.findIndex(({ track }) => track.uri === uri);
  return own === -1 ? queue.findIndex(({ id }) => id === waiting_item) : own;
}

/** @param {Found} found @param {Show} show */
function isPlaying({ uri, waiting_item = null }, { playback: { state, track, item } }) {
  return state !== "idle" && (track?.uri === uri || (item !== null && item.id === waiting_item));
}

/** Must what plays rest afterwards? What the shelf played may be asked for at once. @param {Show} show */
function rests({ room, playback }) {
  return room.rules.rest_min > 0 && playback.item !== null && playback.item.added_by !== null;
}

/** One track that was found: add it, vote for it where it waits, see that it is yours, or why it may not come now. */
export class Result {
  #parts;
  #undo;
  /** @type {Item|null} */
  #item = null;
  /** @type {Refusal|null} */
  #refusal = null;
  /** What I have just added, while that may be taken back. @type {string|null} */
  #added = null;
  /** Why adding it is kept on this device; stays said until it has gone out. */
  #kept = "";
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {Found} track @param {Intents} intents */
  constructor(track, { add, vote, why, undo }) {
    this.track = track;
    this.element = piece("piece-result");
    this.#undo = undo;
    this.#parts = Object.fromEntries(
      ["cover", "title", "explicit", "by", "from", "note", "length", "add", "vote", "why", "yours", "said", "said-words", "undo"].map((name) => [name, part(this.element, name)]),
    );
    setText(this.#parts.title, track.title);
    setShown(this.#parts.explicit, track.explicit && track.source !== LIBRARY);
    setFrom(this.#parts.from, track);
    setText(this.#parts.length, `· ${duration(track.duration_ms)}`);
    setCover(this.#parts.cover, track.thumb ?? track.cover);
    this.#parts.add.setAttribute("aria-label", `Add ${track.title}`);
    this.#parts.vote.setAttribute("aria-label", `Vote for ${track.title}`);
    this.#parts.why.setAttribute("aria-label", `See why ${track.title} cannot be added now`);
    this.#parts.undo.setAttribute("aria-label", `Undo adding ${track.title}`);
    this.#parts.add.addEventListener("click", () => {
      if (this.#parts.add.getAttribute("aria-disabled") === "true") {
        this.say("You are muted. You can still vote.", false);
        return;
      }
      this.#parts.add.dataset.busy = "";
      setShown(this.#parts.said, false);
      add(this.track);
    });
    this.#parts.vote.addEventListener("click", () => this.#item && vote(this.#item, 1));
    this.#parts.why.addEventListener("click", () => this.#refusal && why(this.track, this.#refusal, this.#parts.why));
    this.#parts.undo.addEventListener("click", () => this.#takeBack());
  }

  /** Would adding it now put it into the queue, for all that is known here? */
  get addable() {
    return !this.#parts.add.hidden && this.#parts.add.getAttribute("aria-disabled") !== "true";
  }

  /** @param {Show} show @param {string|null} adding  see Adding; null: nobody does */
  draw(show, adding) {
    const index = placeOf(this.track, show.queue);
    const item = index === -1 ? null : show.queue[index];
    const { add, vote, why, yours, by, note, length } = this.#parts;
    const mine = item !== null && item.added_by === show.me.id;
    const had = document.activeElement;
    const playing = item === null && isPlaying(this.track, show);
    this.#item = item;
    this.#refusal = item || show.me.muted ? null : refusalNow(this.track.refusal ?? null, show);
    const told = playing ? "Plays now" : this.#told(item, index + 1, mine, show);
    setText(note, told ?? artists(this.track));
    setShown(length, told === null);
    // What is told is read whole; a long name of a band gives way.
    setFlag(by, "plain", told === null);
    setShown(add, item === null && this.#refusal === null && show.may.add && !(playing && rests(show)));
    setAttribute(add, "aria-disabled", show.me.muted ? "true" : null);
    setShown(vote, item !== null && !mine && !item.locked && show.may.vote);
    setShown(why, this.#refusal !== null && show.may.add && !playing);
    setShown(yours, mine);
    if (adding === null) delete add.dataset.busy;
    else add.dataset.busy = "";
    this.#drawKept(adding ?? "");
    if (item) setAttribute(vote, "aria-pressed", String(show.hand.voteOn(item.id, show.me.votes) === 1));
    this.#drawAdded(item, index + 1);
    // The key changed in place; whoever was on it stays there.
    if (had === add && add.hidden) [yours, vote, why].find(({ hidden }) => !hidden)?.focus();
  }

  /** @param {string} words @param {boolean} good */
  say(words, good) {
    const { said } = this.#parts;
    this.#added = null;
    setText(this.#parts["said-words"], words);
    said.toggleAttribute("data-good", good);
    setShown(this.#parts.undo, false);
    setShown(said, true);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#hush(), SAID_MS);
  }

  /** It waits now; while this says so, it can be taken back. @param {string} id */
  sayAdded(id) {
    this.say("Added.", true);
    this.#added = id;
  }

  /** @param {string} words */
  #drawKept(words) {
    if (words === this.#kept) return;
    this.#kept = words;
    if (words === "") this.#hush();
    else this.say(words, false);
    this.#parts.said.toggleAttribute("data-kept", words !== "");
    clearTimeout(this.#timer);
  }

  /** @param {Item|null} item @param {number} rank */
  #drawAdded(item, rank) {
    if (this.#added === null) return;
    const waits = item !== null && item.id === this.#added && !item.locked;
    if (waits) setText(this.#parts["said-words"], `Added, ${ordinal(rank)}.`);
    setShown(this.#parts.undo, waits);
  }

  async #takeBack() {
    const item = this.#item;
    if (!item || item.id !== this.#added) return;
    this.#hush();
    if (!(await this.#undo(item))) return;
    if (document.activeElement === document.body) this.#parts.add.focus();
  }

  #hush() {
    if (this.#parts.undo.contains(document.activeElement)) this.#parts.yours.focus();
    this.#added = null;
    setShown(this.#parts.said, false);
  }

  /** What to know before adding it, null: nothing. @param {Item|null} item @param {number} rank @param {boolean} mine @param {Show} show */
  #told(item, rank, mine, show) {
    if (this.#refusal && show.may.add) return refusalShort(this.#refusal, places(show)?.used ?? 0);
    if (!item) return null;
    if (item.locked) return "Plays next";
    const at = item.eta_ms === null ? "" : `, ${clockTime(item.eta_ms)}`;
    const voted = show.hand.voteOn(item.id, show.me.votes) === 1;
    return mine || voted || !show.may.vote ? `Waiting ${ordinal(rank)}${at}` : `Waiting ${ordinal(rank)}: vote instead`;
  }
}
