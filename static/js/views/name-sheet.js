// @ts-check
import { paint } from "./person.js";
import { part, setAttribute, setFlag, setShown, setText } from "./pieces.js";

/** @typedef {import("./scene.js").Show} Show */

const LONGEST = 40;

/**
 * What the room calls this person: asked once after the first vote, open to change any time.
 * @param {{sheet: import("./sheet.js").Sheet, me: Show["me"], save: (name: string) => Promise<void>,
 *   opener?: HTMLElement|null, title?: string, note?: string}} options
 */
export function openName({ sheet, me, save, opener, title, note }) {
  const body = sheet.show("sheet-name", { opener });
  const input = /** @type {HTMLInputElement} */ (body.querySelector("input"));
  const wrong = part(body, "wrong");
  if (title) setText(part(body, "title"), title);
  setText(part(body, "note"), note ?? `You are ${me.name} now.`);
  paint(part(body, "person"), me);
  setText(part(body, "stay-word"), `Stay ${me.name}`);
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
      if (name.length > LONGEST) throw new Error(`A name has up to ${LONGEST} characters. This one has ${name.length}.`);
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
  input.focus();
}
