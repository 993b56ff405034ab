// @ts-check
import { LIBRARY } from "../../state/sources.js";
import { drawAttribution, part, piece, setAttribute, setCover, setFlag, setShown, setText } from "../elements/pieces.js";
import { places, refusalNow, refusalShort } from "../words/refusals.js";
import { artists, clockTime, duration, ordinal } from "../words/words.js";
import { say } from "../../words/add/say.js";

/** @typedef {import("../../state/shapes.js").Found} Found */
/** @typedef {import("../../state/shapes.js").Item} Item */
/** @typedef {import("../../state/shapes.js").Refusal} Refusal */
/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */
/**
 * @typedef {object} Intents
 * @property {(track: Found) => void} add
 * @property {(item: Item, way: 1|-1) => void} vote
 * @property {(track: Found, refusal: Refusal, opener: HTMLElement) => void} why
 * @property {(item: Item) => Promise<boolean>} undo
 * @property {(track: Found, opener: HTMLElement) => void} open  all about it
 */
/** @typedef {Map<string, string>} Adding  by uri what is on its way to the server, and why it is kept; "": it goes out now */

const SAID_MS = 10_000;

/** The places of a queue's items, found once for all results. @type {WeakMap<readonly Item[], {byUri: Map<string, number>, byId: Map<string, number>}>} */
const placesByQueue = new WeakMap();

/**
 * Where a found track waits, itself or in another spelling, which adding would vote for; -1: nowhere.
 * @param {Found} found @param {readonly Item[]} queue
 */
export function placeOf({ uri, waiting_item }, queue) {
  const { byUri, byId } = placesIn(queue);
  return byUri.get(uri) ?? byId.get(waiting_item ?? "") ?? -1;
}

/** @param {readonly Item[]} queue */
function placesIn(queue) {
  let known = placesByQueue.get(queue);
  if (!known) {
    const entries = queue.map((item, index) => ({ item, index })).reverse();
    // Nobody has added a row of the shelf: who adds its track becomes the one who asked for it.
    const added = entries.filter(({ item }) => item.added_by !== null);
    known = {
      byUri: new Map(added.map(({ item, index }) => [item.track.uri, index])),
      byId: new Map(entries.map(({ item, index }) => [item.id, index])),
    };
    placesByQueue.set(queue, known);
  }
  return known;
}

/** @param {Found} found @param {ViewModel} viewModel */
function isPlaying({ uri, waiting_item = null }, { playback: { state, track, item } }) {
  return state !== "idle" && (track?.uri === uri || (item !== null && item.id === waiting_item));
}

