import assert from "node:assert/strict";
import test from "node:test";

import { listed, wordsOf } from "../../../static/js/words/say.js";

const { say, sayNth, sayOf } = wordsOf(/** @type {const} */ ({
  "closing.in_minutes": { one: "Closing in {n} minute.", other: "Closing in {n} minutes." },
  "number.nth": { one: "{n}st", two: "{n}nd", few: "{n}rd", other: "{n}th" },
  "suggestion.played_here": { one: "Played in {n} room here", other: "Played in {n} rooms here" },
  "suggestion.same_artist": "By {artist}, like {title}",
  "suggestion.similar": "Like {title}",
}));

test("a sentence has its values in their places", () => {
  assert.equal(say("suggestion.same_artist", { artist: "Cedar", title: "Dune" }), "By Cedar, like Dune");
});

test("an amount chooses the form of its sentence", () => {
  assert.equal(say("closing.in_minutes", { n: 1 }), "Closing in 1 minute.");
  assert.equal(say("closing.in_minutes", { n: 0 }), "Closing in 0 minutes.");
});

test("a place in an order is written as one", () => {
  assert.deepEqual([1, 2, 3, 11, 22].map((n) => sayNth("number.nth", { n })), ["1st", "2nd", "3rd", "11th", "22nd"]);
});

test("large amounts have separators, and negative ones a minus sign", () => {
  assert.equal(say("suggestion.played_here", { n: 1234 }), "Played in 1,234 rooms here");
  assert.equal(say("suggestion.played_here", { n: -2 }), "Played in −2 rooms here");
});

test("a name that runs from right to left is set apart within a sentence, and no other", () => {
  assert.equal(say("suggestion.same_artist", { artist: "Cedar", title: "קיץ 5" }), "By Cedar, like \u2068קיץ 5\u2069");
  assert.equal(listed(["داليا", "קיץ", "Ana"]), "\u2068داليا\u2069, \u2068קיץ\u2069 and Ana");
});

test("a name with marks of direction does not turn the words around it", () => {
  for (const title of ["abc\u202edef", "\u2067abc\u202cdef\u2069", "\u2068abc\u2066def", "abc\u2069def\u2068"]) {
    assert.equal(say("suggestion.similar", { title }), "Like abcdef");
  }
});

test("what is set apart within a sentence stays so within another one", () => {
  const inner = say("suggestion.similar", { title: "קיץ" });
  assert.equal(say("suggestion.same_artist", { artist: inner, title: "Dune" }), "By \u2068Like \u2068קיץ\u2069\u2069, like Dune");
});

test("a code that this page does not know has the words of the server", () => {
  assert.equal(sayOf("suggestion", "by_the_moon", {}, "The moon"), "The moon");
  assert.equal(sayOf("suggestion", "similar", { title: "Dune" }, "The moon"), "Like Dune");
});

test("a sentence is not said with a value missing", () => {
  assert.equal(sayOf("suggestion", "similar", {}, "The server’s words"), "The server’s words");
});
