// @ts-check
/** The sources that a room has beside the library, its folders that are away, and how they are. Pure. */

/** @typedef {import("./shapes.js").RoomSource} RoomSource */
/** @typedef {import("./shapes.js").Track} Track */

/** The house's own music is always there, and names itself nowhere. */
export const LIBRARY = "library";

/** Why a music folder is away. */
const FOLDER_AWAY = "folder_away";

/** Names of the sources and folders whose tracks wait until they are back. @param {readonly RoomSource[]} sources */
export function awayOf(sources) {
  return new Set(sources.filter(({ state }) => state === "away").map(({ name }) => name));
}

/** Does this track wait for its source, or for its folder? @param {Track} track @param {ReadonlySet<string>} away */
export function waitsForSource({ source, folder }, away) {
  return away.has(source) || away.has(folder ?? "");
}

/** The music folders that cannot be reached. @param {readonly RoomSource[]} sources */
export function foldersAway(sources) {
  return sources.filter(({ cause }) => cause === FOLDER_AWAY);
}

/** @param {readonly RoomSource[]} sources @param {string} name @returns {RoomSource|null}  null: the room has it not */
export function sourceOf(sources, name) {
  return sources.find((source) => source.name === name) ?? null;
}

/** The first source of which a text has an address: somebody looks for that, and not for words. @param {readonly RoomSource[]} sources @param {string} typed */
export function linkedSource(sources, typed) {
  return sources.find(({ can }) => can?.links && new RegExp(can.links, "i").test(typed)) ?? null;
}

/** Does a device of its source sound it, and no page by an address? @param {Pick<Track, "audio">|null|undefined} track */
export function soundsOnDevice(track) {
  return track != null && track.audio === null;
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
