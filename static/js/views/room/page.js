// @ts-check
import { mountAdd } from "../add/mount.js";
import { mountChat } from "../chat/mount.js";
import { mountLogs } from "../now-playing/mount-logs.js";
import { mountNowPlaying } from "../now-playing/mount.js";
import { mountPeople } from "../people/mount.js";
import { mountQueue } from "../queue/mount.js";
import { mountRules } from "../rules/mount.js";
import { mountShare } from "../share/mount.js";
import { SOURCES } from "../sources-in-page.js";
import { mountSound } from "../sound/mount.js";
import { createContext } from "./context.js";
import { enterRoom } from "./enter.js";
import { mountBanner, mountFrame } from "./mount.js";

/** What a room's page shows. Each panel mounts itself and knows no other one; the first are drawn first. */
const PANELS = [
  mountNowPlaying, mountSound, mountQueue, mountFrame, mountAdd, mountChat, mountPeople, mountShare, mountBanner, mountRules,
  mountLogs,
];

/** Opens the room in this page. @param {import("./context.js").Services} services */
export function openRoom(services) {
  const context = createContext(services);
  for (const mount of PANELS) mount(context);
  for (const source of SOURCES) source.mount(context);
  return { actions: context.actions, load: context.load, enter: () => enterRoom(context) };
}
