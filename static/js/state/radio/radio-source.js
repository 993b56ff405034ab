// @ts-check
/** What the page knows of radio. Pure. */

/** @typedef {import("../shapes.js").Playback} Playback */
/** @typedef {import("../shapes.js").RoomSource} RoomSource */

export const RADIO = "radio";
/** Why a station is away. */
const STATION_AWAY = "station_away";

/** The playback, while a station plays. @param {Playback|null} playback @returns {Playback|null} */
export function playsStation(playback) {
  return playback?.state === "playing" && playback.track?.source === RADIO ? playback : null;
}

/** The stations that do not answer. @param {readonly RoomSource[]} sources */
export function stationsAway(sources) {
  return sources.filter(({ cause }) => cause === STATION_AWAY);
}

/** Where the server passes on the sound of a station, for the device that is the speaker. @param {string} code @param {string} uri @param {string} device @param {string} play_id */
export function soundAddress(code, uri, device, play_id) {
  const query = new URLSearchParams({ device, play: play_id });
  return `/api/rooms/${code}/stations/${uri.slice(RADIO.length + 1)}/sound?${query}`;
}
