// @ts-check
import { waitsForSource } from "../../state/sources.js";
import { paint } from "../elements/person.js";
import { drawAttribution, drawCredit, part, piece, setAttribute, setCover, setFlag, setShown, setText } from "../elements/pieces.js";
import { reason } from "../words/reasons.js";
import { itemName } from "../words/queue-words.js";
import { artists, clockTime, inMinutes, votes } from "../words/words.js";
import { VoteKeys } from "./vote-keys.js";
import { say } from "../../words/queue/say.js";
import { say as sayCommon } from "../../words/common/say.js";

/** @typedef {import("../../state/shapes.js").Item} Item */

/**
 * @typedef {object} RowContext  what all rows draw from besides their items
 * @property {string} me
 * @property {ReadonlyMap<string, {id: string, name: string}>} members
 * @property {ReadonlySet<string>} away
 * @property {import("../../state/permissions.js").Permissions} can
 * @property {Record<string, number>} held
 * @property {number} age  of the words that tell minutes: another number, another word
 * @property {number} now
 */
/** @typedef {{item: Item, rank: number} & import("./vote-keys.js").VoteFacts} RowFacts */

/** The mark of a moved row stays as long as it takes to look up. */
const MARK_MS = 4_000;

let made = 0;

/** One waiting track in its slot. */
export class QueueRow {
  #parts;
  #voteKeys;
  /** @type {RowFacts} */
  #facts;
  /** @type {RowContext|null} */
  #context = null;
  #isDrawn = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #marked;

  /**
   * @param {Item} item
   * @param {{vote: (item: Item, way: 1|-1) => void, open: (item: Item, opener: HTMLElement) => void}} intents
   * @param {HTMLElement} [slot]  of this item, where the page came with one
   */
  constructor(item, { vote, open }, slot = piece("piece-slot")) {
    this.#facts = { item, rank: 0, up: item.up, down: item.down, vote: 0, isKept: false };
    this.slot = slot;
    const find = (/** @type {string} */ name) => part(this.slot, name);
    this.#parts = Object.fromEntries(
      ["number", "mark", "cover", "title", "artist", "band", "attribution", "credit", "person", "reason", "clock", "in", "votes",
        "tally", "tally-count", "tally-words", "open", "menu", "held", "grip", "hourglass"].map((name) => [name, find(name)]),
    );
    /** @type {HTMLElement} */
    this.element = find("queue-row");
    made += 1;
    this.#parts.reason.id = `reason-${made}`;
    this.element.setAttribute("aria-describedby", this.#parts.reason.id);
    this.element.dataset.item = item.id;
    this.setCurrent(false);
    this.#voteKeys = new VoteKeys(this.#parts.votes, (way) => vote(this.item, way));
    this.element.addEventListener("click", (event) => {
      const opener = this.#openerOf(/** @type {Element} */ (event.target));
      if (opener) open(this.item, opener);
    });
  }

  get item() {
    return this.#facts.item;
  }

  get facts() {
    return this.#facts;
  }

  /** @param {RowFacts} facts @param {RowContext} context @returns {boolean} is there something new to draw? */
  update(facts, context) {
    const names = /** @type {(keyof RowFacts)[]} */ (Object.keys(facts));
    this.#isDrawn &&= context === this.#context && names.every((name) => facts[name] === this.#facts[name]);
    this.#facts = facts;
    this.#context = context;
    return !this.#isDrawn;
  }

