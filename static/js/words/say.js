// @ts-check
/**
 * Puts sentences together for people, from a catalogue and values. Pure.
 *
 * Each area of the pages has a catalogue of its own (`words/AREA/en.js`), which is loaded with the scripts that say it: a
 * sentence by its key, or one for each plural category. Between its braces stands plain JSON, which beatsync/word_catalogue.py reads,
 * too. `make check` fails for a key that is missing or that nobody uses, and for a sentence that stands in a script.
 */

/**
 * @typedef {string|number} Value  a number is written with separators: what is no amount, such as a year, is text
 * @typedef {string|Readonly<Record<string, string>>} Words  of one form, or of one for each plural category
 */
/**
 * The values that a text names: "title" of "Like {title}".
 * @template Text
 * @typedef {Text extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never} NamesIn
 */
/**
 * @template {Words} W
 * @typedef {W extends string ? NamesIn<W> : "n" | NamesIn<W[keyof W]>} NamesOf
 */
/**
 * Nothing for a text without values; else all that it names, and `n` as the number that chooses the plural.
 * @template {Words} W
 * @typedef {[NamesOf<W>] extends [never] ? [] : [values: {[Name in NamesOf<W>]: W extends string ? Value : Name extends "n" ? number : Value}]} ValuesOf
 */
/**
 * What keys begin with.
 * @template Key
 * @typedef {Key extends `${infer Name}.${string}` ? Name : never} FamilyOf
 */

const LOCALE = globalThis.document?.documentElement?.lang || "en";
const CARDINAL = new Intl.PluralRules(LOCALE);
const ORDINAL = new Intl.PluralRules(LOCALE, { type: "ordinal" });
const FIGURES = new Intl.NumberFormat(LOCALE);
/** Letters of Hebrew, Arabic and their relatives. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** Marks that turn what comes after them, but for a text that `isolated` has set apart already. */
const TURNS = /(\u2068[^\u202a-\u202e\u2066-\u2069]*\u2069)|[\u202a-\u202e\u2066-\u2069]/g;

/**
 * The functions that say what a catalogue has.
 * @template {Readonly<Record<string, Words>>} Catalogue @param {Catalogue} catalogue
 */
export function wordsOf(catalogue) {
  return {
    /**
     * The sentence of a key: `say("closing.in_minutes", { n: 2 })`.
     * @template {keyof Catalogue & string} K @param {K} key @param {ValuesOf<Catalogue[K]>} values
     */
    say: (key, ...values) => written(catalogue[key], values[0] ?? {}, CARDINAL),

    /** As `say`, where `n` is a place in an order and not an amount. @param {keyof Catalogue & string} key @param {{n: number}} values */
    sayNth: (key, values) => written(catalogue[key], values, ORDINAL),

    /**
     * The sentence of a code that the server has sent.
     * @param {FamilyOf<keyof Catalogue>} family @param {string} code @param {Readonly<Record<string, any>>} values
     * @param {string} otherwise  for a code that this page does not know, or one without the values that its sentence names
     */
    sayOf(family, code, values, otherwise) {
      const key = `${family}.${code}`;
      if (!Object.hasOwn(catalogue, key)) return otherwise;
      const words = catalogue[key];
      const names = JSON.stringify(words).matchAll(/\{(\w+)\}/g);
      if (![...names].every(([, name]) => isValue(values[name]))) return otherwise;
      return written(words, values, CARDINAL);
    },
  };
}

/** "vote, react and chat" @param {readonly string[]} words */
export function listed(words) {
  // The English of these pages has no comma before "and".
  return new Intl.ListFormat(LOCALE === "en" ? "en-GB" : LOCALE).format(words.map(isolated));
}

/** @param {Words} words @param {Readonly<Record<string, any>>} values @param {Intl.PluralRules} plural */
function written(words, values, plural) {
  const text = typeof words === "string" ? words : words[plural.select(Math.abs(values.n))] ?? words.other;
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === "number" ? figure(value) : isolated(String(value));
  });
}

/** A name or title that cannot turn the words around it: set apart, if it runs from right to left. @param {string} text */
function isolated(text) {
  const kept = text.replace(TURNS, "$1");
  return RIGHT_TO_LEFT.test(kept) ? `\u2068${kept}\u2069` : kept;
}

/** @param {number} n */
export function figure(n) {
  // Most are small, and formatting is slow.
  const digits = Math.abs(n) < 1_000 ? String(Math.abs(n)) : FIGURES.format(Math.abs(n));
  return n < 0 ? `−${digits}` : digits;
}

/** @param {unknown} value */
function isValue(value) {
  return typeof value === "string" || typeof value === "number";
}
