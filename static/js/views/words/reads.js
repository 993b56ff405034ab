// @ts-check
/** What listeners read of the rules of a room, in the words of this page. Pure. */

import { sayOf } from "../../words/reads/say.js";

/**
 * A sentence for each rule that matters to them.
 * @param {{reads?: readonly string[], reads_as?: readonly {code: string, values: Readonly<Record<string, number>>}[]}} room
 *   reads: the server's own words, in English
 * @returns {string[]}
 */
export function readsWords({ reads = [], reads_as = [] }) {
  return reads.map((words, n) => (reads_as[n] ? sayOf("reads", reads_as[n].code, reads_as[n].values, words) : words));
}
