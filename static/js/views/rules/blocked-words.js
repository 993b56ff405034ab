// @ts-check
import { part, setAttribute, setFlag, setShown, setText } from "../elements/pieces.js";
import { say } from "../../words/rules/say.js";

/**
 * @typedef {{save: (words: string[]) => Promise<string[]>, tell: (words: string) => void}} Options
 *   save answers the list as it is kept, and throws what the server refused
 */

/** The host's list of words that the chat refuses, one a line. What is typed and not saved stays as it is. */
export class BlockedWords {
  #form;
  #field;
  /** The list as the server has it. @type {string} */
  #known;

  /** @param {HTMLFormElement} form @param {Options} options */
  constructor(form, { save, tell }) {
    this.#form = form;
    this.#field = /** @type {HTMLTextAreaElement} */ (form.querySelector("textarea"));
    this.#known = this.#field.defaultValue;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        const kept = await save(linesOf(this.#field.value));
        this.#refuse("");
        this.#show(kept);
        tell(keptWords(kept.length));
      } catch (error) {
        this.#refuse(/** @type {Error} */ (error).message);
      }
    });
  }

  /** The list changed, here or in another tab. @param {readonly string[]} words */
  draw(words) {
    const text = words.join("\n");
    if (text !== this.#known && this.#field.value === this.#known) this.#field.value = text;
    this.#known = text;
  }

  /** @param {readonly string[]} words */
  #show(words) {
    this.#known = words.join("\n");
    this.#field.value = this.#known;
  }

  /** @param {string} why  "": nothing is wrong */
  #refuse(why) {
    setText(part(this.#form, "wrong-words"), why);
    setShown(part(this.#form, "wrong"), why !== "");
    setFlag(/** @type {HTMLElement} */ (this.#field.closest(".field")), "wrong", why !== "");
    setAttribute(this.#field, "aria-invalid", why === "" ? null : "true");
  }
}

/** One word a line. Empty ones stay, so that a refusal counts the lines that the host sees. @param {string} text */
export function linesOf(text) {
  return text.trimEnd().split("\n").map((line) => line.trim());
}

/** @param {number} n */
function keptWords(n) {
  return n === 0 ? say("rules.blocked_none") : say("rules.blocked", { n });
}
