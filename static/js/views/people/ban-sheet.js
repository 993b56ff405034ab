// @ts-check
import { reasonWords } from "../../words/refusal.js";
import { part, setText } from "../elements/pieces.js";
import { say } from "../../words/sheets/say.js";

/** @typedef {import("../../state/shapes.js").Member} Member */

/**
 * The one act on a person that asks first: its key names what happens, and the sheet shows what the person will read.
 * @param {{sheet: import("../elements/sheet.js").Sheet, member: Member, me: {name: string}, opener: HTMLElement,
 *   change: (member: Member, facts: object) => Promise<void>, countOthers: (member: Member) => Promise<number>}} options
 */
export function askBan({ sheet, member, me, opener, change, countOthers }) {
  const body = sheet.show("sheet-ban", { opener });
  const form = /** @type {HTMLFormElement} */ (part(body, "terms"));
  const draw = () => setText(part(body, "reads"), readsWhenBanned(member.name, me.name, termsIn(new FormData(form))));
  setText(part(body, "title"), say("ban.title", { name: member.name }));
  setText(part(body, "ban-word"), say("ban.key", { name: member.name }));
  form.addEventListener("change", draw);
  draw();
  countOthers(member).then((others) => setText(part(body, "others"), othersNote(others)), () => {});
  part(body, "ban").addEventListener("click", async () => {
    const terms = termsIn(new FormData(form));
    sheet.close();
    await change(member, { banned: true, ...terms }).catch(() => {});
  });
}

/** @param {{get: (name: string) => any}} form */
export function termsIn(form) {
  const minutes = form.get("minutes");
  return { why: `${form.get("why")}`, minutes: minutes ? Number(minutes) : null, reach: `${form.get("reach")}` };
}

/** @param {string} name @param {string} by @param {{why: string}} terms */
export function readsWhenBanned(name, by, { why }) {
  return say("ban.reads", { name, by, why: reasonWords(why) });
}

/** @param {number} others */
export function othersNote(others) {
  return others === 0 ? say("ban.nobody_else") : say("ban.others", { n: others });
}
