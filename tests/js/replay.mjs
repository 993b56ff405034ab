/**
 * The states a page reaches. Reads a line {"snapshot": …, "frames": […]} at a time from stdin, gives them to a new
 * store, and answers with a line {state, hole: whether the frames leave one}. The state has the parts of the latest snapshot
 * that have a revision, and leaves out what only the page works out for itself: it compares with the next snapshot.
 */
import { createInterface } from "node:readline";

import { Store } from "../../static/js/state/store.js";

/** Presence has no revision, and the clock runs on. */
const WITHOUT_REVISION = new Set(["type", "server_ms", "presence"]);

for await (const line of createInterface({ input: process.stdin })) {
  const { snapshot, frames } = JSON.parse(line);
  const store = new Store();
  store.receive({ ...snapshot, type: "snapshot" });
  for (const frame of frames) store.receive(frame);
  const latest = frames.findLast(({ type }) => type === "snapshot") ?? snapshot;
  const state = comparable(store.state, Object.keys(latest));
  process.stdout.write(`${JSON.stringify({ state, hole: Boolean(store.waiting) })}\n`);
}

/** @param {any} state @param {string[]} names  those of the snapshot's fields */
function comparable({ playback: { next, ...playback }, ...rest }, names) {
  const state = { ...rest, playback };
  return Object.fromEntries(names.filter((name) => !WITHOUT_REVISION.has(name)).map((name) => [name, state[name]]));
}
