// @ts-check
/**
 * How often each reaction was given to the subject that got the latest one. A view shows them while `subject` is the id of the
 * item that plays.
 * @type {import("./part.js").Part}
 */
export const reactions = {
  name: "reactions",
  empty: Object.freeze({ subject: null, counts: Object.freeze({}) }),
  reducers: { "reactions.counted": (_known, { subject, counts }) => ({ subject, counts }) },
};
