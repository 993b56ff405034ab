// @ts-check
import { isInside } from "../../state/members-in-view.js";
import { paint } from "../elements/person.js";
import { part, piece, setAttribute, setShown, setText } from "../elements/pieces.js";
import { leaveWords } from "./leaving-words.js";
import { say } from "../../words/sheets/say.js";

/** @typedef {import("../../state/members-in-view.js").MemberInView} Member */
/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */
/** @typedef {import("../room/context.js").RoomContext} RoomContext */
/** @typedef {{opener: HTMLElement, choose: (member: Member) => void}} LeaveOptions  choose: whom to hand over to */

/** A list to choose from; who is not in it has a menu of their own among the people. */
const MOST_HEIRS = 50;

/**
 * Leaving for good: everybody may, but a host hands over or ends the room first. The sheet opens at the first snapshot, where
 * that has not come yet: before, nobody knows who is the host.
 * @param {RoomContext} context @param {LeaveOptions} options
 */
export function openLeave(context, options) {
  let isOpened = false;
  const draw = (/** @type {ViewModel} */ viewModel) => {
    if (!isOpened) showLeave(context, viewModel, options);
    isOpened = true;
  };
  if (context.renderer.viewModel) draw(context.renderer.viewModel);
  else context.renderer.put({ draw });
}

/** @param {RoomContext} context @param {ViewModel} viewModel @param {LeaveOptions} options */
function showLeave({ sheet, api, code, actions }, { me, members, room }, { opener, choose }) {
  const body = sheet.show("sheet-leave", { opener });
  const isHost = me.role === "host";
  const others = heirsOf(members.values());
  setText(part(body, "title"), isHost ? say("leave.you_host") : say("leave.title", { room: room.name }));
  setText(part(body, "note"), leaveWords(me, others.some(({ role }) => role === "cohost")));
  setShown(part(body, "leave"), !isHost);
  for (const name of ["heirs-row", "end"]) setShown(part(body, name), isHost);
  if (isHost) drawHeirs(body, others, choose);
  part(body, "leave").addEventListener("click", async () => {
    try {
      await api.post(`/api/rooms/${code}/leave`, {});
      // The server closes the line with that; where there is none, nobody else says it.
      actions.showLeft();
    } catch (error) {
      setText(part(body, "wrong-words"), /** @type {Error} */ (error).message);
      setShown(part(body, "wrong"), true);
    }
  });
}

/** Whom the host can hand over to: who is here first, of these the co-hosts. @param {Iterable<Member>} members */
export function heirsOf(members) {
  const heirs = [...members].filter((member) => isInside(member) && !member.muted && member.role !== "host");
  const rank = (/** @type {Member} */ { here, role }) => (here === false ? 2 : 0) + (role === "cohost" ? 0 : 1);
  return heirs.sort((one, other) => rank(one) - rank(other)).slice(0, MOST_HEIRS);
}

/** @param {HTMLElement} body @param {readonly Member[]} heirs @param {(member: Member) => void} choose */
function drawHeirs(body, heirs, choose) {
  const way = /** @type {HTMLElement} */ (document.querySelector("[data-rules-link]"));
  // Where this device sounds, the rules come in a tab of their own, as from the room's other ways there.
  for (const name of ["target", "rel"]) setAttribute(part(body, "end"), name, way.getAttribute(name));
  setShown(part(body, "lonely"), heirs.length === 0);
  part(body, "heirs").append(
    ...heirs.map((member) => {
      const row = piece("piece-heir");
      paint(part(row, "person"), member);
      setText(part(row, "name"), member.name);
      const facts = [member.role === "cohost" ? say("member.cohost") : "", member.here === false ? say("member.away") : ""];
      setText(part(row, "note"), facts.filter(Boolean).join(", "));
      setAttribute(part(row, "choose"), "aria-label", say("hand_over.choose", { name: member.name }));
      part(row, "choose").addEventListener("click", () => choose(member));
      return row;
    }),
  );
}
