// @ts-check
import { join } from "../../net/join.js";
import { farewell, leave } from "../elements/room-closed.js";
import { say } from "../../words/room/say.js";

/** @typedef {import("./context.js").RoomContext} RoomContext */

/** The close code that joining again can heal. */
const NO_MEMBER = 4401;
const LEFT = 4405;

/** Opening the link is joining, by the page's socket or a call: previews of links are not people. @param {RoomContext} context */
export async function enterRoom(context) {
  const { boot, api, code, store, socket, actions } = context;
  leaveWhenOver(context);
  actions.showLeft = () => closeRoom(context, LEFT);
  if (boot.snapshot) store.receive({ type: "snapshot", ...boot.snapshot });
  if (boot.member) {
    socket.connect();
    return;
  }
  if (await socket.join()) return;
  const refused = await join({
    api,
    code,
    waits: ({ code: why, message }, ms) => actions.showJoinDelay(why === "offline" ? say("offline.title") : message, ms),
  });
  if (refused === null) socket.connect();
  else closeRoom(context, refused);
}

/** @param {RoomContext} context */
function leaveWhenOver(context) {
  const { socket, store } = context;
  socket.addEventListener("status", (event) => {
    const { state, code, message } = /** @type {CustomEvent} */ (event).detail;
    if (state !== "closed") return;
    if (code === NO_MEMBER) location.reload();
    else closeRoom(context, code, message);
  });
  store.addEventListener("change", () => {
    if (store.state.room?.state === "ended" || store.state.me?.banned) closeRoom(context, null);
  });
}

/** @param {RoomContext} context @param {number|string|null} why @param {string|null} [message]  what the server said */
function closeRoom({ store, speaker, along, socket, announcer }, why, message = null) {
  const notice = farewell(why, store.state, message);
  if (!notice || document.querySelector(".notice")) return;
  if (speaker.speaking) speaker.release().catch(() => {});
  along.off();
  socket.close();
  leave(notice);
  announcer.now(notice.title);
}
