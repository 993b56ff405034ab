// @ts-check
/** What a refusal of the server says, in the words of this page. Pure. */
import { say, sayOf } from "./refusals/say.js";
import { listed } from "./say.js";

/**
 * @typedef {{code: string, message: string, detail?: string, values?: Readonly<Record<string, any>>}} RefusalFacts
 *   detail: which of the sentences of a code it is; message: the server's own words, in English
 */

/** @typedef {(family: "refusal", code: string, values: Readonly<Record<string, any>>, otherwise: string) => string} SayRefusal */

/** What says the refusals that only a source has. @type {SayRefusal[]} */
const ofSources = [];

/** From now on these are known, too. @param {SayRefusal} sayOf */
export function addRefusals(sayOf) {
  ofSources.push(sayOf);
}

/** @type {Readonly<Record<number, () => string>>} */
const WINDOWS = { 1: () => say("window.second"), 60: () => say("window.minute"), 3600: () => say("window.hour") };

/** "Easy: 6 tracks a minute. Try again in 20 s.", or the server's words for what this page does not know. @param {RefusalFacts} refusal */
export function refusalWords({ code, detail = "", values = {}, message }) {
  const known = readable(values);
  const words = [sayOf, ...ofSources].reduce((found, saysOf) => found || saysOf("refusal", detail || code, known, ""), "");
  if (words === "") return message;
  return values.why ? `${words} ${say("reason.given", { why: reasonWords(values.why) })}` : words;
}

/** Why somebody was muted or removed: "spam: the same link", of a code of the list and what somebody wrote. @param {string} why */
export function reasonWords(why) {
  const [code, ...rest] = why.split(": ");
  const reason = sayOf("moderation", code, {}, "");
  if (reason === "") return why;
  const words = rest.join(": ");
  return words ? say("reason.with_words", { reason, words }) : reason;
}

/** The values as people read them. @param {Readonly<Record<string, any>>} values @returns {Record<string, any>} */
function readable({ window_s, what, acts, ...others }) {
  return {
    ...others,
    ...(window_s && { window: WINDOWS[window_s]?.() ?? say("window.seconds", { n: window_s }) }),
    // Without its words the sentence has a gap, and the server's own is shown.
    ...(what && { what: sayOf("what", what, others, "") || undefined }),
    ...(Array.isArray(acts) && { acts: listed(acts.map((act) => sayOf("act", act, {}, act.replace(/_/g, " ")))) }),
  };
}
