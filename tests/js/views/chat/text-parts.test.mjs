import assert from "node:assert/strict";
import { test } from "node:test";

import { mentionsIn, textParts } from "../../../../static/js/views/chat/text-parts.js";

const people = [{ id: "1", name: "Ana" }, { id: "2", name: "Ana Maria" }, { id: "3", name: "Chen" }];

test("an address of the web is a link, and the full stop after it is none", () => {
  assert.deepEqual(textParts("See https://example.com/a, now."), [
    { text: "See " }, { text: "https://example.com/a", href: "https://example.com/a" }, { text: ", now." },
  ]);
});

test("what runs scripts or names no page is no link", () => {
  for (const text of ["javascript:alert(1)", "data:text/html,x", "http://", "<a href=x>", "vbscript:https"]) {
    assert.deepEqual(textParts(text), [{ text }]);
  }
});

test("nothing of a text is lost or added", () => {
  const text = `@Ana <b>x</b> "https://a.example/?q=1&r=2" http://b.example! @chen @Anabel`;
  assert.equal(textParts(text, ["Ana", "Chen"]).map((part) => part.text).join(""), text);
});

test("the names of those whom a message mentions are marked whole", () => {
  const marked = textParts("@Anabel and @ana, hi", ["Ana"]).filter(({ isMention }) => isMention);
  assert.deepEqual(marked, [{ text: "@ana", isMention: true }]);
});

test("a text mentions those whose whole name it has", () => {
  assert.deepEqual(mentionsIn("@ana maria hi", people), ["2"]);
  assert.deepEqual(mentionsIn("@Ana Maria and @Ana", people), ["2", "1"]);
  assert.deepEqual(mentionsIn("ana, a@chenille, @Anabel", people), []);
});

test("at most twenty are mentioned", () => {
  const crowd = Array.from({ length: 30 }, (_, n) => ({ id: String(n), name: `P${n}x` }));
  assert.equal(mentionsIn(crowd.map(({ name }) => `@${name}`).join(" "), crowd).length, 20);
});
