// @ts-check
/**
 * How many votes of newcomers wait, by item; only items with such votes are named. Only who may curate is told, so
 * for everybody else it is empty.
 * @type {import("./part.js").Part}
 */
export const held = {
  name: "held",
  empty: Object.freeze({}),
  reducers: {
    "queue.held": (known, event) => withHeld(known, event.item, event.held),
    "queue.removed": (known, event) => withHeld(known, event.item, 0),
    "room.ended": () => held.empty,
  },
};

/** @param {Record<string, number>} known @param {string} item @param {number} votes */
function withHeld(known, item, votes) {
  if ((known[item] ?? 0) === votes) return known;
  const { [item]: _, ...others } = known;
  return votes === 0 ? others : { ...others, [item]: votes };
}
