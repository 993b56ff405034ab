// @ts-check
import { FocusKeeper } from "../elements/focus-keeper.js";
import { part } from "../elements/pieces.js";
import { wireThemeKey } from "../elements/theme-key.js";
import { Banner } from "./banner.js";
import { Header } from "./header.js";
import { Shortcuts } from "./shortcuts.js";
import { Views } from "./views.js";

/** @typedef {import("./context.js").RoomContext} RoomContext */

/** The header, and which view is in front. @param {RoomContext} context */
export function mountFrame(context) {
  const { root, code, renderer, actions } = context;
  const views = new Views({ room: root, side: part(root, "side") });
  actions.showView = (view) => {
    if (view === "add") views.showAdd();
    else if (view === "chat") views.showChat();
    else views.show(view);
  };
  renderer.put(new Header(part(root, "room-name").closest("header"), { code }));
  new Shortcuts(context);
  new FocusKeeper(root, part(root, "toast"));
  wireThemeKey();
}

/** What is wrong with the line, the sound or a source. @param {RoomContext} context */
export function mountBanner({ root, socket, outbox, clock, announcer, renderer, storage, code, actions }) {
  const banner = new Banner(part(root, "banner"), {
    socket,
    outbox,
    clock,
    announcer,
    onStale: (stale) => renderer.setStale(stale),
    mayClaim: () => actions.canHearHere(),
    playHere: () => actions.hearHere(),
    playOn: () => actions.start(null),
    choosePlayer: (opener) => actions.choosePlayer(opener),
    storage,
    code,
  });
  actions.showJoinDelay = (words, ms) => banner.waits(words, ms);
  renderer.put(banner);
}
