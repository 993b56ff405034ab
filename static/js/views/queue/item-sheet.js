// @ts-check
import { LIBRARY } from "../../state/sources.js";
import { drawAttribution, drawCredit, part, setAttribute, setCover, setShown, setText } from "../elements/pieces.js";
import { reason } from "../words/reasons.js";
import { artists, clockTime, duration, minutesSince, ordinal, votes as votesWords } from "../words/words.js";
import { firstPlace } from "./host-order.js";
import { canRemove } from "./queue-row.js";
import { VoteKeys, votesOf } from "./vote-keys.js";
import { say } from "../../words/sheets/say.js";
import { say as sayCommon } from "../../words/common/say.js";

/** @typedef {import("../../state/shapes.js").Item} Item */
/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */
/** @typedef {Record<"album"|"length"|"adder"|"added"|"place"|"why"|"votes"|"source", string>} Facts  "": not told */
/**
 * @typedef {object} Acts
 * @property {(item: Item, way: 1|-1) => void} vote
 * @property {(item: Item) => void} remove
 * @property {(item: Item, pinned: boolean) => void} pin
 * @property {(item: Item) => void} countHeld
 * @property {(item: Item, by: 1|-1) => void} move
 * @property {(track: import("../../state/shapes.js").Track) => void} moreLike
 * @property {() => void} stopAutofill
 */

/** All that is known of one track of the queue, and what this person may do with it. It follows the room while it is open. */
export class ItemSheet {
  #sheet;
  #acts;
  /** Always current: the renderer hands over the same one each time. @type {ViewModel|null} */
  #viewModel = null;
  /** The item that the sheet is about, as last seen in the queue. @type {Item|null} */
  #item = null;
  /** @type {HTMLElement|null} */
  #body = null;
  /** @type {VoteKeys|null} */
  #voteKeys = null;
  /** What is done when the sheet is gone. */
  #after = () => {};

  /** @param {{sheet: import("../elements/sheet.js").Sheet, acts: Acts}} options */
  constructor({ sheet, acts }) {
    this.#sheet = sheet;
    this.#acts = acts;
  }

