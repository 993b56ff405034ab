// @ts-check
import { paint } from "../elements/person.js";
import { part, setShown, setText } from "../elements/pieces.js";
import { askBan } from "./ban-sheet.js";
import { say, sayOf } from "../../words/sheets/say.js";

/** @typedef {import("../../state/shapes.js").Member} Member */
/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */

/** @type {Record<string, object>} what each act asks for */
const CHANGES = {
  cohost: { role: "cohost" },
  listener: { role: "listener" },
  unmute: { muted: false },
};

/**
 * What host and co-host may do for or about one person.
 * @param {{sheet: import("../elements/sheet.js").Sheet, member: Member, viewModel: ViewModel, opener: HTMLElement,
 *   change: (member: Member, facts: object) => Promise<void>, countOthers: (member: Member) => Promise<number>,
 *   askHandOver: (member: Member, opener: HTMLElement) => void}} options
 *   change throws what the server refused; countOthers: how many others came from the member's network
 */
export function openMember({ sheet, member, viewModel, opener, change, countOthers, askHandOver }) {
  const body = sheet.show("sheet-member", { opener });
  const waiting = viewModel.queue.filter((item) => item.added_by === member.id).length;
  paint(part(body, "person"), member);
  setText(part(body, "title"), member.name);
  const waits = waiting > 0 ? say("member.tracks_waiting", { n: waiting }) : say("member.nothing_waiting");
  setText(part(body, "note"), `${sayOf("role", member.role, {}, member.role)}, ${waits}`);
  setText(part(body, "ban-word"), say("ban.in_this_room"));
  const shown = {
    cohost: viewModel.can.govern && member.role === "listener",
    listener: viewModel.can.govern && member.role === "cohost",
    // Who only stands in for the host cannot.
    host: viewModel.me.role === "host" && !member.muted,
    mute: !member.muted,
    unmute: member.muted,
    ban: true,
  };
  for (const [name, on] of Object.entries(shown)) setShown(/** @type {HTMLElement} */ (body.querySelector(`[data-do="${name}"]`)), on);
  setShown(part(body, "help"), viewModel.can.govern);
  setShown(part(body, "calm"), true);
  setShown(part(body, "out"), true);

  part(body, "help").parentElement.addEventListener("click", async (/** @type {MouseEvent} */ event) => {
    const act = /** @type {HTMLElement} */ (event.target).closest("[data-do]");
    if (!(act instanceof HTMLElement)) return;
    const name = act.dataset.do ?? "";
    if (name === "ban") {
      askBan({ sheet, member, me: viewModel.me, opener, change, countOthers });
      return;
    }
    if (name === "host") {
      askHandOver(member, opener);
      return;
    }
    const key = /** @type {HTMLElement} */ (event.target).closest("[data-minutes]");
    if (name === "mute" && !(key instanceof HTMLElement)) return;
    const facts = name === "mute" ? muteFor(/** @type {HTMLElement} */ (key), part(body, "mute-why")) : CHANGES[name];
    try {
      await change(member, facts);
      sheet.close();
    } catch (error) {
      setText(part(body, "wrong-words"), /** @type {Error} */ (error).message);
      setShown(part(body, "wrong"), true);
    }
  });
}

/** @param {HTMLElement} key @param {HTMLFormElement} form */
function muteFor({ dataset: { minutes } }, form) {
  return { muted: true, minutes: minutes ? Number(minutes) : null, why: `${new FormData(form).get("why")}` };
}
