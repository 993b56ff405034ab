// @ts-check
/** Whom somebody is about to name in a message. Pure. */

import { isInside } from "../../state/members-in-view.js";

/** @typedef {import("../../state/members-in-view.js").MemberInView} Member */
/** @typedef {{from: number, to: number, query: string}} MentionQuery  from: where its "@" stands; to: where the caret is */

/** As many as fit above the keyboard of a phone. */
const MOST = 5;
/** As long as a name. */
const LONGEST = 40;

/** What stands between the last "@" and the caret; null where no name is being written. @param {string} text @param {number} caret @returns {MentionQuery|null} */
export function mentionAt(text, caret) {
  const from = text.lastIndexOf("@", caret - 1);
  if (from === -1 || caret - from - 1 > LONGEST) return null;
  // "ana@example.org" names nobody.
  if (from > 0 && /[\p{L}\p{N}]/u.test(text[from - 1])) return null;
  const query = text.slice(from + 1, caret);
  return /^\s|\n/u.test(query) ? null : { from, to: caret, query };
}

/**
 * The members whose name, or a word of it, begins like that: the whole name first, then who is here. None once the name of the
 * only one stands there in full.
 * @param {Iterable<Member>} members @param {string} query @param {string} me  id
 */
export function matches(members, query, me) {
  const wanted = query.toLowerCase();
  const rank = (/** @type {Member} */ { name, here }) => (name.toLowerCase().startsWith(wanted) ? 0 : 2) + (here === false ? 1 : 0);
  const found = [...members].filter((member) => isInside(member) && member.id !== me && begins(member.name.toLowerCase(), wanted));
  if (found.length === 1 && found[0].name.toLowerCase() === wanted) return [];
  return found.sort((one, other) => rank(one) - rank(other)).slice(0, MOST);
}

/** @param {string} name @param {string} wanted */
function begins(name, wanted) {
  return name.startsWith(wanted) || name.split(/\s+/u).some((word) => word.startsWith(wanted));
}

/** The text with the name in place of what was typed of it. @param {string} text @param {MentionQuery} at @param {string} name */
export function withMention(text, { from, to }, name) {
  const rest = text.slice(to);
  const before = `${text.slice(0, from)}@${name}${/^[\s\p{P}]/u.test(rest) ? "" : " "}`;
  return { text: before + rest, caret: before.length };
}
