// @ts-check
/** The sources that a room has beside the library, its folders that are away, and how they are. Pure. */

/** @typedef {import("./shapes.js").RoomSource} RoomSource */
/** @typedef {import("./shapes.js").Track} Track */

/** The house's own music is always there, and names itself nowhere. */
export const LIBRARY = "library";
export const SPOTIFY = "spotify";
/** Why Spotify is away where somebody has chosen that no device plays it. */
export const SWITCHED_OFF = "spotify_off";
/** … that the account plays for another room, and that somebody plays something else with it. */
export const IN_USE = "spotify_in_use";
export const ELSEWHERE = "spotify_elsewhere";
/** Somebody has to choose a device: no page becomes the one by itself. */
const ASKS = new Set([SWITCHED_OFF, IN_USE, ELSEWHERE]);

/** Why a music folder is away. */
const FOLDER_AWAY = "folder_away";

/** Names of the sources and folders whose tracks wait until they are back. @param {readonly RoomSource[]} sources */
export function awayOf(sources) {
  return new Set(sources.filter(({ state }) => state === "away").map(({ name }) => name));
}

/** Does this track wait for its source, or for its folder? @param {Track} track @param {ReadonlySet<string>} away */
export function isHeld({ source, folder }, away) {
  return away.has(source) || away.has(folder ?? "");
}

/** The music folders that cannot be reached. @param {readonly RoomSource[]} sources */
export function foldersAway(sources) {
  return sources.filter(({ cause }) => cause === FOLDER_AWAY);
}

/** @param {readonly RoomSource[]} sources @returns {RoomSource|null} */
export function spotifyOf(sources) {
  return sources.find(({ name }) => name === SPOTIFY) ?? null;
}

/** Does somebody look for a page of Spotify's, and not for words? @param {string} typed */
export function isSpotifyLink(typed) {
  return /\b((open|play)\.spotify\.com|spotify(\.app)?\.link)\/|\bspotify:[a-z]+:/i.test(typed);
}

/** Does Spotify wait until somebody chooses a device? @param {RoomSource|null} source */
export function asksForDevice(source) {
  return ASKS.has(source?.cause ?? "");
}

/**
 * Is there a track of Spotify and no device to sound it, though nobody wants it so?
 * @param {{sources: readonly RoomSource[], queue: readonly import("./shapes.js").Item[],
 *   playback: import("./shapes.js").Playback|null}} state
 */
export function missesPlayer({ sources, queue, playback }) {
  const source = spotifyOf(sources);
  if (source === null || asksForDevice(source) || (source.output !== null && source.state !== "away")) return false;
  return hasTracksOf(source.name, { queue, playback });
}

/**
 * Does anything of this source play or wait?
 * @param {string} name
 * @param {{queue: readonly import("./shapes.js").Item[], playback: import("./shapes.js").Playback|null}} state
 */
export function hasTracksOf(name, { queue, playback }) {
  return [playback?.track, ...queue.map(({ track }) => track)].some((track) => track?.source === name);
}

/** Where a track lives at its source, and only at an address that a browser may open. @param {Track} track */
export function linkOf({ source, link }) {
  return source !== LIBRARY && link?.startsWith("https://") ? link : null;
}
