// @ts-check
/** What became of many tracks at once. Pure. */

import { say } from "../../words/add/say.js";
import { refusalWords } from "../../words/refusal.js";

/** @typedef {{uri: string, outcome: "added"|"waiting"|"refused", item?: {id: string}|null, error?: import("../../words/refusal.js").RefusalFacts|null}} Outcome */

/** Why a source has tracks that cannot be added here. Different reasons may read the same. */
const SKIPPED = /** @type {const} */ ({
  local: "local",
  episode: "episode",
  gone: "gone",
  unplayable: "not_here",
  market: "not_here",
  product: "product",
  explicit: "explicit",
  restricted: "restricted",
});

/** "3 left out: 1 local file, 1 podcast episode, 1 not available here" @param {Record<string, number>} skipped */
export function skippedWords(skipped) {
  /** @type {Map<typeof SKIPPED[keyof typeof SKIPPED]|"unreadable", number>} */
  const counts = new Map();
  for (const [why, n] of Object.entries(skipped)) {
    const kind = Object.hasOwn(SKIPPED, why) ? SKIPPED[/** @type {keyof typeof SKIPPED} */ (why)] : "unreadable";
    if (n > 0) counts.set(kind, (counts.get(kind) ?? 0) + n);
  }
  const sum = [...counts.values()].reduce((all, n) => all + n, 0);
  const what = [...counts].map(([kind, n]) => say(`skipped.${kind}`, { n })).join(", ");
  return sum === 0 ? "" : say("skipped.all", { n: sum, what });
}

/** "21 added, 2 waited already, 1 not: It played at 20:47." @param {readonly Outcome[]} outcomes */
export function manyWords(outcomes) {
  const of = (/** @type {string} */ kind) => outcomes.filter(({ outcome }) => outcome === kind);
  const [added, waited, refused] = ["added", "waiting", "refused"].map(of);
  const counts = [say("many.added", { n: added.length }), waited.length > 0 ? say("many.waited", { n: waited.length }) : ""].filter(Boolean).join(", ");
  if (refused.length === 0) return `${counts}.`;
  const [{ error }] = refused;
  const others = { n: refused.length };
  return `${counts}, ${error ? say("many.refused", { ...others, why: refusalWords(error) }) : say("many.refused_unknown", others)}`;
}
