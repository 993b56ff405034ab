// @ts-check
import "../browser/fills.js";
import { ListenAlong } from "../audio/listen-along.js";
import { api } from "../net/api.js";
import { socketsAfter } from "../net/socket-handover.js";
import { ServerClock } from "../net/server-clock.js";
import { LocalPlayer } from "../audio/local-player.js";
import { MediaCard } from "../audio/media-session.js";
import { Outbox } from "../net/outbox.js";
import { RoomSocket } from "../net/socket.js";
import { Speaker } from "../audio/speaker.js";
import { JsonStorage } from "../browser/json-storage.js";
import { Store } from "../state/store.js";
import { showRoom } from "../browser/tabs.js";
import { openRoom } from "../views/room/page.js";
import { SOURCES } from "../views/sources-in-page.js";
import { writeTimesByDevice } from "../views/words/words.js";

/** Wires the parts of a room's page; each of them says itself what it does. */
const boot = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("boot")).textContent ?? "{}");
const { code } = boot;

const storage = new JsonStorage(() => localStorage);
const clock = new ServerClock({ serverMs: boot.server_ms });
writeTimesByDevice(clock.now());
clock.addEventListener("step", () => writeTimesByDevice(clock.now()));
const store = new Store({ onGap: () => socket.resync() });
const WebSocket = socketsAfter(/** @type {any} */ (globalThis).firstSocket);
const socket = new RoomSocket({ code, clock, WebSocket, resumePoint: () => store.resumePoint });
const outbox = new Outbox({ code, store });
const card = new MediaCard();
/** Makes the sound of this page. */
export const localPlayer = new LocalPlayer({ clock });
export const speaker = new Speaker({
  code,
  clock,
  localPlayer,
  card,
  onPlay: () => page.actions.play(),
  onPause: () => page.actions.pause(),
  onNext: () => page.actions.skip(),
});
export const along = new ListenAlong({ code, clock, localPlayer, speaker, card, storage });
const page = openRoom({ boot, api, clock, store, socket, outbox, speaker, along, storage });
const sources = SOURCES.map(({ startParts }) => startParts({ code, clock, api, store, speaker, along, load: page.load }));

socket.addEventListener("frame", (event) => store.receive(/** @type {CustomEvent} */ (event).detail));
store.addEventListener("change", () => {
  for (const parts of sources) parts.follow(store.state);
  speaker.follow(store.state.playback);
  along.follow(store.state.playback);
});
socket.addEventListener("status", () => socket.status.state === "live" && outbox.flush());
outbox.addEventListener("kept", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.error?.status === 0) socket.doubt();
});
page.enter();
for (const parts of sources) parts.load(document.body.dataset);
showRoom(code);
