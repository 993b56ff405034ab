// @ts-check
import { part, piece, setAttribute, setCover, setShown, setText } from "./pieces.js";
import { artists, clockTime, duration, ordinal } from "./words.js";

/** @typedef {import("../shapes.js").Track} Track */
/** @typedef {import("../shapes.js").Item} Item */
/** @typedef {import("./scene.js").Show} Show */

const SAID_MS = 10_000;

/** One track that was found: add it, vote for it where it waits, or see that it is yours. */
export class Result {
  #parts;
  /** @type {Item|null} */
  #item = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {Track} track @param {{add: (track: Track) => void, vote: (item: Item, way: 1|-1) => void}} intents */
  constructor(track, { add, vote }) {
    this.track = track;
    this.element = piece("piece-result");
    this.#parts = Object.fromEntries(
      ["cover", "title", "note", "add", "vote", "yours", "said"].map((name) => [name, part(this.element, name)]),
    );
    setText(this.#parts.title, track.title);
    setCover(this.#parts.cover, track.cover);
    this.#parts.add.setAttribute("aria-label", `Add ${track.title}`);
    this.#parts.vote.setAttribute("aria-label", `Vote for ${track.title}`);
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
  }

  /** @param {Show} show @param {boolean} adding  on its way to the server */
  draw(show, adding) {
    const index = show.queue.findIndex(({ track }) => track.uri === this.track.uri);
    const item = index === -1 ? null : show.queue[index];
    const { add, vote, yours, note } = this.#parts;
    const mine = item !== null && item.added_by === show.me.id;
    const had = document.activeElement;
    this.#item = item;
    setText(note, this.#note(item, index + 1, mine, show));
    setShown(add, item === null);
    setAttribute(add, "aria-disabled", show.me.muted ? "true" : null);
    setShown(vote, item !== null && !mine && !item.locked);
    setShown(yours, mine);
    if (!adding) delete add.dataset.busy;
    if (item) setAttribute(vote, "aria-pressed", String(show.hand.voteOn(item.id, show.me.votes) === 1));
    // The key changed in place; whoever was on it stays there.
    if (had === add && add.hidden) (mine ? yours : vote).focus();
  }

  /** @param {string} words @param {boolean} good */
  say(words, good) {
    const { said } = this.#parts;
    setText(said, words);
    said.toggleAttribute("data-good", good);
    setShown(said, true);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => setShown(said, false), SAID_MS);
  }

  /** @param {Item|null} item @param {number} rank @param {boolean} mine @param {Show} show */
  #note(item, rank, mine, show) {
    if (!item) return `${artists(this.track)} · ${duration(this.track.duration_ms)}`;
    if (item.locked) return "Plays next";
    const about = item.eta_ms === null ? "" : `, about ${clockTime(item.eta_ms)}`;
    const voted = show.hand.voteOn(item.id, show.me.votes) === 1;
    return mine || voted ? `Waiting ${ordinal(rank)}${about}` : `Waiting ${ordinal(rank)}: vote instead`;
  }
}
