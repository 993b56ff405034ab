// @ts-check
/** Ids of the members with a device that listens along. @type {import("./part.js").Part} */
export const along = {
  name: "along",
  empty: Object.freeze([]),
  reducers: {
    "along.changed": (known, event) => {
      const others = known.filter((/** @type {string} */ id) => id !== event.member);
      return event.along ? [...others, event.member] : others;
    },
  },
};
