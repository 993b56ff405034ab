// @ts-check
import { arrange, keyed } from "../elements/keyed.js";
import { paint } from "../elements/person.js";
import { part, piece, setAttribute, setShown, setText } from "../elements/pieces.js";
import { clockTime, people } from "../words/words.js";
import { messageActs } from "./message-sheet.js";
import { say } from "../../words/chat/say.js";
import { say as sayCommon } from "../../words/common/say.js";

/** @typedef {import("../../state/shapes.js").ChatMessage} ChatMessage */
/** @typedef {import("../../state/shapes.js").Report} Report */
/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */
/**
 * @typedef {object} Options
 * @property {import("../elements/sheet.js").Sheet} sheet
 * @property {() => readonly ChatMessage[]} messages  those that the page knows, the oldest first
 * @property {(id: string) => void} hide
 * @property {(id: string) => void} clear  leaves it as it is
 * @property {(message: ChatMessage, opener: HTMLElement) => void} open  all that one may do about it
 */

/** Shown messages around a reported one, so that it can be judged. */
const BEFORE = 2;
const AFTER = 1;

/** What people report of the chat: for host and co-hosts, each with what was written around it. It follows the room while it is open. */
export class ReportsSheet {
  #options;
  /** @type {ViewModel|null} */
  #viewModel = null;
  /** @type {HTMLElement|null} */
  #body = null;
  #rows = new Map();

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
  }

  /** @param {ViewModel} viewModel */
  draw(viewModel) {
    this.#viewModel = viewModel;
    if (this.#body) this.#render(this.#body, viewModel);
  }

  /** @param {HTMLElement} opener  gets the focus back */
  open(opener) {
    const { sheet } = this.#options;
    this.#rows.clear();
    this.#body = sheet.show("sheet-reports", { opener, closed: () => (this.#body = null) });
    part(this.#body, "list").addEventListener("click", (/** @type {Event} */ event) => this.#act(event, opener));
    if (this.#viewModel) this.draw(this.#viewModel);
  }

  /** @param {Event} event @param {HTMLElement} opener */
  #act({ target }, opener) {
    const key = /** @type {HTMLElement} */ (target).closest("[data-do]");
    const message = /** @type {any} */ (key?.closest("li"))?.message;
    if (!(key instanceof HTMLElement) || !message) return;
    const { hide, clear, open } = this.#options;
    if (key.dataset.do === "more") open(message, opener);
    else if (key.dataset.do === "hide") hide(message.id);
    else clear(message.id);
  }

  /** @param {HTMLElement} body @param {ViewModel} viewModel */
  #render(body, viewModel) {
    const { reports } = viewModel.state;
    const list = part(body, "list");
    const focused = /** @type {any} */ (document.activeElement?.closest("li"));
    const rows = keyed(this.#rows, reports, ({ message }) => message.id, () => piece("piece-report"));
    reports.forEach((report, n) => drawReport(rows[n], report, this.#options.messages(), viewModel));
    arrange(list, rows, focused);
    setText(part(body, "title"), reports.length === 0 ? say("reports.none") : say("reports.count", { n: reports.length }));
    // What was dealt with takes its keys along.
    if (focused?.message && !focused.isConnected) part(body, "title").focus();
  }
}

/** @param {any} row @param {Report} report @param {readonly ChatMessage[]} messages @param {ViewModel} viewModel */
function drawReport(row, report, messages, viewModel) {
  const { message } = report;
  const nameOf = (/** @type {string} */ id) => viewModel.members.get(id)?.name ?? sayCommon("person.somebody");
  const acts = messageActs(message, viewModel);
  const { before, after } = messagesAround(messages, message.id);
  row.message = message;
  paint(part(row, "person"), viewModel.members.get(message.member) ?? { id: message.member, name: sayCommon("person.somebody") });
  setText(part(row, "name"), nameOf(message.member));
  setText(part(row, "time"), clockTime(message.at_ms));
  setText(part(row, "text"), message.text);
  setText(part(row, "reasons"), reasonsWords(report));
  for (const [name, around] of Object.entries({ before, after })) {
    setText(part(row, name), around.map(({ member, text }) => `${nameOf(member)}: ${text}`).join("\n"));
    setShown(part(row, name), around.length > 0);
  }
  setShown(row.querySelector('[data-do="hide"]'), acts.hide);
  setAttribute(row.querySelector('[data-do="more"]'), "aria-label", say("message.more", { name: nameOf(message.member) }));
}

/** What stands before and after a message, as far as it is shown and the page knows it. @param {readonly ChatMessage[]} messages @param {string} id */
export function messagesAround(messages, id) {
  const at = messages.findIndex((message) => message.id === id);
  if (at === -1) return { before: [], after: [] };
  const isShown = (/** @type {ChatMessage} */ { state }) => state === "shown";
  return { before: messages.slice(0, at).filter(isShown).slice(-BEFORE), after: messages.slice(at + 1).filter(isShown).slice(0, AFTER) };
}

/** "2 people: “Spam”, “Again”" @param {Pick<Report, "count"|"reasons">} report */
export function reasonsWords({ count: n, reasons }) {
  return `${people(n)}: ${[...new Set(reasons)].map((reason) => `“${reason}”`).join(", ")}`;
}
