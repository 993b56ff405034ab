import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { DragReorder } from "../../../../static/js/views/queue/drag-reorder.js";

const ROW_PX = 60;
let list, dropped, isDragging;

beforeEach(() => {
  globalThis.window = new EventTarget();
  globalThis.requestAnimationFrame = () => {};
  globalThis.getSelection = () => null;
  // Whatever is pressed in this list is the grip of the first of three rows.
  list = Object.assign(new EventTarget(), { dataset: {}, closest: (where) => (where === "[data-grip]" ? list : null) });
  dropped = [];
  const rows = [0, 1, 2].map(row);
  new DragReorder(list, {
    canDrag: () => true,
    rows: () => rows,
    scroller: () => ({ scrollTop: 0 }),
    edges: () => ({ top: 0, bottom: 600 }),
    dragging: (now) => (isDragging = now),
    drop: ({ name }, to) => dropped.push([name, to]),
  });
  press("pointerdown", list, { clientY: 10 });
  for (const clientY of [20, 10 + ROW_PX]) press("pointermove", window, { clientY });
});

function row(name) {
  const top = name * ROW_PX;
  const element = { contains: () => name === 0, querySelector: () => ({}), dataset: {}, style: { removeProperty() {} } };
  return { name, element, slot: { dataset: {}, getBoundingClientRect: () => ({ top, height: ROW_PX, bottom: top + ROW_PX }) } };
}

function press(type, target, facts = {}) {
  const event = new Event(type, { cancelable: true });
  target.dispatchEvent(Object.assign(event, { pointerId: 1, pointerType: "mouse", button: 0, clientX: 0, ...facts }));
  return event;
}

test("a row that is dropped stays where it was dragged", () => {
  assert.equal(isDragging, true);
  press("pointerup", window);
  assert.deepEqual([dropped, isDragging], [[[0, 1]], false]);
});

test("Escape takes a dragged row back to where it was, and does nothing else", () => {
  const escape = press("keydown", window, { key: "Escape" });
  assert.equal(escape.defaultPrevented, true);
  press("pointerup", window);
  assert.deepEqual([dropped, isDragging], [[[0, 0]], false]);
});

test("a row goes back when the browser takes the pointer away", () => {
  press("pointercancel", window);
  assert.deepEqual([dropped, isDragging], [[[0, 0]], false]);
});
