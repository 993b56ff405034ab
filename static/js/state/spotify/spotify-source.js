// @ts-check
/** Spotify as a source of the room: what it is called, and what its causes mean for a page. Pure. */

import { hasTracksOf, sourceOf } from "../sources.js";

/** @typedef {import("../shapes.js").RoomSource} RoomSource */

export const SPOTIFY = "spotify";
/** Why Spotify is away where somebody has chosen that no device plays it. */
export const SWITCHED_OFF = "spotify_off";
/** … that the account plays for another room, and that somebody plays something else with it. */
export const IN_USE = "spotify_in_use";
export const ELSEWHERE = "spotify_elsewhere";
/** Somebody has to choose a device: no page becomes the one by itself. */
const ASKS = new Set([SWITCHED_OFF, IN_USE, ELSEWHERE]);

/** @param {readonly RoomSource[]} sources @returns {RoomSource|null} */
export function spotifyOf(sources) {
  return sourceOf(sources, SPOTIFY);
}

/** Does Spotify wait until somebody chooses a device? @param {RoomSource|null} source */
export function asksForDevice(source) {
  return ASKS.has(source?.cause ?? "");
}

/**
 * Is there a track of Spotify, or a shelf of its tracks, and no device to sound it, though nobody wants it so?
 * @param {{sources: readonly RoomSource[], queue: readonly import("../shapes.js").Item[],
 *   playback: import("../shapes.js").Playback|null}} state
 */
export function missesPlayer({ sources, queue, playback }) {
  const source = spotifyOf(sources);
  if (source === null || asksForDevice(source) || (source.output !== null && source.state !== "away")) return false;
  return hasTracksOf(source.name, { queue, playback }) || playback?.shelf?.source === source.name;
}
