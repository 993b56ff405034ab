// @ts-check
/**
 * How frames change what the page knows of a room. The parts (parts/index.js) know the facts; this knows none of them.
 * Pure: nothing given in is ever changed.
 */

/** @typedef {import("./shapes.js").State} State */
/** @typedef {import("./shapes.js").RoomEvent} RoomEvent */
/** @typedef {import("./shapes.js").Frame} Frame */
/** @typedef {import("./parts/part.js").Part} Part */
/** @typedef {readonly Part[]} Parts */
/** @typedef {{state: State, events: RoomEvent[], doubtful: boolean}} Step */

/** What is known before the first snapshot. @param {Parts} parts @returns {State} */
export function emptyStateOf(parts) {
  const slices = parts.map(({ name, empty }) => [name, empty]);
  return /** @type {any} */ (Object.freeze({ revision: 0, ...Object.fromEntries(slices) }));
}

/**
 * The state after a frame, which events of it were new, and whether one of them did not fit what is known here
 * ("doubtful": a snapshot should be asked for). A frame that is not the next one leaves the state as it is.
 * @param {Parts} parts
 * @param {State} state
 * @param {Frame} frame
 * @returns {Step}
 */
export function advance(parts, state, frame) {
  switch (frame.type) {
    case "snapshot":
      return stepWithoutEvents(derive(parts, readSnapshot(parts, frame)));
    case "events":
      return applyEvents(parts, state, frame);
    default:
      return stepWithoutEvents(derive(parts, reduce(parts, state, frame)));
  }
}

/**
 * The state after one fact. Every reducer sees the state as it was before. A fact that no part knows changes nothing.
 * @param {Parts} parts
 * @param {State} state
 * @param {RoomEvent} event
 * @returns {State}
 */
export function reduce(parts, state, event) {
  /** @type {Record<string, any>} */
  const changes = {};
  for (const { name, reducers } of parts) {
    const known = sliceOf(state, name);
    const next = applyReducer(reducers, known, event, state);
    if (next !== known) changes[name] = next;
  }
  const me = withPersonalFacts(parts, changes.me ?? state.me, event, state);
  if (me !== state.me) changes.me = me;
  return Object.keys(changes).length > 0 ? { ...state, ...changes } : state;
}

/** @param {Parts} parts @param {State["me"]} me @param {RoomEvent} event @param {State} state  as it was before */
function withPersonalFacts(parts, me, event, state) {
  if (me === null) return me;
  /** @type {any} */
  let next = me;
  for (const { mine = {} } of parts) {
    for (const [field, { reducers }] of Object.entries(mine)) {
      const value = applyReducer(reducers, next[field], event, state);
      if (value !== next[field]) next = { ...next, [field]: value };
    }
  }
  return next;
}

/** @param {Parts} parts @param {Frame} snapshot @returns {State} */
function readSnapshot(parts, snapshot) {
  /** @type {any} */
  const state = { revision: snapshot.revision };
  for (const { name, empty, read } of parts) state[name] = read ? read(snapshot) : snapshot[name] ?? empty;
  if (state.me !== null) state.me = { ...personalDefaults(parts), ...state.me };
  return state;
}

/** @param {Parts} parts */
function personalDefaults(parts) {
  const fields = parts.flatMap(({ mine = {} }) => Object.entries(mine));
  return Object.fromEntries(fields.map(([field, { empty }]) => [field, empty]));
}

/** @param {Parts} parts @param {State} state @param {Frame} frame @returns {Step} */
function applyEvents(parts, state, frame) {
  const seen = state.revision + 1 - frame.from;
  if (seen < 0) return { state, events: [], doubtful: true };
  if (frame.to <= state.revision) return stepWithoutEvents(state);
  // Null stands for a fact that this person may not see: it takes a number and changes nothing here.
  const events = frame.events.slice(seen).filter((/** @type {RoomEvent|null} */ event) => event !== null);
  let next = state;
  let doubtful = false;
  for (const event of events) {
    doubtful ||= !parts.every(({ name, fits }) => !fits || fits(sliceOf(next, name), event));
    next = reduce(parts, next, event);
  }
  return { state: derive(parts, { ...next, revision: frame.to }), events, doubtful };
}

/** What follows from several parts. @param {Parts} parts @param {State} state */
function derive(parts, state) {
  return parts.reduce((known, part) => part.derive?.(known) ?? known, state);
}

/** @param {import("./parts/part.js").Reducers|undefined} reducers @param {any} known @param {RoomEvent} event @param {State} state */
function applyReducer(reducers, known, event, state) {
  return reducers && Object.hasOwn(reducers, event.type) ? reducers[event.type](known, event, state) : known;
}

/** @param {State} state @param {string} name @returns {any} */
function sliceOf(state, name) {
  return /** @type {any} */ (state)[name];
}

/** @param {State} state @returns {Step} */
function stepWithoutEvents(state) {
  return { state, events: [], doubtful: false };
}
