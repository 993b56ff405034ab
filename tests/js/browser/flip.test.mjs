import assert from "node:assert/strict";
import { test } from "node:test";

import { topsBetween } from "../../../static/js/browser/flip.js";

const HEIGHT = 100;

/** Rows one below the other, which note that they were measured. */
function rowsThatNote(count) {
  const measured = new Set();
  const rows = Array.from({ length: count }, (_, index) => ({
    getBoundingClientRect() {
      measured.add(index);
      return { top: index * HEIGHT - 5_000, bottom: (index + 1) * HEIGHT - 5_000 };
    },
  }));
  return { rows, measured };
}

test("rows between two lines of the window are found with their tops", () => {
  const { rows } = rowsThatNote(500);
  const tops = topsBetween(rows, { top: 0, bottom: 250 });
  assert.deepEqual([...tops.values()], [0, 100, 200]);
  assert.equal([...tops.keys()][0], rows[50]);
});

test("rows out of the window are not measured, but for the few that lead there", () => {
  const { rows, measured } = rowsThatNote(500);
  topsBetween(rows, { top: 0, bottom: 844 });
  assert.ok(measured.size <= 9 + 1 + Math.ceil(Math.log2(500)), `${measured.size} were measured`);
});
