// @ts-check
import { TAP_MS } from "../../browser/next-frame.js";
import { part, setAttribute, setFlag, setShown, setText } from "../elements/pieces.js";
import { lengthOf, lengthWords, LONGEST, waitWords } from "./writing.js";
import { say } from "../../words/chat/say.js";

/** @typedef {{closed: string|null, waitS: number}} WritingState */

/** Where a message is written. What cannot go out stays in the field. */
export class Composer {
  #form;
  #field;
  #state;
  #post;
  #say;
  #refusal = "";
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #leaving;

  /**
   * @param {HTMLFormElement} form
   * @param {{state: () => WritingState, post: (text: string) => void, say: (words: string) => void}} options
   *   say: for ears alone, the eyes read it below the field
   */
  constructor(form, { state, post, say }) {
    this.#form = form;
    this.#field = /** @type {HTMLTextAreaElement} */ (form.querySelector("textarea"));
    this.#state = state;
    this.#post = post;
    this.#say = say;
    this.#field.addEventListener("focus", () => this.#setWriting(true));
    this.#field.addEventListener("blur", () => this.#setWriting(false));
    this.#field.addEventListener("input", () => {
      this.#refusal = "";
      this.draw();
    });
  }

  draw() {
    clearTimeout(this.#timer);
    const { closed, waitS } = this.#state();
    const counted = lengthWords(this.#field.value);
    setShown(part(this.#form, "count"), waitS > 0 || counted !== "");
    setText(part(this.#form, "count"), waitS > 0 ? waitWords(waitS) : counted);
    const note = closed ?? (this.#refusal || (waitS > 0 ? say("writing.slow", { wait: waitS }) : ""));
    setText(part(this.#form, "note"), note);
    setShown(part(this.#form, "note"), note !== "");
    setFlag(part(this.#form, "note"), "wrong", closed === null && this.#refusal !== "");
    this.#field.readOnly = closed !== null;
    const key = /** @type {HTMLElement} */ (this.#form.querySelector("button"));
    setAttribute(key, "aria-disabled", closed !== null || waitS > 0 ? "true" : null);
    if (closed !== null || waitS > 0) this.#timer = setTimeout(() => this.draw(), 1_000);
  }

  /** A message was refused: its text comes back, unless another one is being written. @param {string} text @param {string} why */
  restore(text, why) {
    this.#putBack(text);
    this.#refuse(why);
  }

  /** Begins an answer to somebody. @param {string} name */
  mention(name) {
    this.#field.value = `${this.#field.value.trimEnd()} @${name} `.trimStart();
    this.#field.focus();
    this.draw();
  }

  /** What plays makes room for the keyboard. It grows again after the tap that left the field: the key would move away below the finger. @param {boolean} isWriting */
  #setWriting(isWriting) {
    clearTimeout(this.#leaving);
    if (isWriting) setFlag(document.body, "writing", true);
    else this.#leaving = setTimeout(() => setFlag(document.body, "writing", false), TAP_MS);
  }

  /** Posts what stands in the field. */
  send() {
    const text = this.#field.value;
    this.#field.value = "";
    this.post(text);
  }

  /** Posts a text, or puts it back and says why not. @param {string} text */
  post(text) {
    const written = text.trim();
    const { closed, waitS } = this.#state();
    const length = lengthOf(written);
    if (written !== "" && closed === null && length <= LONGEST && waitS === 0) {
      this.#refusal = "";
      this.#post(written);
      return this.draw();
    }
    this.#putBack(text);
    if (closed !== null) this.#say(closed);
    else if (length > LONGEST) this.#refuse(say("message.too_long", { most: LONGEST, length }));
    else if (waitS > 0 && written !== "") this.#say(say("writing.slow_left", { wait: waitS }));
  }

  /** Unless another one is being written. @param {string} text */
  #putBack(text) {
    if (this.#field.value.trim() === "") this.#field.value = text;
  }

  /** @param {string} why */
  #refuse(why) {
    this.#refusal = why;
    this.#say(why);
    this.draw();
  }
}
