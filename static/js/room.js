// @ts-check
import { Along } from "./along.js";
import { api } from "./api.js";
import { ServerClock } from "./clock.js";
import { Follower } from "./follow.js";
import { MediaCard } from "./media-session.js";
import { Outbox } from "./outbox.js";
import { RoomSocket } from "./socket.js";
import { Speaker } from "./speaker.js";
import { Drawer } from "./storage.js";
import { Store } from "./store.js";
import { openRoom } from "./views/page.js";

/** Wires the parts of a room's page; each of them says itself what it does. */
const boot = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("boot")).textContent ?? "{}");
const { code } = boot;

const drawer = new Drawer(() => localStorage);
const clock = new ServerClock({ serverMs: boot.server_ms });
const store = new Store({ onGap: () => socket.resync() });
const socket = new RoomSocket({ code, clock });
const outbox = new Outbox({ code, store });
const card = new MediaCard();
/** The one that makes this page's sound. */
export const follower = new Follower({ clock });
export const speaker = new Speaker({
  code,
  clock,
  follower,
  card,
  onPlay: () => page.remote.play(),
  onPause: () => page.remote.pause(),
  onNext: () => page.remote.skip(),
});
export const along = new Along({ code, clock, follower, speaker, card, drawer });
const page = openRoom({ boot, api, clock, store, socket, outbox, speaker, along, drawer });

socket.addEventListener("frame", (event) => store.receive(/** @type {CustomEvent} */ (event).detail));
store.addEventListener("change", () => {
  speaker.follow(store.state.playback);
  along.follow(store.state.playback);
});
outbox.addEventListener("kept", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.error?.status === 0) socket.doubt();
});
page.enter();
