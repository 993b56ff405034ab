import assert from "node:assert/strict";
import test from "node:test";

import { keepEarlyPress } from "../../../../static/js/views/elements/early-press.js";

/** A part of the page; where it is clicked is within `button`, or on no key. */
class Panel extends EventTarget {
  click(button) {
    this.closest = () => button;
    this.dispatchEvent(new Event("click"));
  }
}

class Key {
  presses = 0;

  click() {
    this.presses += 1;
  }
}

test("the last key that was pressed is pressed again, also after a click on no key", () => {
  const [panel, first, last] = [new Panel(), new Key(), new Key()];
  const pressAgain = keepEarlyPress(panel);
  for (const button of [first, last, null]) panel.click(button);
  pressAgain();
  pressAgain();
  assert.deepEqual([first.presses, last.presses], [0, 1]);
});
