// @ts-check
import { canModerate } from "../../state/permissions.js";
import { paint } from "../elements/person.js";
import { part, setShown, setText } from "../elements/pieces.js";
import { clockTime } from "../words/words.js";
import { say } from "../../words/chat/say.js";
import { say as sayCommon } from "../../words/common/say.js";

/** @typedef {import("../../state/shapes.js").ChatMessage} ChatMessage */
/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */

const MUTE_MIN = 10;
/** The code of the reason that the muted person reads. */
const WHY_MUTED = "message_hidden";

/** Which acts a person has on a message. Pure. @param {ChatMessage} message @param {Pick<ViewModel, "me"|"can"|"room"|"members"|"state">} viewModel */
export function messageActs({ id, member, state }, viewModel) {
  const { me, can, members } = viewModel;
  const author = members.get(member);
  const isShown = state === "shown";
  const isMine = member === me.id;
  const moderates = author !== undefined && canModerate(viewModel, author);
  return {
    mention: isShown && !isMine && can.chat,
    hide: isShown && moderates,
    mute: isShown && moderates && !author.muted,
    hideAll: isShown && moderates,
    show: state === "hidden" && moderates,
    clear: can.moderate && viewModel.state.reports.some(({ message }) => message.id === id),
    delete: isShown && isMine,
    // Who may hide it has nobody to report it to.
    report: isShown && !isMine && can.report && !moderates,
  };
}

/**
 * What one may do about a message.
 * @param {{sheet: import("../elements/sheet.js").Sheet, message: ChatMessage, viewModel: ViewModel, opener: HTMLElement|null,
 *   remote: import("./chat-remote.js").ChatRemote, mention: (name: string) => void}} options
 */
export function openMessage({ sheet, message, viewModel, opener, remote, mention }) {
  let afterwards = () => {};
  const body = sheet.show("sheet-message", { opener, closed: () => afterwards() });
  const author = viewModel.members.get(message.member);
  const name = author?.name ?? sayCommon("person.somebody");
  const acts = messageActs(message, viewModel);
  const report = viewModel.state.reports.find((one) => one.message.id === message.id);
  if (author) paint(part(body, "person"), author);
  setText(part(body, "title"), name);
  setText(part(body, "note"), clockTime(message.at_ms));
  setText(part(body, "text"), message.text);
  setText(part(body, "mention-words"), say("message.mention", { name }));
  setShown(part(body, "report"), acts.report);
  for (const key of body.querySelectorAll("[data-do]")) {
    const action = /** @type {HTMLElement} */ (key);
    setShown(action, /** @type {Record<string, boolean>} */ (acts)[action.dataset.do ?? ""]);
  }
  if (report) drawReport(body, report);

  /** @type {Record<string, () => unknown>} */
  const doing = {
    // The sheet gives the focus back first.
    mention: () => (afterwards = () => mention(name)),
    hide: () => remote.hide(message.id),
    mute: async () => (await remote.mute(message.member, MUTE_MIN, WHY_MUTED)) && remote.hide(message.id),
    hideAll: () => remote.hideAllOf(message.member),
    clear: () => remote.clearReports(message.id),
    delete: () => remote.delete(message.id),
  };
  body.querySelector(".actions")?.addEventListener("click", (event) => {
    const key = /** @type {HTMLElement} */ (event.target).closest("[data-do]");
    if (!(key instanceof HTMLElement)) return;
    doing[key.dataset.do ?? ""]?.();
    sheet.close();
  });
  part(body, "report").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    const reason = `${new FormData(/** @type {HTMLFormElement} */ (event.target)).get("reason")}`;
    sheet.close();
    remote.report(message.id, reason);
  });
}

/** @param {HTMLElement} body @param {import("../../state/shapes.js").Report} report */
function drawReport(body, { count: n, reasons }) {
  for (const name of ["reports", "reasons"]) setShown(part(body, name), true);
  setText(part(body, "reports"), say("reports.by_unseen", { n }));
  for (const reason of reasons) {
    const line = document.createElement("li");
    line.dir = "auto";
    line.textContent = reason;
    part(body, "reasons").append(line);
  }
}
