// @ts-check
import { part, setShown } from "../elements/pieces.js";
import { incidentWords } from "../words/incident.js";

/** Incidents that everybody is told of at once; the others are in the log. */
const ANNOUNCED = new Set(["would_not_play", "stalled", "speaker_back"]);

/** The keys to what has played, and to what failed. @param {import("../room/context.js").RoomContext} context */
export function mountLogs({ root, api, code, sheet, store, renderer, actions, load }) {
  const played = part(root, "played-key");
  const nameOf = (/** @type {string} */ id) => renderer.viewModel?.members.get(id)?.name ?? null;
  setShown(played, true);
  played.addEventListener("click", async () => {
    (await load(() => import("./played.js")))?.openPlayed({ sheet, api, code, opener: played, nameOf, open: (track) => actions.openTrack(track, played) });
  });

  // Everybody hears what failed; the log of it is for those who can do something, and only where there is something in it.
  const incidents = part(root, "incidents-key");
  renderer.put({ draw: ({ can, state }) => setShown(incidents, can.control && state.last_incident_ms !== null) });
  incidents.addEventListener("click", async () => {
    (await load(() => import("./incidents.js")))?.openIncidents({ sheet, api, code, opener: incidents });
  });
  store.addEventListener("change", (event) => {
    for (const { type, incident } of /** @type {CustomEvent} */ (event).detail.events) {
      if (type === "incident.noted" && ANNOUNCED.has(incident.kind)) actions.showMessage(incidentWords(incident));
    }
  });
}
