import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { codeOf, findCode } from "../../../../static/js/views/home/code-entry.js";

const CODES = JSON.parse(readFileSync(new URL("../../../codes.json", import.meta.url), "utf8"));

test("spaces, dashes and case do not matter", () => {
  assert.equal(codeOf(" kq7-f4m "), "KQ7F4M");
  assert.equal(codeOf("KQ7 F4M and more"), "KQ7F4M");
  assert.equal(codeOf("kq"), "KQ");
});

test("a code is found in a link and between words, as the server finds it", () => {
  for (const [typed, code] of Object.entries(CODES)) assert.equal(findCode(typed), code, typed);
});

test("a pasted link leaves its code in the field", () => {
  assert.equal(codeOf("https://party.example/r/kq7f4m"), "KQ7F4M");
  assert.equal(codeOf("Join my room KQ7F4M tonight"), "KQ7F4M");
});

test("pasted words without a code leave the field empty", () => {
  assert.equal(codeOf("see them at the party"), "");
  assert.equal(codeOf("KQ7F4MX"), "KQ7F4M");
});