  /** @param {ViewModel} viewModel */
  draw(viewModel) {
    this.#viewModel = viewModel;
    if (!this.#item || !this.#body) return;
    const id = this.#item.id;
    const at = viewModel.queue.findIndex((item) => item.id === id);
    this.#item = viewModel.queue[at] ?? this.#item;
    drawFacts(this.#body, factsOf(this.#item, at, viewModel));
    this.#drawVotes(viewModel);
    drawActs(this.#body, this.#item, at, viewModel);
    setShown(part(this.#body, "votes"), hasVoteKeys(this.#item, at, viewModel));
  }

  /** @param {Item} item @param {HTMLElement} opener  gets the focus back */
  open(item, opener) {
    this.#after = () => {};
    const body = this.#sheet.show("sheet-item", { opener, closed: () => this.#closed() });
    this.#item = item;
    this.#body = body;
    setText(part(body, "title"), item.track.title);
    setText(part(body, "artist"), artists(item.track));
    drawAttribution(part(body, "attribution"), item.track);
    const credit = part(body, "credit");
    drawCredit(credit, item);
    setShown(/** @type {HTMLElement} */ (credit.parentElement?.parentElement), !credit.hidden);
    setCover(part(body, "cover"), item.track.thumb ?? item.track.cover);
    this.#voteKeys = new VoteKeys(part(body, "votes"), (way) => {
      this.#acts.vote(/** @type {Item} */ (this.#item), way);
      this.#drawVotes(/** @type {ViewModel} */ (this.#viewModel));
    });
    this.#wireActs(body, item);
    if (this.#viewModel) this.draw(this.#viewModel);
  }

  #closed() {
    this.#item = null;
    this.#after();
  }

  /** @param {HTMLElement} body @param {Item} item */
  #wireActs(body, item) {
    const acts = this.#acts;
    /** @type {Record<string, () => void>} */
    const closing = {
      remove: () => acts.remove(item),
      pin: () => acts.pin(item, true),
      unpin: () => acts.pin(item, false),
      "count-held": () => acts.countHeld(item),
      // Once the sheet has given the focus back, which then goes to what was asked for.
      "more-like": () => (this.#after = () => acts.moreLike(item.track)),
      "stop-autofill": () => acts.stopAutofill(),
    };
    for (const [name, act] of Object.entries(closing)) {
      part(body, name).addEventListener("click", () => {
        this.#sheet.close();
        act();
      });
    }
    // Moving goes on for as many places as it takes, so the sheet stays.
    part(body, "move-up").addEventListener("click", () => acts.move(item, -1));
    part(body, "move-down").addEventListener("click", () => acts.move(item, 1));
  }

  /** @param {ViewModel} viewModel */
  #drawVotes({ can, votes, me, stale }) {
    this.#voteKeys?.draw(votesOf(/** @type {Item} */ (this.#item), { votes, me, stale }), can);
  }
}

/**
 * What the sheet tells of an item, in words.
 * @param {Item} item @param {number} at  index in the queue, -1 where it waits no longer @param {ViewModel} viewModel
 * @returns {Facts}
 */
export function factsOf(item, at, { me, members, away, now, can, votes, stale, playback }) {
  const { track, added_by, added_at, eta_ms, locked } = item;
  const { up, down } = votesOf(item, { votes, me, stale });
  const gone = playback.item?.id === item.id ? say("fact.plays_now") : say("fact.waits_no_longer");
  const place = at === -1 ? gone : locked ? say("fact.next") : ordinal(at + 1);
  const isMine = added_by !== null && added_by === me.id;
  return {
    album: track.album,
    length: track.explicit ? say("fact.explicit", { length: duration(track.duration_ms) }) : duration(track.duration_ms),
    adder: added_by === null ? (item.suggested_for ? say("fact.room") : say("fact.shelf")) : isMine ? sayCommon("person.you") : members.get(added_by)?.name ?? sayCommon("person.guest"),
    added: addedWords(clockTime(added_at), minutesSince(added_at, now)),
    place: at === -1 || eta_ms === null ? place : say("fact.about", { place, time: clockTime(eta_ms) }),
    why: at === -1 ? "" : reason(item, { me: me.id, members, now, away }),
    votes: hasVoteKeys(item, at, { can }) ? "" : can.downvote || down > 0 ? say("fact.up_and_down", { up, down }) : votesWords(up),
    source: track.source === LIBRARY ? say("fact.library") : "",
  };
}

/** The keys say the votes, too. @param {Item} item @param {number} at @param {Pick<ViewModel, "can">} viewModel */
function hasVoteKeys({ locked }, at, { can }) {
  return at !== -1 && can.vote && !locked;
}

/** @param {string} time @param {number} minutes  since then */
function addedWords(time, minutes) {
  if (minutes < 1) return say("fact.added_now", { time });
  return minutes < 60 ? say("fact.added_ago", { time, n: minutes }) : time;
}

/** @param {HTMLElement} body @param {Facts} facts */
function drawFacts(body, facts) {
  for (const [name, words] of Object.entries(facts)) {
    const value = part(body, `fact-${name}`);
    setText(value, words);
    setShown(value.parentElement, words !== "");
  }
}

/** @param {HTMLElement} body @param {Item} item @param {number} at @param {ViewModel} viewModel */
function drawActs(body, item, at, { queue, state, can, me }) {
  const pinned = item.why.kind === "pinned";
  const isFree = at !== -1 && !item.locked;
  const held = at === -1 ? 0 : state.held[item.id] ?? 0;
  setShown(part(body, "held"), held > 0);
  setText(part(body, "held-words"), heldWords(held));
  setShown(part(body, "count-held"), held > 0);
  setShown(part(body, "pin"), isFree && can.curate && !pinned);
  setShown(part(body, "unpin"), isFree && can.curate && pinned);
  setShown(part(body, "moves"), isFree && can.order);
  setAttribute(part(body, "move-up"), "aria-disabled", at <= firstPlace(queue) ? "true" : null);
  setAttribute(part(body, "move-down"), "aria-disabled", at === queue.length - 1 ? "true" : null);
  setShown(part(body, "stop-autofill"), at !== -1 && item.added_by === null && !!item.suggested_for && can.curate);
  setShown(part(body, "remove"), isFree && canRemove(item, can, me.id));
}

/** Whichever way they went, and whyever they are held. @param {number} held */
export function heldWords(held) {
  return say("fact.held", { n: held });
}
