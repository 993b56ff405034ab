// @ts-check
import { part, setShown, setText } from "../elements/pieces.js";
import { handOverWords } from "./leaving-words.js";
import { say } from "../../words/sheets/say.js";

/** @typedef {import("../../state/shapes.js").Member} Member */

/**
 * Asks before the room has another host for good.
 * @param {{sheet: import("../elements/sheet.js").Sheet, member: Member, titles: readonly string[], opener: HTMLElement,
 *   handOver: (member: Member) => Promise<void>}} options  titles: as of `handOverWords`; handOver throws what the server refused
 */
export function askHandOver({ sheet, member, titles, opener, handOver }) {
  const body = sheet.show("sheet-hand-over", { opener });
  setText(part(body, "title"), say("hand_over.title", { name: member.name }));
  setText(part(body, "hand-over-word"), say("hand_over.key", { name: member.name }));
  part(body, "reads").append(...handOverWords(member.name, titles).map(sentence));
  part(body, "hand-over").addEventListener("click", async () => {
    try {
      await handOver(member);
      sheet.close();
    } catch (error) {
      setText(part(body, "wrong-words"), /** @type {Error} */ (error).message);
      setShown(part(body, "wrong"), true);
    }
  });
}

/** @param {string} words */
function sentence(words) {
  const item = document.createElement("li");
  item.textContent = words;
  return item;
}
