// @ts-check
import { api } from "./api.js";
import { ServerClock } from "./clock.js";
import { RoomSocket } from "./socket.js";
import { Store } from "./store.js";
import { openRules } from "./views/rules-page.js";

/** Wires the parts of the page of a room's rules. */
const boot = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("boot")).textContent ?? "{}");

const store = new Store({ onGap: () => socket.resync() });
const socket = new RoomSocket({ code: boot.code, clock: new ServerClock({ serverMs: boot.server_ms }) });

openRules({ boot, api, store, socket });
socket.addEventListener("frame", (event) => store.receive(/** @type {CustomEvent} */ (event).detail));
socket.connect();
