// @ts-check
import { part, setAttribute, setFlag, setShown, setText } from "../elements/pieces.js";
import { say } from "../../words/queue/say.js";

/**
 * @typedef {object} VoteFacts
 * @property {number} up  the tally with my vote in it
 * @property {number} down
 * @property {number} vote  mine: 1, -1 or 0
 * @property {boolean} isKept  it waits on this device
 */

/** The two keys that vote for one track, in its row and in its sheet. */
export class VoteKeys {
  #up;
  #down;

  /** @param {HTMLElement} form @param {(way: 1|-1) => void} press */
  constructor(form, press) {
    this.#up = part(form, "up");
    this.#down = part(form, "down");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const key = /** @type {SubmitEvent} */ (event).submitter;
      if (key) press(key === this.#up ? 1 : -1);
    });
  }

  /** @param {VoteFacts} facts @param {{downvote: boolean}} can */
  draw({ up, down, vote, isKept }, can) {
    drawKey(this.#up, up, vote === 1, isKept, "up");
    drawKey(this.#down, down, vote === -1, isKept, "down");
    setShown(this.#down, can.downvote);
  }
}

/** My vote on a track and the tally with it. @param {import("../../state/shapes.js").Item} item
 * @param {Pick<import("../room/renderer.js").ViewModel, "votes"|"me"|"stale">} viewModel @returns {VoteFacts} */
export function votesOf(item, { votes, me, stale }) {
  return { ...votes.tally(item, me.votes), vote: votes.voteOn(item.id, me.votes), isKept: votes.isKept(item.id, stale) };
}

/** @param {HTMLElement} key @param {number} votes @param {boolean} pressed @param {boolean} kept @param {"up"|"down"} way */
function drawKey(key, votes, pressed, kept, way) {
  setText(part(key, "count"), votes === 0 ? "" : String(votes));
  setAttribute(key, "aria-pressed", String(pressed));
  setAttribute(key, "aria-label", votes === 0 ? say(`vote.${way}`) : say(`vote.${way}_count`, { n: votes }));
  setFlag(key, "kept", kept && pressed);
}
