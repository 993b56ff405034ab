// @ts-check
/** The sources beside the library, and its folders that cannot be reached. @type {import("./part.js").Part} */
export const sources = {
  name: "sources",
  empty: Object.freeze([]),
  reducers: {
    "source.changed": (_, event) => event.sources,
  },
};
