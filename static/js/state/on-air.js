// @ts-check
/** What is on view now. The server tells a track change ahead of time; the page changes when it is heard. Pure. */

/** @typedef {import("./shapes.js").State} State */
/** @typedef {import("./shapes.js").Playback} Playback */
/** @typedef {import("./shapes.js").Item} Item */
/** @typedef {{playback: Playback, queue: readonly Item[], dueAt: number|null}} View  dueAt: when to look again */

/** The `play_id` of a room in which nothing has played yet. */
const NEVER_PLAYED = "0";
/** A start further away than this is no lead but a wrong clock: show it at once. */
const MOST_LEAD_MS = 5_000;

/**
 * @param {State} state
 * @param {Playback|null} before  what was on view until now
 * @param {number} now  server time
 * @returns {View}
 */
export function onView(state, before, now) {
  const playback = /** @type {Playback} */ (state.playback);
  if (!before || !isAhead(playback, before, now)) return { playback, queue: state.queue, dueAt: null };
  // The coming track stays at the head of the queue until it starts.
  const coming = playback.item && { ...playback.item, locked: true, eta_ms: playback.starts_at_ms };
  const shown = { ...before, next: coming ?? before.next, speaker: playback.speaker, unheard: playback.unheard, shelf: playback.shelf };
  const queue = coming ? [coming, ...state.queue.filter(({ id }) => id !== coming.id).map(unlocked)] : state.queue;
  return { playback: shown, queue, dueAt: playback.starts_at_ms };
}

/** Where the track is, in ms from its beginning; of a station, for how long it has played. @param {Playback} playback @param {number} now */
export function positionOf(playback, now) {
  const whole = playback.track ? playback.track.duration_ms ?? Infinity : 0;
  const playing = playback.state === "playing" && playback.starts_at_ms !== null;
  const position = playing ? now - /** @type {number} */ (playback.starts_at_ms) : playback.position_ms;
  return Math.max(0, Math.min(whole, position));
}

/**
 * Does the room play, and nobody hears it? The server says so of the room's own devices; who listens along, the members do.
 * @param {Playback} playback @param {ReadonlyMap<string, {along: boolean}>} members
 */
export function isUnheard({ unheard = false }, members) {
  return unheard && ![...members.values()].some(({ along }) => along);
}

/** Nothing has played in this room yet, and no device is to make its sound: its first track waits for one. @param {Playback} playback */
export function isUntouched({ play_id, speaker }) {
  return play_id === NEVER_PLAYED && speaker === null;
}

/** Nothing plays: does a track that is added now play by itself? @param {Playback} playback */
export function playsWhenAdded(playback) {
  return !playback.halt && !isUntouched(playback);
}

/** @param {Playback} playback @param {Playback} before @param {number} now */
function isAhead(playback, before, now) {
  if (playback.state !== "playing" || playback.play_id === before.play_id || playback.starts_at_ms === null) return false;
  const lead = playback.starts_at_ms - now;
  return lead > 0 && lead <= MOST_LEAD_MS;
}

/** Two rows cannot both be next. @param {Item} item */
function unlocked(item) {
  return item.locked ? { ...item, locked: false } : item;
}
