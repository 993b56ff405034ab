// @ts-check
import { paint } from "../elements/person.js";
import { part, setAttribute, setFlag, setShown, setText } from "../elements/pieces.js";
import { say } from "../../words/sheets/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */

const LONGEST = 40;

/**
 * What the room calls this person: asked once after the first vote, open to change any time.
 * @param {{sheet: import("../elements/sheet.js").Sheet, me: ViewModel["me"], save: (name: string) => Promise<void>,
 *   opener?: HTMLElement|null, title?: string, note?: string}} options
 */
export function openName({ sheet, me, save, opener, title, note }) {
  const body = sheet.show("sheet-name", { opener });
  const input = /** @type {HTMLInputElement} */ (body.querySelector("input"));
  const wrong = part(body, "wrong");
  if (title) setText(part(body, "title"), title);
  setText(part(body, "note"), note ?? say("own_name.now", { name: me.name }));
  paint(part(body, "person"), me);
  setText(part(body, "stay-word"), say("own_name.stay", { name: me.name }));
  if (me.named) input.value = me.name;
  part(body, "stay").addEventListener("click", () => sheet.close());
  part(body, "form").addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    const name = input.value.trim();
    if (name === "" || name === me.name) {
      sheet.close();
      return;
    }
    try {
      if (name.length > LONGEST) throw new Error(say("own_name.too_long", { most: LONGEST, length: name.length }));
      await save(name);
      sheet.close();
    } catch (error) {
      setText(part(wrong, "wrong-words"), /** @type {Error} */ (error).message);
      setShown(wrong, true);
      setFlag(/** @type {HTMLElement} */ (input.closest(".field")), "wrong", true);
      setAttribute(input, "aria-invalid", "true");
      setAttribute(input, "aria-describedby", wrong.id);
    }
  });
  // Who asked for it types at once; where the room asks, the keyboard stays where it is.
  if (opener) input.focus();
}
