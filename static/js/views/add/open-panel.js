// @ts-check
import { DrawnWhileShown } from "../elements/drawn-while-shown.js";
import { part } from "../elements/pieces.js";
import { Add } from "./add.js";

/** Opens the panel of what can be found and added, in its markup. @param {import("../room/context.js").RoomContext} context */
export function openPanel({ root, renderer, api, code, outbox, announcer, sheet, socket, actions, load }) {
  const panel = part(root, "results").closest("section");
  const add = new Add(panel, {
    api,
    code,
    outbox,
    announcer,
    vote: (item, way) => actions.vote(item, way),
    undo: (item) => actions.withdraw(item),
    open: (track, opener) => actions.openTrack(track, opener),
    undoMany: (items) => actions.withdrawAll(items),
    claimSound: () => actions.claimToAdd(),
    load,
    async refused(track, refusal, opener) {
      (await load(() => import("./refusal-sheet.js")))?.openRefusal({ sheet, code, track, refusal, opener });
    },
  });
  renderer.put(new DrawnWhileShown(panel, add));
  window.addEventListener("online", () => add.retry());
  socket.addEventListener("status", (event) => {
    const { state } = /** @type {CustomEvent} */ (event).detail;
    if (state === "live" || state === "polling") add.retry();
  });
  return add;
}
