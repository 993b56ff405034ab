// @ts-check
/**
 * What happened in the room beside its messages, for lines between them: who joined and added, what was skipped, what plays. Made
 * from events alone, so it begins anew with each snapshot, and costs the server nothing. There is at most one line of a kind
 * between two messages: a hundred joins are one line.
 */

/** @typedef {import("../shapes.js").ActivityLine} Line */
/** @typedef {import("../shapes.js").State} State */

/** The latest lines are kept. */
const LATEST = 100;
/** Names in a line; `count` has all. */
const NAMED = 20;
/** A track is on its way out this long before its end: what begins then follows it, and skips nothing. */
const ENDING_MS = 3_000;

/** @type {import("./part.js").Part} */
export const activity = {
  name: "activity",
  empty: Object.freeze([]),
  read: () => activity.empty,
  reducers: {
    "member.joined": (known, { member }, state) =>
      state.members.some(({ id }) => id === member.id) ? known : withLine(known, state, "joined", member.id, null),
    "queue.added": (known, { item }, state) =>
      item.added_by === null ? known : withLine(known, state, "added", item.added_by, item.track.title),
    "playback.changed": (known, { playback }, state) => {
      const before = state.playback;
      if (before?.item?.id === playback.item?.id) return known;
      const lines = wasCutOff(before, playback) ? withLine(known, state, "skipped", null, before?.track?.title ?? null) : known;
      return playback.track ? withLine(lines, state, "plays", playback.item?.added_by ?? null, playback.track.title) : lines;
    },
    // A track that would not play was skipped by nobody.
    "incident.noted": (known, { incident }) =>
      incident.kind === "would_not_play" && known.at(-2)?.kind === "skipped" ? known.filter((/** @type {unknown} */ _, /** @type {number} */ n) => n !== known.length - 2) : known,
  },
};

/**
 * A line more, or one more in the line of this kind since the last message.
 * @param {readonly Line[]} known
 * @param {State} state
 * @param {Line["kind"]} kind
 * @param {string|null} member
 * @param {string|null} title
 * @returns {readonly Line[]}
 */
function withLine(known, state, kind, member, title) {
  const after = state.chat.at(-1)?.id ?? null;
  const same = known.find((line) => line.kind === kind && line.after === after);
  const line = {
    kind,
    after,
    // Only one track plays at a time: the line says which.
    members: joined(kind === "plays" ? [] : same?.members, member),
    titles: joined(kind === "plays" ? [] : same?.titles, title),
    count: (same?.count ?? 0) + 1,
  };
  return [...known.filter((one) => one !== same), line].slice(-LATEST);
}

/** @param {readonly string[]|undefined} list @param {string|null} value */
function joined(list = [], value) {
  return value === null || list.includes(value) ? list : [...list, value].slice(-NAMED);
}

/** Did the former track end before its time? @param {State["playback"]} before @param {NonNullable<State["playback"]>} now */
function wasCutOff(before, now) {
  if (!before?.track || now.starts_at_ms === null) return false;
  if (before.state === "paused" || before.starts_at_ms === null) return true;
  // A station has no end of its own.
  if (before.track.duration_ms === null) return false;
  return now.starts_at_ms < before.starts_at_ms + before.track.duration_ms - ENDING_MS;
}
