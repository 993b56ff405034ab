// @ts-check
/**
 * The mutes and bans that hold, the oldest first. Only host and co-hosts are told, so for everybody else it is empty. A muted
 * person is told of the own mute.
 * @type {import("./part.js").Part}
 */
export const restrictions = {
  name: "restrictions",
  empty: Object.freeze([]),
  reducers: {
    "restriction.set": (known, { restriction }) => [...without(known, restriction), restriction],
    "restriction.lifted": without,
  },
  mine: { mute: { empty: null, reducers: { "me.muted": (_, { mute }) => mute } } },
};

/** @param {readonly import("../shapes.js").Restriction[]} known @param {{member: string, kind: string}} lifted */
function without(known, lifted) {
  return known.filter(({ member, kind }) => member !== lifted.member || kind !== lifted.kind);
}
