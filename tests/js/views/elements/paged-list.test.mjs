import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { fillPagedList } from "../../../../static/js/views/elements/paged-list.js";
import { FakePart } from "../../audio/fake-page.mjs";

const FIRST = { items: ["a", "b"], next: "2" };
const LAST = { items: ["c"], next: null };
let body, asked;
const [list, note, more] = ["list", "note", "more"].map((name) => () => body.querySelector(`[data-${name}]`));

beforeEach(() => {
  body = new FakePart();
  asked = [];
});

function fill(...answers) {
  const get = async (address) => {
    asked.push(address);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return fillPagedList(body, { api: { get }, path: "/plays", row: (item) => item, none: "Nothing yet." });
}

test("each press of more appends the page behind the last one, until there is none", async () => {
  await fill(FIRST, LAST);
  assert.deepEqual([list().children, more().hidden], [["a", "b"], false]);
  more().dispatchEvent(new Event("click"));
  await new Promise(setImmediate);
  assert.deepEqual([list().children, more().hidden], [["a", "b", "c"], true]);
  assert.deepEqual(asked, ["/plays", "/plays?cursor=2"]);
});

test("the note says that a list is empty, or why a page could not be had", async () => {
  await fill({ items: [], next: null });
  assert.deepEqual([note().textContent, note().hidden], ["Nothing yet.", false]);
  await fill(new Error("You are offline."));
  assert.equal(note().textContent, "You are offline.");
});
