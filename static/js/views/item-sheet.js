// @ts-check
import { part, setAttribute, setCover, setFrom, setShown, setText } from "./pieces.js";
import { firstPlace } from "./placing.js";
import { artists, count, ordinal } from "./words.js";

/** @typedef {import("../shapes.js").Item} Item */
/** @typedef {import("./scene.js").Show} Show */

/**
 * What may be done with one waiting track.
 * @param {{sheet: import("./sheet.js").Sheet, item: Item, opener: HTMLElement, show: () => Show,
 *   acts: {remove: () => void, pin: (pinned: boolean) => void, countHeld: () => void, move: (by: 1|-1) => void}}} options
 */
export function openItem({ sheet, item, opener, show, acts }) {
  const body = sheet.show("sheet-item", { opener });
  setText(part(body, "title"), item.track.title);
  setFrom(part(body, "from"), item.track);
  setCover(part(body, "cover"), item.track.thumb ?? item.track.cover);
  drawActs(body, item, show());
  /** @type {Record<string, () => void>} */
  const does = {
    remove: acts.remove,
    pin: () => acts.pin(true),
    unpin: () => acts.pin(false),
    count: acts.countHeld,
  };
  for (const [name, act] of Object.entries(does)) {
    part(body, name).addEventListener("click", () => {
      sheet.close();
      act();
    });
  }
  // Moving goes on for as many places as it takes, so the sheet stays.
  for (const [name, by] of /** @type {[string, 1|-1][]} */ ([["up", -1], ["down", 1]])) {
    part(body, name).addEventListener("click", () => {
      acts.move(by);
      drawActs(body, item, show());
    });
  }
}

/** @param {HTMLElement} body @param {Item} item @param {Show} show */
function drawActs(body, item, { queue, rules, may }) {
  const pinned = item.why.kind === "pinned";
  const at = queue.findIndex(({ id }) => id === item.id);
  setText(part(body, "note"), `${artists(item.track)}${at === -1 ? "" : `, waiting ${ordinal(at + 1)}`}`);
  setShown(part(body, "held"), rules && item.held > 0);
  setText(part(body, "held-words"), heldWords(item.held));
  setShown(part(body, "count"), rules && item.held > 0);
  setShown(part(body, "pin"), rules && !pinned);
  setShown(part(body, "unpin"), rules && pinned);
  setShown(part(body, "moves"), may.order && !item.locked);
  setAttribute(part(body, "up"), "aria-disabled", at <= firstPlace(queue) ? "true" : null);
  setAttribute(part(body, "down"), "aria-disabled", at === queue.length - 1 ? "true" : null);
}

/** Whichever way they went, and whyever they are held. @param {number} held */
export function heldWords(held) {
  const words = held === 1 ? "waits. It counts" : "wait. They count";
  return `${count(held, "vote")} of newcomers ${words} in at most 10 minutes.`;
}
