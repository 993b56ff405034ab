// @ts-check
/** @typedef {readonly import("../shapes.js").ChatMessage[]} Messages */

/** As many as a snapshot has; older ones are read by pages. */
const LATEST = 50;

/** The latest messages, the oldest of them first. @type {import("./part.js").Part} */
export const chat = {
  name: "chat",
  empty: Object.freeze([]),
  reducers: {
    "chat.posted": (known, { message }) => [...known, message].slice(-LATEST),
    "chat.hidden": (known, { messages, by }) =>
      changed(known, messages, (message) => ({ ...withoutText(message), state: "hidden", hidden_by: by })),
    "chat.shown": (known, { messages }) => {
      const shown = new Map(messages.map((/** @type {{id: string}} */ message) => [message.id, message]));
      return changed(known, [...shown.keys()], ({ id }) => shown.get(id));
    },
    "chat.deleted": (known, { message: id }) =>
      changed(known, [id], (message) => ({ ...withoutText(message), state: "deleted", hidden_by: null })),
  },
  mine: {
    /** Server time in ms: the rule `chat_after_min` counts from then. */
    here_since_ms: { empty: null, reducers: {} },
  },
  fits: (known, event) => event.type !== "chat.posted" || !known.some((/** @type {any} */ { id }) => id === event.message.id),
};

/**
 * Those of the ids that are not among the latest are passed over.
 * @param {Messages} known
 * @param {readonly string[]} ids
 * @param {(message: Messages[number]) => any} change
 */
function changed(known, ids, change) {
  if (!known.some(({ id }) => ids.includes(id))) return known;
  return known.map((message) => (ids.includes(message.id) ? change(message) : message));
}

/** @param {Messages[number]} message */
function withoutText(message) {
  return { ...message, text: "", mentions: [] };
}
