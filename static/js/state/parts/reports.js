// @ts-check
/** @typedef {readonly import("../shapes.js").Report[]} Reports */

/** As many as a snapshot has: whoever reports much fills no host's page. */
const LATEST = 50;

/** What people say against the latest messages, by message, the oldest message first. Only who moderates is told. @type {import("./part.js").Part} */
export const reports = {
  name: "reports",
  empty: Object.freeze([]),
  reducers: {
    "chat.reported": (known, { report }) =>
      [...without(known, [report.message.id]), report].sort((one, other) => Number(one.message.id) - Number(other.message.id)).slice(-LATEST),
    "chat.reports_cleared": (known, { message }) => without(known, [message]),
    "chat.hidden": (known, { messages }) => without(known, messages),
    "chat.deleted": (known, { message }) => without(known, [message]),
  },
};

/** @param {Reports} known @param {readonly string[]} messages  ids */
function without(known, messages) {
  return known.some(({ message }) => messages.includes(message.id)) ? known.filter(({ message }) => !messages.includes(message.id)) : known;
}
