import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

import { events, snapshot, tally } from "./cast.mjs";

const program = fileURLToPath(new URL("replay.mjs", import.meta.url));

function replay(input) {
  const { stdout, stderr, status } = spawnSync("node", [program], { input: JSON.stringify(input), encoding: "utf8" });
  return { state: JSON.parse(stdout), stderr, status };
}

test("a replay prints the state that the frames lead to", () => {
  const { state, stderr, status } = replay({
    snapshot: snapshot(),
    frames: [events(12, tally("i2", 4)), events(11, tally("i2", 3)), { type: "presence", here: [] }],
  });
  assert.deepEqual([status, stderr], [0, ""]);
  assert.deepEqual(Object.keys(state).sort(), ["me", "members", "playback", "queue", "revision", "room", "sources"]);
  assert.equal(state.revision, 12);
  assert.equal(state.queue[1].score, 4);
});

test("a replay with a hole fails", () => {
  const { status, stderr } = replay({ snapshot: snapshot(), frames: [events(12, tally("i2", 4))] });
  assert.equal(status, 1);
  assert.match(stderr, /after revision 10/);
});
