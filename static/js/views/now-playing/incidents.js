// @ts-check
import { part, piece, setShown, setText } from "../elements/pieces.js";
import { fillPagedList } from "../elements/paged-list.js";
import { incidentWords } from "../words/incident.js";
import { clockTime } from "../words/words.js";
import { say, sayOf } from "../../words/sheets/say.js";

/**
 * What went wrong with the sound, the latest first: for host and co-hosts.
 * @param {{sheet: import("../elements/sheet.js").Sheet, api: import("../../net/api.js").Api, code: string, opener: HTMLElement}} options
 */
export async function openIncidents({ sheet, api, code, opener }) {
  const body = sheet.show("sheet-incidents", { opener });
  await fillPagedList(body, { api, path: `/api/rooms/${code}/incidents`, row, none: say("incidents.none") });
}

/** @param {any} incident */
function row(incident) {
  const { at_ms, cause, device } = incident;
  const element = piece("piece-incident");
  setText(part(element, "clock"), clockTime(at_ms));
  setText(part(element, "words"), incidentWords(incident));
  const facts = [device, sayOf("cause", cause, {}, "")].filter(Boolean);
  setText(part(element, "note"), facts.join(": "));
  setShown(part(element, "note"), facts.length > 0);
  return element;
}
