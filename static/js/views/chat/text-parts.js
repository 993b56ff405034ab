// @ts-check
/** A message as pieces of text, of which some are links or names. Pure: whoever draws them makes the elements. */

/** @typedef {{text: string, href?: string, isMention?: boolean}} TextPart */

const LINK = /https?:\/\/[^\s<>"']+/giu;
/** Belongs to the sentence, not to the address. */
const TRAILING = /[.,;:!?)\]}…]+$/u;
/** As many members as the server takes. */
const MOST_MENTIONS = 20;

/** @param {string} text @param {readonly string[]} names  of those whom the message mentions @returns {TextPart[]} */
export function textParts(text, names = []) {
  /** @type {TextPart[]} */
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    const address = found[0].replace(TRAILING, "");
    const href = safeAddress(address);
    if (href === null) continue;
    parts.push(...mentionParts(text.slice(from, found.index), names), { text: address, href });
    from = found.index + address.length;
  }
  parts.push(...mentionParts(text.slice(from), names));
  return parts;
}

/** Only what leads to a page: never a script. @param {string} address */
function safeAddress(address) {
  try {
    const { href, protocol } = new URL(address);
    return protocol === "https:" || protocol === "http:" ? href : null;
  } catch {
    return null;
  }
}

/** @param {string} text @param {readonly string[]} names @returns {TextPart[]} */
function mentionParts(text, names) {
  const found = names
    .map((name) => ({ name, at: placeOf(text, name) }))
    .filter(({ at }) => at !== -1)
    .sort((one, other) => one.at - other.at || other.name.length - one.name.length)[0];
  if (!found) return text === "" ? [] : [{ text }];
  const end = found.at + found.name.length + 1;
  return [
    ...(found.at > 0 ? [{ text: text.slice(0, found.at) }] : []),
    { text: text.slice(found.at, end), isMention: true },
    ...mentionParts(text.slice(end), names),
  ];
}

/**
 * The ids of those whom a text names as "@Name", longer names first.
 * @param {string} text @param {Iterable<{id: string, name: string}>} members
 */
export function mentionsIn(text, members) {
  let left = text;
  const ids = [];
  for (const { id, name } of [...members].sort((one, other) => other.name.length - one.name.length)) {
    const at = placeOf(left, name);
    if (at === -1) continue;
    ids.push(id);
    // "@Ana Maria" names no "Ana" besides.
    left = `${left.slice(0, at)}\u0000${left.slice(at + name.length + 1)}`;
  }
  return ids.slice(0, MOST_MENTIONS);
}

/** Where "@name" stands, whole; -1: nowhere. @param {string} text @param {string} name */
function placeOf(text, name) {
  const [folded, wanted] = [text.toLowerCase(), `@${name.toLowerCase()}`];
  // Letters that change their length when folded would move what follows.
  if (folded.length !== text.length || name === "") return text.indexOf(`@${name}`);
  for (let at = folded.indexOf(wanted); at !== -1; at = folded.indexOf(wanted, at + 1)) {
    const next = folded.slice(at + wanted.length);
    if (!/^[\p{L}\p{N}]/u.test(next)) return at;
  }
  return -1;
}
