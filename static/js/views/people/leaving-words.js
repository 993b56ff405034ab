// @ts-check
/** What handing the host's powers over means, and what leaving does. Pure. */

import { say } from "../../words/sheets/say.js";

/**
 * What it means to hand the room over to somebody, in sentences.
 * @param {string} name @param {readonly string[]} [titles]  of the sources that the room has through the host's accounts
 */
export function handOverWords(name, titles = []) {
  return [
    say("hand_over.powers", { name }),
    say("hand_over.then", { name }),
    ...titles.map((title) => say("hand_over.source", { source: title, name })),
  ];
}

/**
 * What somebody reads before they leave.
 * @param {Pick<import("../../state/shapes.js").Member, "role">} me @param {boolean} hasCohost
 */
export function leaveWords({ role }, hasCohost) {
  if (role === "host") return hasCohost ? say("leave.as_host_with_cohost") : say("leave.as_host_alone");
  return role === "cohost" ? say("leave.stays_of_cohost") : say("leave.stays");
}
