// @ts-check
import { NextFrame, TAP_MS } from "../../browser/next-frame.js";
import { permissionsOf } from "../../state/permissions.js";
import { awayOf } from "../../state/sources.js";
import { countHere, membersInView } from "../../state/members-in-view.js";
import { isUnheard, onView } from "../../state/on-air.js";
import { changesOf, RecordedReads } from "./recorded-reads.js";

/** @typedef {import("../../state/shapes.js").State} State */
/** @typedef {import("../../state/members-in-view.js").MemberInView} MemberInView */
/** @typedef {import("../../state/shapes.js").Item} Item */
/** @typedef {import("../../state/shapes.js").Playback} Playback */
/**
 * @typedef {object} ViewModel  what every view draws from
 * @property {State} state
 * @property {NonNullable<State["room"]>} room
 * @property {NonNullable<State["me"]>} me
 * @property {Map<string, MemberInView>} members
 * @property {number} hereCount
 * @property {Playback} playback  what is heard now
 * @property {readonly Item[]} queue  what waits, as it stands now
 * @property {import("../queue/optimistic-votes.js").OptimisticVotes} votes
 * @property {Set<string>} away  sources whose tracks wait until they are back
 * @property {boolean} placing  the queue stands as this person has ordered it
 * @property {boolean} unheard  it plays, and neither a device of the room nor one that listens along makes it heard
 * @property {boolean} stale  the line has been down long enough to say so
 * @property {import("../../state/permissions.js").Permissions} can  what this person may do
 * @property {boolean} isHost
 * @property {number} now
 */

/** Drawing what others do takes no more than this share of a slow device's time. One's own vote is painted before. */
const SHARE = 1 / 4;
/** "in 6 min" grows old slowly. */
const REFRESH_MS = 10_000;

/**
 * Turns what is known into what is on view. Draws at most once per animation frame, less often on a device that takes
 * long for it, and only the views that read something of what has changed.
 */
export class Renderer {
  #store;
  #clock;
  #votes;
  #placing;
  /** @type {{view: {draw(viewModel: ViewModel): void}, reads: RecordedReads}[]} */
  #views = [];
  #frame = new NextFrame(() => this.draw(), { share: SHARE });
  /** What views read that is no value of its own: it changes in place. @type {Set<string>} */
  #touched = new Set();
  #everything = false;
  /** @type {Playback|null} */
  #playback = null;
  #stale = false;
  /** @type {{known: State, members: Map<string, MemberInView>}|null} */
  #seen = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #due;
  /** @type {ViewModel|null} */
  viewModel = null;

  /** @param {{store: import("../../state/store.js").Store, clock: import("../../net/server-clock.js").ServerClock, votes: import("../queue/optimistic-votes.js").OptimisticVotes,
   *   placing: import("../queue/host-order.js").HostOrder}} sources */
  constructor({ store, clock, votes, placing }) {
    this.#store = store;
    this.#clock = clock;
    this.#votes = votes;
    this.#placing = placing;
    store.addEventListener("change", () => this.#frame.ask());
    setInterval(() => this.ask("now"), REFRESH_MS);
  }

  /** @param {{draw(viewModel: ViewModel): void}[]} views */
  put(...views) {
    this.#views.push(...views.map((view) => ({ view, reads: new RecordedReads() })));
    this.ask();
    this.draw();
  }

  /** @param {boolean} stale */
  setStale(stale) {
    if (this.#stale === stale) return;
    this.#stale = stale;
    this.#frame.ask();
  }

  /**
   * Something beside the store changed: these facts of the view model, or, without any, something that views read
   * elsewhere.
   * @param {("votes"|"now")[]} facts
   */
  ask(...facts) {
    if (facts.length === 0) this.#everything = true;
    for (const fact of facts) this.#touched.add(fact);
    this.#frame.ask();
  }

  /** A finger or a key is down: what it does is painted first. */
  rest() {
    this.#frame.rest(TAP_MS);
  }

  /** Now, without waiting for the next frame. */
  draw() {
    this.#frame.cancel();
    const before = this.viewModel;
    const viewModel = this.#model();
    if (viewModel === null) return;
    this.viewModel = viewModel;
    const changed = changesOf(before, viewModel);
    // Time goes on in every frame; what is told of it in minutes is drawn when that was asked for.
    changed.delete("now");
    for (const fact of this.#touched) changed.add(fact);
    const everything = this.#everything;
    this.#everything = false;
    this.#touched.clear();
    for (const { reads } of this.#views) reads.setCurrent(viewModel);
    for (const { view, reads } of this.#views) {
      if (everything || reads.hasAny(changed)) view.draw(reads.model);
    }
  }

  /** @returns {ViewModel|null} null: before the first snapshot */
  #model() {
    const { state } = this.#store;
    if (!state.room || !state.me || !state.playback) return null;
    const now = this.#clock.now();
    const { playback, queue, dueAt } = onView(state, this.#playback, now);
    this.#playback = playback;
    clearTimeout(this.#due);
    if (dueAt !== null) this.#due = setTimeout(() => this.#frame.ask(), dueAt - now + 1);
    const members = this.#membersOf(state, state.me.id);
    return {
      state,
      room: state.room,
      me: state.me,
      members,
      hereCount: countHere(members, state.presence),
      playback,
      queue: this.#placing.applied(queue),
      away: this.viewModel?.state.sources === state.sources ? this.viewModel.away : awayOf(state.sources),
      placing: this.#placing.active,
      votes: this.#votes,
      unheard: isUnheard(playback, members),
      stale: this.#stale,
      can: unlessSame(this.viewModel?.can, permissionsOf(state.me, state.room, now)),
      isHost: state.me.id === state.room.host,
      now,
    };
  }

  /** Put together anew only where one of its parts has changed: a room may have 2,000 members. @param {State} state @param {string} me */
  #membersOf(state, me) {
    const { known } = this.#seen ?? {};
    const isSame = known?.members === state.members && known.presence === state.presence && known.along === state.along;
    if (!this.#seen || !isSame) this.#seen = { known: state, members: membersInView(state, me) };
    return this.#seen.members;
  }
}

/**
 * The one before where both say the same.
 * @template {object} Facts
 * @param {Facts|undefined} before @param {Facts} after
 */
function unlessSame(before, after) {
  const isSame = before && Object.entries(after).every(([name, value]) => /** @type {any} */ (before)[name] === value);
  return isSame ? before : after;
}
