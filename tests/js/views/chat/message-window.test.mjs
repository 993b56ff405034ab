import assert from "node:assert/strict";
import { test } from "node:test";

import { MessageWindow, MOST_ROWS, STEP } from "../../../../static/js/views/chat/message-window.js";

const messages = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => ({ id: String(from + n) }));
const seen = (window, all) => {
  const { shown, isOpenAbove, isOpenBelow } = window.over(all);
  return [Number(shown[0].id), Number(shown.at(-1).id), isOpenAbove, isOpenBelow];
};

test("few messages are all rows", () => {
  assert.deepEqual(seen(new MessageWindow(), messages(1, 50)), [1, 50, false, false]);
});

test("at the end the latest are rows, and what comes takes the place of the oldest", () => {
  const window = new MessageWindow();
  assert.deepEqual(seen(window, messages(1, 1_000)), [1_001 - MOST_ROWS, 1_000, true, false]);
  assert.deepEqual(seen(window, messages(1, 1_001)), [1_002 - MOST_ROWS, 1_001, true, false]);
});

test("while somebody reads above, what comes waits below and older ones above", () => {
  const window = new MessageWindow();
  window.stay(messages(101, 1_000));
  const first = 1_001 - MOST_ROWS;
  assert.deepEqual(seen(window, messages(101, 1_010)), [first, 1_000, true, true]);
  assert.deepEqual(seen(window, messages(51, 1_010)), [first, 1_000, true, true]);
});

test("it moves by steps, and no further than there are messages", () => {
  const [window, all] = [new MessageWindow(), messages(1, 1_000)];
  window.move(all, -STEP);
  assert.deepEqual(seen(window, all), [1_001 - MOST_ROWS - STEP, 1_000 - STEP, true, true]);
  window.move(all, -10_000);
  assert.deepEqual(seen(window, all), [1, MOST_ROWS, false, true]);
  window.move(all, 10_000);
  assert.deepEqual(seen(window, all), [1_001 - MOST_ROWS, 1_000, true, false]);
});

test("where its first message is forgotten, it follows the latest", () => {
  const window = new MessageWindow();
  window.stay(messages(1, 1_000));
  assert.deepEqual(seen(window, messages(2_001, 2_050)), [2_001, 2_050, false, false]);
});
