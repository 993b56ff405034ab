// @ts-check
/** What stood in the way of the sound, in the words of this page. Pure. */

import { say, sayOf } from "../../words/incidents/say.js";
import { refusalWords } from "../../words/refusal.js";
import { titleWords } from "./words.js";

/**
 * @typedef {{code: string, values: Readonly<Record<string, any>>, says: string}} IncidentFacts
 *   says: the server's own words, in English: all that there is of one without a code
 */

/** "Mika’s laptop was asleep, and is back." @param {IncidentFacts} incident */
export function incidentWords({ code, values, says }) {
  const readable = { ...values, ...(values.device && { device: deviceWords(values) }), ...(values.folder && { folder: titleWords(values.folder, values.folder_code) }) };
  // What is in the way of a source has the words of its refusal.
  const words = sayOf("incident", code, readable, "") || refusalWords({ code, values: readable, message: "" });
  if (words === "") return says;
  return values.waiting ? `${words} ${say("held.tracks_wait", { n: values.waiting })}` : words;
}

/** @param {Readonly<Record<string, any>>} values */
function deviceWords({ who, device }) {
  return who ? say("device.of", { who, device }) : say("device.of_nobody", { device });
}
