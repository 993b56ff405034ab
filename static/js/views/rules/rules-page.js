// @ts-check
import { Mirror } from "../../browser/mirror.js";
import { wireBack } from "../../browser/tabs.js";
import { Announcer } from "../elements/announcer.js";
import { farewell, leave } from "../elements/room-closed.js";
import { part, setFlag, setShown, setText } from "../elements/pieces.js";
import { Toast } from "../elements/toast.js";
import { BlockedWords } from "./blocked-words.js";
import { RulesEditor } from "./rules-editor.js";
import { say } from "../../words/rules/say.js";

/** What rules do right now changes with every vote and visitor; nobody needs to read that sooner. */
const EFFECTS_AFTER_MS = 8_000;
/** A line that is back within a breath was never gone. */
const GONE_AFTER_MS = 2_000;
const NO_MEMBER = 4401;

/**
 * @typedef {{boot: any, api: import("../../net/api.js").Api, store: import("../../state/store.js").Store,
 *   socket: import("../../net/socket.js").RoomSocket}} Services
 */
/** @typedef {Services & {mirror: Mirror, announcer: Announcer, edits: boolean}} Page  edits: this person changes rules here */

/** Makes the page of a room's rules live. It works without: every control stands in a form. @param {Services} services */
export function openRules({ boot, api, store, socket }) {
  const root = document.body;
  const toast = new Toast(part(root, "toast"));
  const announcer = new Announcer({ polite: part(root, "polite"), assertive: part(root, "assertive") });
  const mirror = new Mirror({ url: location.pathname, body: root });
  /** @type {HTMLFormElement|null} */
  const form = part(root, "save") && part(root, "rules");
  const page = { boot, api, store, socket, mirror, announcer, edits: form !== null };

  wireBack(part(root, "back"));
  wireLine(part(root, "line"), socket);
  followRoom(page);
  followSocket(page);
  wireBlockedWords(page, toast);
  if (form) new RulesEditor(form, { root, path: `/api/rooms/${boot.code}`, api, mirror, room: () => store.state.room, toast, announcer });
}

/** The host's list of words. @param {Page} page @param {Toast} toast */
function wireBlockedWords({ boot, api, store, announcer }, toast) {
  const form = part(document.body, "blocked");
  if (!form) return;
  const blocked = new BlockedWords(form, {
    save: async (words) => (await api.put(`/api/rooms/${boot.code}/chat/blocked-words`, { words })).items,
    tell(words) {
      toast.say(words);
      announcer.say(words);
    },
  });
  store.addEventListener("change", () => store.state.room && blocked.draw(store.state.blocked_words));
}

/** Everybody's half: the page says what holds now. @param {Page} page */
function followRoom(page) {
  const { boot, store, mirror, announcer, edits } = page;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let due;
  const later = () => {
    if (due !== undefined) return;
    due = setTimeout(() => {
      due = undefined;
      if (!document.hidden) mirror.refresh();
    }, EFFECTS_AFTER_MS);
  };
  const changed = () => {
    mirror.refresh();
    if (!edits) announcer.say(say("rules.changed"));
  };
  document.addEventListener("visibilitychange", () => !document.hidden && mirror.refresh());
  store.addEventListener("change", (event) => {
    const { previous, state } = /** @type {CustomEvent} */ (event).detail;
    if (state.room.state === "ended" || state.me?.banned) closeRoom(page, null);
    else if (previous.room === null) state.revision !== boot.revision && mirror.refresh();
    else if (isChanged(previous.room, state.room)) changed();
    else later();
  });
  mirror.addEventListener("drawn", (event) => {
    // Host today, listener tomorrow: another page.
    if ((part(/** @type {CustomEvent} */ (event).detail.page, "save") !== null) !== edits) location.reload();
  });
}

/** @param {Page} page */
function followSocket(page) {
  page.socket.addEventListener("status", (event) => {
    const { state, code } = /** @type {CustomEvent} */ (event).detail;
    if (state !== "closed") return;
    if (code === NO_MEMBER) location.reload();
    else closeRoom(page, code);
  });
}

/** @param {Page} page @param {number|string|null} why */
function closeRoom({ store, socket, announcer }, why) {
  const notice = farewell(why, store.state);
  if (!notice || document.querySelector(".notice")) return;
  socket.close();
  leave(notice);
  announcer.now(notice.title);
}

/** A fresh snapshot, as after a change of role, brings the same room in another object. @param {object} before @param {object} now */
function isChanged(before, now) {
  return before !== now && JSON.stringify(before) !== JSON.stringify(now);
}

/** @param {HTMLElement} chip @param {import("../../net/socket.js").RoomSocket} socket */
function wireLine(chip, socket) {
  const words = part(chip, "line-words");
  const usual = words.textContent;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  const show = (/** @type {boolean} */ gone) => {
    setFlag(chip, "gone", gone);
    setText(words, gone ? say("rules.no_connection") : usual);
    for (const icon of chip.querySelectorAll("[data-line-icon]")) {
      const mark = /** @type {HTMLElement} */ (icon);
      setShown(mark, (mark.dataset.lineIcon === "gone") === gone);
    }
  };
  socket.addEventListener("status", (event) => {
    const { state } = /** @type {CustomEvent} */ (event).detail;
    clearTimeout(timer);
    if (state === "offline") timer = setTimeout(() => show(true), GONE_AFTER_MS);
    else if (state !== "connecting") show(false);
  });
}
