// @ts-check
import { part } from "../elements/pieces.js";
import { ChatHistory } from "./chat-history.js";
import { ChatPanel } from "./chat-panel.js";
import { ChatRemote } from "./chat-remote.js";
import { Composer } from "./composer.js";
import { MentionPicker } from "./mention-picker.js";
import { messageActs, openMessage } from "./message-sheet.js";
import { mentionsIn } from "./text-parts.js";
import { lastWrittenMs, writingState } from "./writing.js";

/** @typedef {import("../../state/shapes.js").ChatMessage} ChatMessage */

/**
 * Opens the chat in its markup.
 * @param {import("../room/context.js").RoomContext} context
 * @param {import("./chat-mark.js").ChatMark} mark
 * @returns {{composer: Composer, openReports: (opener: HTMLElement) => void}}
 */
export function openChat(context, mark) {
  const { root, renderer, store, clock, outbox, storage, announcer, api, code, toast, actions } = context;
  const section = part(root, "chat");
  const remote = new ChatRemote({ api, code, toast, announcer, refused: (error) => actions.showRefusal(error) });
  const history = new ChatHistory({ store, readPage: (before) => remote.readPage(before) });
  const picker = new MentionPicker({
    field: section.querySelector("textarea"),
    list: part(section, "mentions"),
    members: () => ({ all: renderer.viewModel?.members.values() ?? [], me: renderer.viewModel?.me.id ?? "" }),
    say: (words) => announcer.now(words),
  });
  const composer = new Composer(part(section, "composer"), {
    state() {
      const { viewModel } = renderer;
      if (!viewModel) return { closed: null, waitS: 0 };
      return writingState(viewModel, lastWrittenMs(history.messages, outbox.pending, viewModel.me.id, clock.now()), clock.now());
    },
    post(text) {
      outbox.post(text, mentionsIn(text, picker.pickedFirst(renderer.viewModel?.members.values() ?? [])));
      picker.forget();
      panel.goToEnd();
    },
    say: (words) => announcer.now(words),
  });
  const open = (/** @type {ChatMessage} */ message, /** @type {HTMLElement} */ opener) => {
    const { viewModel } = renderer;
    if (viewModel) openMessage({ sheet: context.sheet, message, viewModel, opener, remote, mention: (name) => composer.mention(name) });
  };
  const openReports = reportsSheet(context, { history, remote, open });
  const panel = new ChatPanel(section, {
    history,
    outbox,
    storage,
    announcer,
    mark,
    composer,
    loadOlder: () => history.loadOlder().then(() => true, (error) => (actions.showRefusal(error), false)),
    mayOpen: (message) => mayOpen(context, message),
    show: (id) => remote.show([id]),
    open,
    openReports,
  });
  outbox.addEventListener("sent", (event) => {
    const { entry, answer } = /** @type {CustomEvent} */ (event).detail;
    if (entry.kind === "message") history.addAnswered(answer);
  });
  renderer.put(panel);
  return { composer, openReports };
}

/**
 * Opens the list of what is reported, loaded with the first.
 * @param {import("../room/context.js").RoomContext} context
 * @param {{history: ChatHistory, remote: ChatRemote, open: (message: ChatMessage, opener: HTMLElement) => void}} chat
 */
function reportsSheet({ sheet, renderer, load }, { history, remote, open }) {
  /** @type {import("./reports-sheet.js").ReportsSheet|null} */
  let made = null;
  return async (/** @type {HTMLElement} */ opener) => {
    const loaded = await load(() => import("./reports-sheet.js"));
    if (!loaded) return;
    if (!made) {
      made = new loaded.ReportsSheet({
        sheet,
        open,
        messages: () => history.messages,
        hide: (id) => remote.hide(id),
        clear: (id) => remote.clearReports(id),
      });
      renderer.put(made);
    }
    made.open(opener);
  };
}

/** Is there anything that one may do about it? @param {import("../room/context.js").RoomContext} context @param {ChatMessage} message */
function mayOpen({ renderer }, message) {
  const { viewModel } = renderer;
  if (!viewModel) return false;
  const acts = messageActs(message, viewModel);
  return message.state === "shown" ? Object.values(acts).includes(true) : acts.show;
}
