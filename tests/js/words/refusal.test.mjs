import assert from "node:assert/strict";
import test from "node:test";

import { reasonWords, refusalWords } from "../../../static/js/words/refusal.js";

const message = "The server’s own words.";

test("a refusal names how often is too often, and why something was done", () => {
  const often = { code: "rate_limited", detail: "limit_adds", values: { count: 6, window_s: 60, wait: 20 }, message };
  assert.equal(refusalWords(often), "Easy: 6 tracks a minute. Try again in 20 s.");
  assert.equal(refusalWords({ ...often, values: { ...often.values, window_s: 10 } }), "Easy: 6 tracks in 10 s. Try again in 20 s.");
  const banned = { code: "banned", detail: "banned_by", values: { by: "Mika", why: "spam" }, message };
  assert.equal(refusalWords(banned), "Mika removed you from this room. Reason: spam.");
});

test("what suggestions refuse is in the words of the page, too", () => {
  const often = { code: "rate_limited", detail: "limit_suggestions", values: { count: 60, window_s: 60, wait: 4 }, message };
  assert.equal(refusalWords(often), "Easy: 60 suggestions a minute. Try again in 4 s.");
});

test("a text that is refused has the page’s name for it", () => {
  const empty = { code: "invalid", detail: "text_empty", values: { what: "word", line: 3 }, message };
  assert.equal(refusalWords(empty), "The word in line 3 needs at least one character.");
});

test("what this page has no name for is said in the server’s words", () => {
  for (const what of ["a_poem", "constructor", "__proto__"]) {
    assert.equal(refusalWords({ code: "invalid", detail: "text_empty", values: { what }, message }), message);
  }
});

test("a code that is the name of something in JavaScript has the server’s words", () => {
  for (const code of ["constructor", "toString", "__proto__", ""]) assert.equal(refusalWords({ code, message }), message);
});

test("a reason of the list is in the words of the page, with what somebody added", () => {
  assert.equal(reasonWords("hate"), "insults or hate");
  assert.equal(reasonWords("hate: "), "insults or hate");
  assert.equal(reasonWords("private_data: a number: mine"), "private data of others: a number: mine");
});

test("a reason that a person wrote stays as they wrote it", () => {
  assert.equal(reasonWords("Loud: and long"), "Loud: and long");
  assert.equal(reasonWords(""), "");
});
