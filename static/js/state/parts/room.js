// @ts-check
/** The room itself: its name, its rules, and who may do what in it. @type {import("./part.js").Part} */
export const room = {
  name: "room",
  empty: null,
  reducers: {
    "room.changed": (_, event) => event.room,
    "room.ended": (_, event) => event.room,
  },
};
