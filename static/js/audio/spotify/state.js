// @ts-check
/** What the player says of itself, read so that nothing in it can surprise. Pure. */

/** @typedef {import("../../state/shapes.js").Track} Track */
/**
 * @typedef {{uri: string, asked: string, name: string, artists: string[], duration_ms: number, paused: boolean,
 *   loading: boolean, position_ms: number, before: string[]}} PlayerState
 * asked: the address that was asked for where another recording of it sounds; before: what was played before
 */

/** Two tellings of one length differ by less. */
const SAME_LENGTH_MS = 3_000;
/** An end is told at the beginning, or so shortly before the end. */
const END_MS = 1_000;

/** @param {any} said @returns {PlayerState|null} null: another device plays, or none */
export function readState(said) {
  const track = said?.track_window?.current_track;
  if (!track) return null;
  return {
    uri: text(track.uri),
    asked: text(track.linked_from?.uri),
    name: text(track.name),
    artists: list(track.artists).map(({ name }) => text(name)),
    duration_ms: number(said.duration) || number(track.duration_ms),
    paused: said.paused === true,
    loading: said.loading === true,
    position_ms: number(said.position),
    before: list(said.track_window.previous_tracks).flatMap((one) => [text(one?.uri), text(one?.linked_from?.uri)]),
  };
}

/** Is this the track? Spotify may play another recording than was asked for. @param {PlayerState} state @param {Track} track */
export function isOf(state, track) {
  if (state.uri === track.uri || state.asked === track.uri) return true;
  const sameLength = Math.abs(state.duration_ms - (track.duration_ms ?? 0)) <= SAME_LENGTH_MS;
  const sameArtists = state.artists.join("\n") === track.artists.join("\n");
  return sameLength && sameArtists && state.name === track.title;
}

/** There is no event for it: an end looks like a pause. @param {PlayerState} state */
export function isAtEnd({ paused, position_ms, duration_ms, before, uri }) {
  return paused && (position_ms >= duration_ms - END_MS || (position_ms < END_MS && before.includes(uri)));
}

/** Has somebody paused it? What stands at an end, or only loads, was paused by nobody. @param {PlayerState} state */
export function isPause({ paused, loading, position_ms, duration_ms }) {
  return paused && !loading && position_ms > END_MS && position_ms < duration_ms - END_MS;
}

/** @param {unknown} value */
function text(value) {
  return typeof value === "string" ? value : "";
}

/** @param {unknown} value */
function number(value) {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** @param {unknown} value @returns {any[]} */
function list(value) {
  return Array.isArray(value) ? value : [];
}
