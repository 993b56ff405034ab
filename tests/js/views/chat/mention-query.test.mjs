import assert from "node:assert/strict";
import { test } from "node:test";

import { matches, mentionAt, withMention } from "../../../../static/js/views/chat/mention-query.js";
import { memberInView } from "../../cast.mjs";

const people = [["m1", "Mika"], ["m2", "Sleepy Goose"], ["m3", "Goose"], ["m4", "Gone Otter", { left: true }], ["m5", "Gold Finch", { here: false }]].map(
  ([id, name, facts]) => memberInView(id, { name, ...facts }),
);
const names = (query) => matches(people, query, "m1").map(({ name }) => name);

test("a name is being written from its sign to the caret", () => {
  assert.deepEqual(mentionAt("Hi @sle", 7), { from: 3, to: 7, query: "sle" });
  assert.deepEqual(mentionAt("@Sleepy G rest", 9), { from: 0, to: 9, query: "Sleepy G" });
  assert.deepEqual(mentionAt("@", 1), { from: 0, to: 1, query: "" });
});

test("an address, a lone sign and a text before the sign name nobody", () => {
  assert.equal(mentionAt("ana@example.org", 15), null);
  assert.equal(mentionAt("meet @ eight", 12), null);
  assert.equal(mentionAt("Hi @sle", 2), null);
  assert.equal(mentionAt(`@${"x".repeat(41)}`, 42), null);
});

test("members are offered whose name or a word of it begins so, whole names first, then who is here", () => {
  assert.deepEqual(names("go"), ["Goose", "Gold Finch", "Sleepy Goose"]);
  assert.deepEqual(names("SLEEPY G"), ["Sleepy Goose"]);
  assert.deepEqual(names("oose"), []);
});

test("nobody is offered oneself, who has left, or a name that is complete", () => {
  assert.deepEqual(names("mika"), []);
  assert.deepEqual(names("gone"), []);
  assert.deepEqual(names("sleepy goose"), []);
});

test("a chosen name takes the place of what was typed of it, and the caret follows", () => {
  const taken = (text) => withMention(text, mentionAt(text, 7), "Sleepy Goose");
  assert.deepEqual(taken("Hi @sle"), { text: "Hi @Sleepy Goose ", caret: 17 });
  assert.deepEqual(taken("Hi @sle, hello"), { text: "Hi @Sleepy Goose, hello", caret: 16 });
});
