// @ts-check
/** When something last stood in the way of the sound, by the server's clock; null: nothing did. @type {import("./part.js").Part} */
export const lastIncident = {
  name: "last_incident_ms",
  empty: null,
  reducers: {
    "incident.noted": (_, event) => event.incident.at_ms,
  },
};
