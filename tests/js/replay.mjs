/**
 * The state a page reaches: reads {"snapshot": …, "frames": […]} from stdin, gives them to the real store, prints
 * {revision, room, me, members, queue, playback, sources}. Exits with 1 where the frames leave a hole.
 */
import { readFileSync } from "node:fs";

import { Store } from "../../static/js/store.js";

const { snapshot, frames } = JSON.parse(readFileSync(0, "utf8"));
const store = new Store();
store.receive({ ...snapshot, type: "snapshot" });
for (const frame of frames) store.receive(frame);

process.stdout.write(`${JSON.stringify(store.state)}\n`, () => {
  if (store.waiting) process.stderr.write(`A frame is missing after revision ${store.state.revision}.\n`);
  process.exit(store.waiting ? 1 : 0);
});
