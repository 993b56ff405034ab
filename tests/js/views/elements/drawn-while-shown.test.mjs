import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { DrawnWhileShown } from "../../../../static/js/views/elements/drawn-while-shown.js";

let show, drawn, view;

beforeEach(() => {
  globalThis.IntersectionObserver = class {
    constructor(report) {
      show = (isIntersecting) => report([{ isIntersecting }]);
    }

    observe() {}
  };
  drawn = [];
  view = new DrawnWhileShown({}, { draw: (model) => drawn.push(model) });
});
afterEach(() => delete globalThis.IntersectionObserver);

test("a hidden panel is not drawn", () => {
  show(false);
  view.draw("a vote");
  assert.deepEqual(drawn, []);
});

test("a panel that is shown is drawn with what is known then", () => {
  show(false);
  for (const model of ["a vote", "another vote"]) view.draw(model);
  show(true);
  assert.deepEqual(drawn, ["another vote"]);
});

test("a panel that missed nothing is not drawn again when it is shown", () => {
  view.draw("a vote");
  show(false);
  show(true);
  assert.deepEqual(drawn, ["a vote"]);
});
