// @ts-check
/** The sources that a room has beside the library, and how they are. Pure. */

/** @typedef {import("./shapes.js").RoomSource} RoomSource */
/** @typedef {import("./shapes.js").Track} Track */

/** The house's own music is always there, and names itself nowhere. */
export const LIBRARY = "library";

/** Names of the sources whose tracks wait until they are back. @param {readonly RoomSource[]} sources */
export function awayOf(sources) {
  return new Set(sources.filter(({ state }) => state === "away").map(({ name }) => name));
}

/** @param {readonly RoomSource[]} sources @returns {RoomSource|null} */
export function spotifyOf(sources) {
  return sources.find(({ name }) => name === "spotify") ?? null;
}

/** Where a track lives at its source, and only at an address that a browser may open. @param {Track} track */
export function linkOf({ source, link }) {
  return source !== LIBRARY && link?.startsWith("https://") ? link : null;
}
