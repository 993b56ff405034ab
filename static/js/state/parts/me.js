// @ts-check
/** The person who reads this. Other parts add their own fields: see `mine` in part.js. @type {import("./part.js").Part} */
export const me = {
  name: "me",
  empty: null,
  reducers: {
    "me.changed": (known, event) => known && { ...known, ...event.me },
  },
};