  /** Says what `update` has brought. */
  draw() {
    if (this.#isDrawn || !this.#context) return;
    this.#isDrawn = true;
    const { item, rank } = this.#facts;
    const { me, members, away } = this.#context;
    const waits = waitsForSource(item.track, away);
    const adder = item.added_by === null ? null : members.get(item.added_by) ?? null;
    setText(this.#parts.number, String(rank));
    setFlag(this.slot, "next", item.locked);
    setFlag(this.element, "waits", waits);
    setFlag(this.element, "mine", item.added_by !== null && item.added_by === me);
    setAttribute(this.element, "aria-label", itemName(item, rank, adder?.name ?? null));
    this.#drawTrack(item.track);
    this.#drawReason(item, adder, waits);
    this.#drawKeys(item);
    this.#drawTime(item, waits);
    this.#drawVotes();
  }

  /** @param {number} by  places gained or lost; 0: it stayed where it was */
  mark(by) {
    if (by === 0) return;
    const { mark } = this.#parts;
    setText(mark, `${by > 0 ? "▲" : "▼"}${Math.abs(by)}`);
    mark.dataset.way = by > 0 ? "up" : "down";
    if (by > 0) this.element.dataset.moved = "";
    clearTimeout(this.#marked);
    this.#marked = setTimeout(() => {
      setText(mark, "");
      delete this.element.dataset.moved;
    }, MARK_MS);
  }

  /** Only the row that the reader is on lets Tab into its keys: the queue is one stop. @param {boolean} current */
  setCurrent(current) {
    this.element.tabIndex = current ? 0 : -1;
    for (const key of /** @type {NodeListOf<HTMLElement>} */ (this.element.querySelectorAll("button, a"))) key.tabIndex = current ? 0 : -1;
  }

  /** @param {Item["track"]} track */
  #drawTrack(track) {
    const { cover, title, artist, band, attribution } = this.#parts;
    setText(title, track.title);
    setText(artist, artists(track));
    setText(band, artists(track));
    drawAttribution(attribution, track);
    setCover(cover, track.thumb ?? track.cover);
  }

  /** @param {Item} item @param {{id: string, name: string}|null} adder @param {boolean} waits */
  #drawReason(item, adder, waits) {
    const { person, reason: why, hourglass, held: heldWords } = this.#parts;
    const context = /** @type {RowContext} */ (this.#context);
    setText(why, this.#facts.isKept ? say("row.kept") : reason(item, context));
    drawCredit(this.#parts.credit, item.added_by === null ? item : null);
    setShown(hourglass, waits);
    setShown(person, adder !== null && !waits);
    if (adder) paint(person, adder);
    const held = context.held[item.id] ?? 0;
    setShown(heldWords, held > 0);
    if (held > 0) setText(heldWords, say("row.held_votes", { n: held }));
  }

  /** @param {Item} item */
  #drawKeys({ track, added_by, locked }) {
    const { can, me } = /** @type {RowContext} */ (this.#context);
    setShown(this.#parts.menu, canRemove({ added_by, locked }, can, me));
    setAttribute(this.#parts.menu, "aria-label", sayCommon("more.for", { name: track.title }));
    setShown(this.#parts.grip, can.order && !locked);
  }

  /** @param {Item} item @param {boolean} waits  its source is away: nobody knows when it plays */
  #drawTime({ eta_ms }, waits) {
    const { now } = /** @type {RowContext} */ (this.#context);
    setText(this.#parts.clock, eta_ms === null ? "" : clockTime(eta_ms));
    setText(this.#parts.in, waits ? say("row.waits") : eta_ms === null ? "" : inMinutes(eta_ms, now));
    setAttribute(this.#parts.clock, "datetime", eta_ms === null ? null : isoMinute(eta_ms));
  }

  #drawVotes() {
    const { up, down, vote } = this.#facts;
    const { can } = /** @type {RowContext} */ (this.#context);
    this.#voteKeys.draw(this.#facts, can);
    setFlag(this.element, "counted", !can.vote);
    setFlag(this.#parts.tally, "mine", vote === 1);
    setText(this.#parts["tally-count"], up - down === 0 ? "" : String(up - down));
    setText(this.#parts["tally-words"], votes(up - down));
  }

  /** What the focus returns to after a tap there has opened the sheet; null: the tap is for a key, or has selected words.
   * @param {Element} target @returns {HTMLElement|null} */
  #openerOf(target) {
    const { open, menu, grip, votes } = this.#parts;
    if (menu.contains(target)) return menu;
    if (open.contains(target)) return open;
    const isKey = target.closest("a") !== null || grip.contains(target) || votes.contains(target);
    return isKey || getSelection()?.isCollapsed === false ? null : open;
  }
}

/** Seconds say nothing that is shown, and would be written anew with each vote. @param {number} ms */
function isoMinute(ms) {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`;
}

/**
 * Can this person take the item out? Only then has its row a menu.
 * @param {Pick<Item, "added_by"|"locked">} item @param {Pick<RowContext["can"], "curate">} can @param {string|null} me
 */
export function canRemove({ added_by, locked }, can, me) {
  return (can.curate || (added_by !== null && added_by === me)) && !locked;
}
