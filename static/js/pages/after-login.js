// @ts-check
import "../browser/fills.js";
import { findRoom } from "../browser/tabs.js";
import { say } from "../words/pages/say.js";

/** After a login: where the room is still open in its own tab, the way back to it is to close this one. */
const banner = /** @type {HTMLElement} */ (document.querySelector("[data-said]"));
const note = /** @type {HTMLElement} */ (banner.querySelector("[data-other-tab]"));
const key = /** @type {HTMLAnchorElement} */ (banner.querySelector("[data-back]"));

findRoom(banner.dataset.said ?? "", () => {
  note.hidden = false;
  key.addEventListener("click", (event) => {
    event.preventDefault();
    window.close();
    // Some browsers close only what a script has opened.
    note.textContent = say("tab.close");
  });
});
