// @ts-check
/** Everybody who has joined, in the order of joining. @type {import("./part.js").Part} */
export const members = {
  name: "members",
  empty: Object.freeze([]),
  reducers: {
    "member.joined": withMember,
    "member.changed": withMember,
  },
};

/** @param {readonly import("../shapes.js").Member[]} known @param {any} event */
function withMember(known, { member }) {
  const isKnown = known.some(({ id }) => id === member.id);
  return isKnown ? known.map((one) => (one.id === member.id ? member : one)) : [...known, member];
}
