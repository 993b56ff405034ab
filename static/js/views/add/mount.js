// @ts-check
import { keepEarlyPress } from "../elements/early-press.js";
import { part } from "../elements/pieces.js";
import { whenSeen } from "../elements/when-seen.js";

/**
 * Finding tracks and adding them: loaded when the panel comes near the view, which on a phone is when it is asked for, and
 * where an earlier visit has left tracks to add.
 * @param {import("../room/context.js").RoomContext} context
 */
export function mountAdd(context) {
  const { root, outbox, actions, sheet, load } = context;
  const section = /** @type {HTMLElement} */ (part(root, "results").closest("section"));
  const input = /** @type {HTMLInputElement} */ (section.querySelector("input"));
  /** @type {import("./add.js").Add|null} */
  let add = null;
  const pressAgain = keepEarlyPress(section);
  const open = async () => {
    const loaded = await load(() => import("./open-panel.js"));
    add ??= loaded && loaded.openPanel(context);
    if (add) pressAgain();
    return add !== null;
  };
  Object.assign(actions, {
    openSearch() {
      actions.showView("add");
      input.focus();
      input.select();
    },
    async moreLike(/** @type {{uri: string, title: string}} */ track) {
      actions.showView("add");
      if (await open()) add?.moreLike(track);
    },
    async openTrack(/** @type {import("../../state/shapes.js").Track} */ track, /** @type {HTMLElement} */ opener) {
      (await load(() => import("./track-sheet.js")))?.openTrack({ sheet, track, opener, moreLike: () => actions.moreLike(track) });
    },
    clearSearch: () => add?.clear() ?? false,
  });
  // Until the panel is loaded, Enter in the search would load the page anew. The panel searches by itself for what it finds typed.
  part(section, "search").addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
  whenSeen(section, open);
  if (outbox.pending.some(({ kind }) => kind === "add")) open();
}
