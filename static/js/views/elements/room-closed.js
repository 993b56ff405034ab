// @ts-check
import { part, pieces, setShown, setText } from "./pieces.js";
import { say } from "../../words/closed/say.js";
import { noticeWords } from "../words/site-notice.js";
import { clockTime, people } from "../words/words.js";

/** @typedef {import("../../state/shapes.js").State} State */
/** @typedef {{label?: string, title: string, band?: string, lead?: string, stop?: boolean}} Notice */

/** Between what the site says and the end of the room, in one change. */
const SAID_AT_THE_END_MS = 1_000;

/** What the page says when there is no room for this person any more. Pure.
 * @param {number|string|null} code  why the line was closed or joining refused, null where the state itself says it
 * @param {State} state
 * @param {string|null} [message]  what the server said, where it did
 * @returns {Notice|null} */
export function farewell(code, state, message = null) {
  const { room, me, members, notice } = state;
  if (code === 4403 || me?.banned) {
    const host = members.find(({ id }) => id === room?.host)?.name;
    const lead = host === undefined ? say("closed.ask_the_host") : say("closed.ask_host", { host });
    return { title: say("closed.removed"), lead: message ? `${message} ${lead}` : lead, stop: true };
  }
  if (code === 4405) return { title: say("closed.left"), lead: say("closed.link_stays") };
  if (code === 4410 || room?.state === "ended") {
    if (!room) return { title: say("closed.ended") };
    return {
      label: room.ended_at ? say("closed.room_ended_at", { time: clockTime(room.ended_at) }) : say("closed.room_ended"),
      title: say("closed.was", { room: room.name }),
      band: members.length > 0 ? people(members.length) : undefined,
      // Where the site has ended it, it has said why in the same moment.
      lead: notice && notice.at_ms >= (room.ended_at ?? Infinity) - SAID_AT_THE_END_MS ? noticeWords(notice) : undefined,
    };
  }
  if (code === 4404) {
    return { title: say("closed.no_code"), lead: say("closed.check_code") };
  }
  if (code === "csrf") {
    return { title: say("closed.no_entry"), lead: say("closed.cookies") };
  }
  if (code === "network_banned") {
    return { title: say("closed.network"), lead: say("closed.ask_to_let_in"), stop: true };
  }
  if (code === "site_banned" || code === "site_network_banned") {
    return { title: say("closed.not_here"), lead: message ?? say("closed.site_refuses"), stop: true };
  }
  if (code === "wrong_origin") {
    return { title: say("closed.no_entry"), lead: say("closed.wrong_origin") };
  }
  return null;
}

/** Puts the notice in place of the room. @param {Notice} notice */
export function leave({ label = "", title, band = "", lead = "", stop = false }) {
  const page = pieces("left");
  const notice = part(page, "notice");
  for (const [name, words] of Object.entries({ label, title, band, lead })) {
    const element = part(notice, name);
    setText(element, words);
    setShown(element, words !== "");
  }
  setShown(part(notice, "icon"), stop);
  document.querySelector("dialog[open]")?.remove();
  for (const element of document.querySelectorAll("body > :not(template, script, [aria-live])")) /** @type {HTMLElement} */ (element).hidden = true;
  document.body.className = "";
  document.body.prepend(notice);
  document.title = say("closed.page_title", { title });
  notice.focus();
}
