import assert from "node:assert/strict";
import { test } from "node:test";

import { EarlyVotes } from "../../../../static/js/views/queue/early-votes.js";

test("early taps are votes at the first draw, those for what has gone are not", () => {
  const taps = [{ item: "7", way: 1 }, { item: "8", way: -1 }, { item: "gone", way: 1 }];
  const cast = [];
  const early = new EarlyVotes({ take: () => taps.splice(0), vote: (item, way) => cast.push([item.id, way]) });
  early.draw({ queue: [{ id: "7" }, { id: "8" }] });
  early.draw({ queue: [{ id: "7" }, { id: "8" }] });
  assert.deepEqual(cast, [["7", 1], ["8", -1]]);
});
