// @ts-check
/** As many entries as a snapshot has. */
const ENTRIES = 20;

/** Who did what to whom and why, the latest first. Only host and co-hosts are told. @type {import("./part.js").Part} */
export const log = {
  name: "log",
  empty: Object.freeze([]),
  reducers: {
    "log.added": (known, { entry }) => [entry, ...known].slice(0, ENTRIES),
    "log.changed": (known, { entry }) =>
      known.map((/** @type {import("../shapes.js").LogEntry} */ one) => (one.id === entry.id ? entry : one)),
    "log.undone": (known, { entry, undone_at_ms }) =>
      known.map((/** @type {import("../shapes.js").LogEntry} */ one) => (one.id === entry ? { ...one, undone_at_ms, undoable: false } : one)),
  },
};
