// @ts-check
/** @typedef {import("../shapes.js").Playback} Playback */
/** @typedef {import("../shapes.js").State} State */

/** The skip votes of a room without a track. */
const NOBODY_ASKS = Object.freeze({ asked: 0, needed: 2 });

/** The playback: its track, since when it plays, and on which device. @type {import("./part.js").Part} */
export const playback = {
  name: "playback",
  empty: null,
  reducers: {
    "playback.changed": (_, event) => event.playback,
    "playback.skip_asked": skipAsked,
    "playback.titled": titled,
    "room.ended": (known) => known && stopped(known),
  },
  mine: {
    /** The play that I ask to skip: who asked to skip one track has not asked to skip the next. */
    skip: {
      empty: null,
      reducers: {
        "me.skip_asked": (_, event) => event.play_id,
        "playback.changed": (known, event) => (known === event.playback.play_id ? known : null),
      },
    },
    /** From when I may ask, ms by the server's clock; null: I may already. */
    skips_from_ms: { empty: null, reducers: {} },
  },
  derive: withNext,
};

/** What was asked of a track that is over says nothing about the one that plays. @param {Playback|null} known @param {any} event */
function skipAsked(known, { play_id, asked, needed }) {
  return known?.play_id === play_id ? { ...known, skip: { asked, needed } } : known;
}

/** What a station has on that is over says nothing, either. @param {Playback|null} known @param {any} event */
function titled(known, { play_id, title }) {
  return known?.play_id === play_id ? { ...known, live_title: title } : known;
}

/** @param {Playback} known @returns {Playback} */
function stopped(known) {
  return {
    ...known,
    ...{ state: "idle", item: null, track: null, starts_at_ms: null, position_ms: 0, live_title: null, next: null },
    ...{ speaker: null, lost: null, halt: null, unheard: false, shelf: null, skip: NOBODY_ASKS },
  };
}

/** The next item is the queue's locked one, the same object. @param {State} state @returns {State} */
function withNext(state) {
  if (state.playback === null) return state;
  const next = state.queue.find(({ locked }) => locked) ?? null;
  return state.playback.next === next ? state : { ...state, playback: { ...state.playback, next } };
}
