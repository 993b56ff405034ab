// @ts-check
import { part, setAttribute, setShown } from "../elements/pieces.js";

/** The way in for others. @param {import("../room/context.js").RoomContext} context */
export function mountShare({ root, boot, store, toast, actions, load }) {
  const invitation = () => ({ url: boot.join_url, name: store.state.room?.name ?? "BeatSync", tell: (/** @type {string} */ words) => toast.say(words) });
  const share = async () => (await load(() => import("./share.js")))?.share(invitation());
  const copy = async () => (await load(() => import("./share.js")))?.copy(invitation());
  actions.invite = share;
  for (const [name, act] of /** @type {const} */ ([["share", share], ["copy", copy]])) {
    const key = part(root, name);
    setShown(key, true);
    key.addEventListener("click", act);
  }
  wireShareKey(root);
}

/** On a tablet the code waits behind a key. @param {HTMLElement} room */
function wireShareKey(room) {
  const key = part(room, "share-key");
  const show = (/** @type {boolean} */ on) => {
    room.toggleAttribute("data-code", on);
    setAttribute(key, "aria-expanded", String(on));
  };
  setShown(key, true);
  key.addEventListener("click", () => show(!room.hasAttribute("data-code")));
  document.addEventListener("keydown", (event) => event.key === "Escape" && show(false));
  document.addEventListener("pointerdown", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (room.hasAttribute("data-code") && !target.closest("#share, [data-share-key]")) show(false);
  });
}
