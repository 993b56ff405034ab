// @ts-check
/** What of a change in the queue is worth a sentence to this person. Pure. */

import { movers } from "./order.js";
import { clockTime, ordinal } from "../words/words.js";
import { say } from "../../words/queue/say.js";

/** @typedef {import("../../state/shapes.js").Item} Item */
/** @typedef {{kind: string, rank: number, words: string}} News  lower ranks are more personal */

/**
 * @param {readonly Item[]} before
 * @param {readonly Item[]} after
 * @param {{me: string, listening: boolean}} person  listening: has something waiting, or the focus in the queue
 * @returns {News[]}
 */
export function news(before, after, { me, listening }) {
  const found = [];
  const locked = after.find((item) => item.locked);
  const lockedBefore = before.find((item) => item.locked);
  if (locked && locked.id !== lockedBefore?.id) {
    const mine = locked.added_by === me;
    found.push(mine ? { kind: "mine", rank: 0, words: say("yours.next") } : { kind: "lock", rank: 2, words: say("news.locked", { title: locked.track.title }) });
  }
  if (!listening) return found;
  const own = ownRank(before, after, me);
  if (own && !found.some(({ kind }) => kind === "mine")) found.push(own);
  const moved = movers(ids(before), ids(after)).size;
  if (moved > 0) found.push({ kind: "moved", rank: 3, words: say("news.moved", { n: moved }) });
  return found;
}

/** My first waiting track, if its place is another one now.
 * @param {readonly Item[]} before @param {readonly Item[]} after @param {string} me @returns {News|null} */
function ownRank(before, after, me) {
  const index = after.findIndex((item) => item.added_by === me);
  if (index === -1) return null;
  const { id, eta_ms } = after[index];
  const was = before.findIndex((item) => item.id === id);
  if (was === -1 || was === index) return null;
  const nth = ordinal(index + 1);
  return { kind: "mine", rank: 1, words: eta_ms === null ? say("news.mine", { nth }) : say("news.mine_at", { nth, time: clockTime(eta_ms) }) };
}

/** @param {readonly Item[]} queue */
function ids(queue) {
  return queue.map(({ id }) => id);
}
