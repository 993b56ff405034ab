// @ts-check
import { part, pieces, setShown, setText } from "./pieces.js";
import { clockTime, count } from "./words.js";

/** @typedef {import("../shapes.js").State} State */
/** @typedef {{label?: string, title: string, band?: string, lead?: string, stop?: boolean}} Notice */

/** What the page says when there is no room for this person any more. Pure.
 * @param {number|string|null} code  why the line was closed or joining refused, null where the state itself says it
 * @param {State} state
 * @returns {Notice|null} */
export function farewell(code, state) {
  const { room, me, members } = state;
  if (code === 4403 || me?.banned) {
    const host = members.find(({ id }) => id === room?.host)?.name;
    return { title: "The host removed you", lead: `Your votes stay counted. If this is a mistake, talk to ${host ?? "the host"}.`, stop: true };
  }
  if (code === 4410 || room?.state === "ended") {
    if (!room) return { title: "This room has ended" };
    return {
      label: room.ended_at ? `Room ended at ${clockTime(room.ended_at)}` : "Room ended",
      title: `That was ${room.name}`,
      band: members.length > 0 ? count(members.length, "person", "people") : undefined,
    };
  }
  if (code === 4404) {
    return { title: "No room has that code", lead: "Check the last characters, or it may have ended." };
  }
  if (code === "csrf") {
    return { title: "The room could not let you in", lead: "Load the page again. If that does not help, let this browser keep cookies: the room knows you by one." };
  }
  if (code === "wrong_origin") {
    return { title: "The room could not let you in", lead: "This server does not know this address. Tell the host." };
  }
  return null;
}

/** Puts the notice in place of the room. @param {Notice} notice */
export function leave({ label = "", title, band = "", lead = "", stop = false }) {
  const page = pieces("left");
  const notice = part(page, "notice");
  for (const [name, words] of Object.entries({ label, title, band, lead })) {
    const place = part(notice, name);
    setText(place, words);
    setShown(place, words !== "");
  }
  setShown(part(notice, "icon"), stop);
  document.querySelector("dialog[open]")?.remove();
  for (const place of document.querySelectorAll("body > :not(template, script, [aria-live])")) /** @type {HTMLElement} */ (place).hidden = true;
  document.body.className = "";
  document.body.prepend(notice);
  document.title = `${title} · BeatSync`;
  notice.focus();
}
