// @ts-check
import { awayOf } from "../sources.js";
import { mayOf } from "./may.js";
import { isUnheard, onView } from "./stage.js";

/** @typedef {import("../shapes.js").State} State */
/** @typedef {import("../shapes.js").Member} Member */
/** @typedef {import("../shapes.js").Item} Item */
/** @typedef {import("../shapes.js").Playback} Playback */
/**
 * @typedef {object} Show  what every view draws from
 * @property {State} state
 * @property {NonNullable<State["room"]>} room
 * @property {NonNullable<State["me"]>} me
 * @property {Map<string, Member>} members
 * @property {Playback} playback  what is heard now
 * @property {readonly Item[]} queue  the rack as it stands now
 * @property {import("./hand.js").Hand} hand
 * @property {Set<string>} away  sources whose tracks wait until they are back
 * @property {boolean} placing  the rack stands as this person's hand left it
 * @property {boolean} unheard  it plays, and neither a device of the room nor one that listens along makes it heard
 * @property {boolean} stale  the line has been down long enough to say so
 * @property {ReturnType<typeof mayOf>} may  by role and the rules of the room
 * @property {boolean} rules  may pause, skip, seek and remove
 * @property {boolean} hosts
 * @property {number} now
 */

/** "in 6 min" grows old slowly. */
const REFRESH_MS = 10_000;

/** Turns what is known into what is on view, and draws it once per change. */
export class Scene {
  #store;
  #clock;
  #hand;
  #placing;
  /** @type {{draw(show: Show): void}[]} */
  #views = [];
  /** @type {Playback|null} */
  #playback = null;
  #stale = false;
  #asked = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #due;
  /** @type {Show|null} */
  show = null;

  /** @param {{store: import("../store.js").Store, clock: import("../clock.js").ServerClock, hand: import("./hand.js").Hand,
   *   placing: import("./placing.js").Placing}} sources */
  constructor({ store, clock, hand, placing }) {
    this.#store = store;
    this.#clock = clock;
    this.#hand = hand;
    this.#placing = placing;
    store.addEventListener("change", () => this.draw());
    setInterval(() => this.ask(), REFRESH_MS);
  }

  /** @param {{draw(show: Show): void}[]} views */
  put(...views) {
    this.#views.push(...views);
    this.draw();
  }

  /** @param {boolean} stale */
  setStale(stale) {
    if (this.#stale === stale) return;
    this.#stale = stale;
    this.ask();
  }

  /** Something beside the store changed; many such things in one turn are drawn once. */
  ask() {
    if (this.#asked) return;
    this.#asked = true;
    queueMicrotask(() => {
      this.#asked = false;
      this.draw();
    });
  }

  draw() {
    const { state } = this.#store;
    if (!state.room || !state.me || !state.playback) return;
    const now = this.#clock.now();
    const { playback, queue, dueAt } = onView(state, this.#playback, now);
    this.#playback = playback;
    clearTimeout(this.#due);
    if (dueAt !== null) this.#due = setTimeout(() => this.draw(), dueAt - now + 1);
    const members = new Map(state.members.map((member) => [member.id, member]));
    this.show = {
      state,
      room: state.room,
      me: state.me,
      members,
      playback,
      queue: this.#placing.applied(queue),
      away: awayOf(state.sources),
      placing: this.#placing.active,
      hand: this.#hand,
      unheard: isUnheard(playback, members),
      stale: this.#stale,
      may: mayOf(state.me, state.room, now),
      rules: state.me.role !== "listener" && !state.me.banned,
      hosts: state.me.role === "host",
      now,
    };
    for (const view of this.#views) view.draw(this.show);
  }
}
