/**
 * The states a page reaches. Reads a line {"snapshot": …, "frames": […]} at a time from stdin, gives them to a new
 * store, and answers with a line {state: {revision, room, me, …}, hole: whether the frames leave one}.
 */
import { createInterface } from "node:readline";

import { Store } from "../../static/js/store.js";

for await (const line of createInterface({ input: process.stdin })) {
  const { snapshot, frames } = JSON.parse(line);
  const store = new Store();
  store.receive({ ...snapshot, type: "snapshot" });
  for (const frame of frames) store.receive(frame);
  process.stdout.write(`${JSON.stringify({ state: store.state, hole: Boolean(store.waiting) })}\n`);
}
