// @ts-check
import { part } from "../elements/pieces.js";
import { whenSeen } from "../elements/when-seen.js";
import { ChatMark } from "./chat-mark.js";
import { say } from "../../words/room/say.js";

/** The chat: loaded when it comes into view, on a phone when it is asked for. @param {import("../room/context.js").RoomContext} context */
export function mountChat(context) {
  const { root, renderer, store, outbox, storage, code, actions, load } = context;
  const section = part(root, "chat");
  const mark = new ChatMark(root, { storage, code });
  /** @type {ReturnType<typeof import("./open-chat.js").openChat>|null} */
  let chat = null;
  const open = async () => {
    const loaded = await load(() => import("./open-chat.js"));
    chat ??= loaded && loaded.openChat(context, mark);
    return chat;
  };
  actions.openReports = async (opener) => (await open())?.openReports(opener);
  actions.openChat = () => {
    actions.showView("chat");
    section.querySelector("textarea").focus();
  };
  const form = /** @type {HTMLFormElement} */ (part(section, "composer"));
  // Here, for somebody may write and send before the rest of the chat is loaded.
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (chat) return chat.composer.send();
    const field = section.querySelector("textarea");
    const text = field.value;
    field.value = "";
    const opened = await open();
    if (opened) opened.composer.post(text);
    else field.value = `${text}\n${field.value}`.trimEnd();
  });
  form.addEventListener("keydown", (event) => {
    const isSending = event.key === "Enter" && event.target instanceof HTMLTextAreaElement;
    // Enter that ends the composing of a letter sends nothing.
    if (!isSending || event.isComposing || event.shiftKey) return;
    event.preventDefault();
    form.requestSubmit();
  });
  renderer.put(mark);
  whenSeen(section, async () => (await open()) !== null);
  store.addEventListener("change", (event) => {
    const { events } = /** @type {CustomEvent} */ (event).detail;
    if (events.some((/** @type {{type: string}} */ { type }) => type === "chat.reported")) actions.showMessage(say("chat.reported"));
  });
  outbox.addEventListener("refused", async (event) => {
    const { entry, error } = /** @type {CustomEvent} */ (event).detail;
    if (entry.kind === "message") (await open())?.composer.restore(entry.text, error.message);
  });
}
