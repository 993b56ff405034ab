// @ts-check
/** Since when other suggestions stand ready; what they are is asked for by who looks at them. @type {import("./part.js").Part} */
export const suggestions = {
  name: "suggestions",
  empty: Object.freeze({ at_ms: null }),
  reducers: {
    "suggestions.changed": (_, event) => event.suggestions,
  },
};
