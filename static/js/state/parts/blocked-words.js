// @ts-check
/** The words that are blocked in the chat of this room. Only the host is told. @type {import("./part.js").Part} */
export const blockedWords = {
  name: "blocked_words",
  empty: Object.freeze([]),
  reducers: { "chat.words_changed": (_known, { words }) => words },
};