/** Must what plays rest afterwards? What the shelf played may be asked for at once. @param {ViewModel} viewModel */
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
  /** @type {ViewModel|null} */
  #viewModel = null;
  /** @type {string|null} */
  #adding = null;
  /** What I have just added, while that may be taken back. @type {string|null} */
  #added = null;
  /** Why adding it is kept on this device; stays said until it has gone out. */
  #kept = "";
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {Found} track @param {Intents} intents */
  constructor(track, { add, vote, why, undo, open }) {
    this.track = track;
    this.element = piece("piece-result");
    this.#undo = undo;
    this.#parts = Object.fromEntries(
      ["cover", "title", "open", "explicit", "by", "attribution", "note", "length", "add", "vote", "why", "yours", "said", "said-words", "undo"].map((name) => [name, part(this.element, name)]),
    );
    setText(this.#parts.title, track.title);
    setShown(this.#parts.explicit, track.explicit && track.source !== LIBRARY);
    drawAttribution(this.#parts.attribution, track);
    setText(this.#parts.length, `· ${duration(track.duration_ms)}`);
    setCover(this.#parts.cover, track.thumb ?? track.cover);
    this.#parts.add.setAttribute("aria-label", say("result.add", { title: track.title }));
    this.#parts.vote.setAttribute("aria-label", say("result.vote", { title: track.title }));
    this.#parts.why.setAttribute("aria-label", say("result.why", { title: track.title }));
    this.#parts.undo.setAttribute("aria-label", say("result.undo", { title: track.title }));
    this.#parts.add.addEventListener("click", () => {
      if (this.#parts.add.getAttribute("aria-disabled") === "true") {
        this.say(say("result.muted"), false);
        return;
      }
      this.#parts.add.dataset.busy = "";
      setShown(this.#parts.said, false);
      add(this.track);
    });
    this.#parts.open.addEventListener("click", () => open(this.track, this.#parts.open));
    this.#parts.vote.addEventListener("click", () => this.#vote(vote));
    this.#parts.why.addEventListener("click", () => this.#refusal && why(this.track, this.#refusal, this.#parts.why));
    this.#parts.undo.addEventListener("click", () => this.#takeBack());
  }

  /** Would adding it now put it into the queue, for all that is known here? */
  get addable() {
    return !this.#parts.add.hidden && this.#parts.add.getAttribute("aria-disabled") !== "true";
  }

  /** Did the server find that it cannot be added now? Waiting, it can be voted for. */
  get isRefused() {
    return !!this.track.refusal && !this.track.waiting_item;
  }

  /** @param {ViewModel} viewModel @param {string|null} adding  see Adding; null: nobody does */
  draw(viewModel, adding) {
    this.#viewModel = viewModel;
    this.#adding = adding;
    const index = placeOf(this.track, viewModel.queue);
    const item = index === -1 ? null : viewModel.queue[index];
    const { add, vote, why, yours, by, note, length } = this.#parts;
    const mine = item !== null && item.added_by === viewModel.me.id;
    const had = document.activeElement;
    const playing = item === null && isPlaying(this.track, viewModel);
    this.#item = item;
    this.#refusal = item || !viewModel.can.add ? null : refusalNow(this.track.refusal ?? null, viewModel);
    const told = playing ? say("result.playing") : this.#told(item, index + 1, mine, viewModel);
    setText(note, told ?? artists(this.track));
    setShown(length, told === null);
    // What is told is read whole; a long name of a band gives way.
    setFlag(by, "plain", told === null);
    setShown(add, item === null && this.#refusal === null && viewModel.can.addUnlessMuted && !(playing && rests(viewModel)));
    setAttribute(add, "aria-disabled", viewModel.can.add ? null : "true");
    setShown(vote, item !== null && !mine && !item.locked && viewModel.can.vote);
    setShown(why, this.#refusal !== null && !playing);
    setShown(yours, mine);
    if (adding === null) delete add.dataset.busy;
    else add.dataset.busy = "";
    this.#drawKept(adding ?? "");
    if (item) setAttribute(vote, "aria-pressed", String(viewModel.votes.voteOn(item.id, viewModel.me.votes) === 1));
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
    this.say(say("result.added"), true);
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
    if (waits) setText(this.#parts["said-words"], say("result.added_nth", { nth: ordinal(rank) }));
    setShown(this.#parts.undo, waits);
  }

  /** One's own vote shows before anything else does. @param {Intents["vote"]} vote */
  #vote(vote) {
    if (this.#item === null) return;
    vote(this.#item, 1);
    if (this.#viewModel) this.draw(this.#viewModel, this.#adding);
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

  /** What to know before adding it, null: nothing. @param {Item|null} item @param {number} rank @param {boolean} mine @param {ViewModel} viewModel */
  #told(item, rank, mine, viewModel) {
    if (this.#refusal) return refusalShort(this.#refusal, places(viewModel)?.used ?? 0);
    if (!item) return null;
    if (item.locked) return say("result.next");
    const nth = ordinal(rank);
    const voted = viewModel.votes.voteOn(item.id, viewModel.me.votes) === 1;
    if (!mine && !voted && viewModel.can.vote) return say("result.waiting_vote", { nth });
    return item.eta_ms === null ? say("result.waiting", { nth }) : say("result.waiting_at", { nth, time: clockTime(item.eta_ms) });
  }
}
