// @ts-check
/** What the site's staff says: to everybody in the room, to this person alone, and in all rooms. @type {import("./part.js").Part} */
export const notice = {
  name: "notice",
  empty: null,
  reducers: { "notice.posted": (_, { notice: posted }) => posted },
  mine: {
    warning: { empty: null, reducers: { "notice.warned": (_, { warning }) => warning } },
    // An unnumbered frame: it belongs to no room.
    site_notice: { empty: null, reducers: { site_notice: (_, { notice: everywhere }) => everywhere } },
  },
};
