import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

import { events, snapshot, tally } from "../cast.mjs";

const program = fileURLToPath(new URL("../replay.mjs", import.meta.url));

/** One answer for each case, from one program. */
function replay(...cases) {
  const input = cases.map((each) => `${JSON.stringify(each)}\n`).join("");
  const { stdout } = spawnSync("node", [program], { input, encoding: "utf8" });
  return stdout.trim().split("\n").map((line) => JSON.parse(line));
}

test("a replay answers with the state that the frames lead to", () => {
  const frames = [events(12, tally("i2", 4)), events(11, tally("i2", 3)), { type: "presence", here: [] }];
  const [{ state, hole }] = replay({ snapshot: snapshot(), frames });
  assert.equal(hole, false);
  const parts = ["along", "chat", "last_incident_ms", "me", "members", "playback", "queue", "reactions", "revision", "room", "sources"];
  assert.deepEqual(Object.keys(state).sort(), parts);
  assert.equal(state.revision, 12);
  assert.equal(state.queue[1].score, 4);
  assert.equal("next" in state.playback, false);
});

test("a replay of somebody who may curate has what only they see", () => {
  const [{ state }] = replay({ snapshot: snapshot({ held: {} }), frames: [events(11, { type: "queue.held", item: "i1", held: 2 })] });
  assert.deepEqual(state.held, { i1: 2 });
});

test("a replay with a hole says so, and the next one begins anew", () => {
  const withHole = { snapshot: snapshot(), frames: [events(12, tally("i2", 4))] };
  const [first, second] = replay(withHole, { snapshot: snapshot(), frames: [] });
  assert.equal(first.hole, true);
  assert.equal(second.hole, false);
  assert.equal(second.state.revision, 10);
});
