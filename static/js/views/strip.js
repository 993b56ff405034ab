// @ts-check
import { isHeld } from "../sources.js";
import { paint } from "./person.js";
import { part, piece, setAttribute, setCover, setFlag, setFrom, setShown, setText } from "./pieces.js";
import { reason } from "./reasons.js";
import { artists, clockTime, count, inMinutes, itemName } from "./words.js";

/** @typedef {import("../shapes.js").Item} Item */
/** @typedef {import("./scene.js").Show} Show */

/** The mark of a moved strip stays as long as it takes to look up. */
const MARK_MS = 4_000;

let made = 0;

/** One waiting track in its slot. */
export class Strip {
  /** @type {Item} */
  item;
  #parts;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #marked;

  /** @param {Item} item @param {{vote: (item: Item, way: 1|-1) => void, menu: (item: Item, opener: HTMLElement) => void}} intents */
  constructor(item, { vote, menu }) {
    this.item = item;
    this.slot = piece("piece-slot");
    const find = (/** @type {string} */ name) => part(this.slot, name);
    this.#parts = Object.fromEntries(
      ["number", "mark", "cover", "title", "artist", "band", "from", "person", "reason", "clock", "in", "votes", "up", "down",
        "tally", "menu", "held", "grip", "hourglass"].map((name) => [name, find(name)]),
    );
    /** @type {HTMLElement} */
    this.element = find("strip");
    made += 1;
    this.#parts.reason.id = `reason-${made}`;
    this.element.setAttribute("aria-describedby", this.#parts.reason.id);
    this.element.dataset.item = item.id;
    this.#parts.votes.addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const key = /** @type {HTMLButtonElement|null} */ (event.submitter);
      if (key) vote(this.item, key.value === "1" ? 1 : -1);
    });
    this.#parts.menu.addEventListener("click", () => menu(this.item, this.#parts.menu));
  }

  /** @param {Item} item @param {Show} show */
  draw(item, show) {
    this.item = item;
    const { track } = item;
    const waits = isHeld(track, show.away);
    const { number, cover, title, artist, band, person, reason: why, menu } = this.#parts;
    const mine = item.added_by !== null && item.added_by === show.me.id;
    const kept = show.hand.isKept(item.id, show.stale);
    setText(title, track.title);
    setText(artist, artists(track));
    setText(band, artists(track));
    setFrom(this.#parts.from, track);
    setCover(cover, track.thumb ?? track.cover);
    const { me: { id: me }, members, now, away } = show;
    setText(why, kept ? "Your vote is kept, sends once" : reason(item, { me, members, now, away }));
    const adder = item.added_by === null ? null : show.members.get(item.added_by) ?? null;
    setFlag(this.element, "waits", waits);
    setShown(this.#parts.hourglass, waits);
    setShown(person, adder !== null && !waits);
    if (adder) paint(person, adder);
    setFlag(this.slot, "next", item.locked);
    setFlag(this.element, "mine", mine);
    const menued = (show.rules || mine) && !item.locked;
    this.element.classList.toggle("strip--menu", menued);
    setShown(menu, menued);
    setAttribute(menu, "aria-label", `More for ${track.title}`);
    setShown(this.#parts.grip, show.may.order && !item.locked);
    setShown(this.#parts.held, show.rules && item.held > 0);
    setText(this.#parts.held, `${count(item.held, "vote")} of newcomers ${item.held === 1 ? "waits" : "wait"}`);
    this.#drawTime(item, show.now, waits);
    this.#drawVotes(item, show);
    this.#name(Number(number.textContent) || 1, adder?.name ?? null);
  }

  /** @param {number} rank */
  place(rank) {
    setText(this.#parts.number, String(rank));
  }

  /** @param {number} by places gained or lost */
  mark(by) {
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

  /** Only the strip the reader is on lets Tab into its keys: the rack is one stop. @param {boolean} current */
  setCurrent(current) {
    this.element.tabIndex = current ? 0 : -1;
    for (const key of /** @type {NodeListOf<HTMLElement>} */ (this.element.querySelectorAll("button, a[href]"))) key.tabIndex = current ? 0 : -1;
  }

  /** @param {Item} item @param {number} now @param {boolean} waits  its source is away: nobody knows when it plays */
  #drawTime({ eta_ms }, now, waits) {
    setText(this.#parts.clock, eta_ms === null ? "" : clockTime(eta_ms));
    setText(this.#parts.in, waits ? "Held" : eta_ms === null ? "" : inMinutes(eta_ms, now));
    setAttribute(this.#parts.clock, "datetime", eta_ms === null ? null : new Date(eta_ms).toISOString());
  }

  /** @param {Item} item @param {Show} show */
  #drawVotes(item, { hand, me, stale, may }) {
    const { up, down } = hand.tally(item, me.votes);
    const vote = hand.voteOn(item.id, me.votes);
    const kept = hand.isKept(item.id, stale);
    this.#drawKey(this.#parts.up, up, vote === 1, kept, "Vote up");
    this.#drawKey(this.#parts.down, down, vote === -1, kept, "Vote down");
    setFlag(this.element, "counted", !may.vote);
    setShown(this.#parts.down, may.downvote);
    setFlag(this.#parts.tally, "mine", vote === 1);
    setText(part(this.#parts.tally, "tally-count"), up - down === 0 ? "" : String(up - down));
    setText(part(this.#parts.tally, "tally-words"), count(up - down, "vote"));
  }

  /** @param {HTMLElement} key @param {number} votes @param {boolean} pressed @param {boolean} kept @param {string} verb */
  #drawKey(key, votes, pressed, kept, verb) {
    setText(part(key, "count"), votes === 0 ? "" : String(votes));
    setAttribute(key, "aria-pressed", String(pressed));
    setAttribute(key, "aria-label", votes === 0 ? verb : `${verb}, ${count(votes, "vote")}`);
    setFlag(key, "kept", kept && pressed);
  }

  /** @param {number} rank @param {string|null} who */
  #name(rank, who) {
    setAttribute(this.element, "aria-label", itemName(this.item, rank, who));
  }
}
