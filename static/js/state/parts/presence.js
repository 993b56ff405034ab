// @ts-check
/** @typedef {import("../shapes.js").Presence} Presence */

/**
 * The members who are connected, and those of them who show the room on a TV. In a crowd only the number is told: then
 * `here` is null.
 * @type {import("./part.js").Part}
 */
export const presence = {
  name: "presence",
  empty: Object.freeze({ here: null, count: 0, tvs: Object.freeze([]) }),
  read: (snapshot) => (snapshot.presence ? presenceFrom(snapshot.presence) : presence.empty),
  reducers: {
    presence: (known, frame) => ("here" in frame || "count" in frame ? presenceFrom(frame) : withChanges(known, frame)),
    // The presence frame that says so follows within a second or two.
    "member.joined": (known, { member }) => withChanges(known, { came: [member.id] }),
  },
};

/** @param {{here?: readonly string[], count?: number, tvs?: readonly string[]}} told @returns {Presence} */
function presenceFrom({ here, count = 0, tvs = [] }) {
  return here ? { here, count: here.length, tvs } : { here: null, count, tvs };
}

/** Changes to an unknown list lead to no list. @param {Presence} known @param {{came?: string[], left?: string[], tvs?: string[]}} told */
function withChanges(known, { came = [], left = [], tvs = [...known.tvs] }) {
  if (known.here === null) return tvs.join() === known.tvs.join() ? known : { ...known, tvs };
  const gone = new Set([...came, ...left]);
  return presenceFrom({ here: [...known.here.filter((id) => !gone.has(id)), ...came], tvs });
}
