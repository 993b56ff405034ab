// @ts-check
import "../browser/fills.js";
import { api } from "../net/api.js";
import { ServerClock } from "../net/server-clock.js";
import { RoomSocket } from "../net/socket.js";
import { Store } from "../state/store.js";
import { openRules } from "../views/rules/rules-page.js";

/** Wires the parts of the page of a room's rules. */
const boot = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("boot")).textContent ?? "{}");

const store = new Store({ onGap: () => socket.resync() });
const socket = new RoomSocket({ code: boot.code, clock: new ServerClock({ serverMs: boot.server_ms }) });

openRules({ boot, api, store, socket });
socket.addEventListener("frame", (event) => store.receive(/** @type {CustomEvent} */ (event).detail));
socket.connect();
