// @ts-check
/** A person is a shape, a hue and initials, fixed by the member id. */

import { setAttribute, setText } from "./pieces.js";

const SHAPES = 8;
const HUES = 8;

/** @param {string|number} id @returns {{shape: number, hue: number}} */
export function looks(id) {
  const number = numberOf(String(id));
  const shape = number % SHAPES;
  // The next digit, turned on by the shape: still one pair per id, and neighbours differ in both.
  return { shape, hue: (Math.floor(number / SHAPES) + shape) % HUES };
}

/** "Quiet Otter" is QO, "Mika" is Mi. @param {string} name @param {1|2} letters */
export function initials(name, letters) {
  const words = name.trim().split(/\s+/).map(letterOnly).filter((letters) => letters.length > 0);
  if (words.length === 0) return "?";
  const [first] = words;
  if (letters === 1) return first[0].toLocaleUpperCase();
  if (words.length > 1) return (first[0] + words[1][0]).toLocaleUpperCase();
  return first[0].toLocaleUpperCase() + (first[1] ?? "");
}

/** Paints one of the page's person marks. @param {HTMLElement} element @param {{id: string, name: string}} member */
export function paint(element, member) {
  const { shape, hue } = looks(member.id);
  setAttribute(element, "data-shape", String(shape));
  setAttribute(element, "data-hue", String(hue));
  setText(element, initials(member.name, element.classList.contains("person--one") ? 1 : 2));
}

/** By code points: half a letter is no initial. @param {string} word */
function letterOnly(word) {
  return [...word].filter((sign) => /[\p{L}\p{N}]/u.test(sign));
}

/** Ids are opaque: figures count as they are, anything else is mixed into one. @param {string} id */
function numberOf(id) {
  if (/^\d{1,15}$/.test(id)) return Number(id);
  let mixed = 0;
  for (const sign of id) mixed = (mixed * 31 + /** @type {number} */ (sign.codePointAt(0))) >>> 0;
  // The low bits of such a sum follow the last letter only; fold the high ones in.
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
