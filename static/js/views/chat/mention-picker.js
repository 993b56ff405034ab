// @ts-check
import { paint } from "../elements/person.js";
import { part, piece, setAttribute, setShown, setText } from "../elements/pieces.js";
import { matches, mentionAt, withMention } from "./mention-query.js";
import { say } from "../../words/chat/say.js";

/** @typedef {import("../../state/members-in-view.js").MemberInView} Member */

/**
 * Offers names while somebody writes "@…". The field keeps the focus, as in any combobox: `aria-activedescendant` says which name
 * Enter would take. It listens before the composer does, whose Enter sends.
 */
export class MentionPicker {
  #field;
  #list;
  #members;
  #say;
  /** @type {readonly Member[]} */
  #offered = [];
  #active = 0;
  /** @type {import("./mention-query.js").MentionQuery|null} */
  #at = null;
  /** The last one: "@Ana" that was taken does not become "@Ana Maria". @type {{from: number, name: string}|null} */
  #taken = null;
  /** Ids, for two may have one name. @type {Set<string>} */
  #picked = new Set();

  /**
   * @param {{field: HTMLTextAreaElement, list: HTMLElement, members: () => {all: Iterable<Member>, me: string}, say: (words: string) => void}} options
   *   say: for ears alone
   */
  constructor({ field, list, members, say }) {
    this.#field = field;
    this.#list = list;
    this.#members = members;
    this.#say = say;
    field.addEventListener("keydown", (event) => this.#onKey(event));
    field.addEventListener("blur", () => this.#close());
    for (const name of ["input", "click"]) field.addEventListener(name, () => this.#look());
    // The field keeps the focus, and a phone its keyboard.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = /** @type {HTMLElement} */ (event.target).closest("[role=option]");
      if (option) this.#take([...list.children].indexOf(option));
    });
    this.#look(); // a name may have been begun before this was loaded
  }

  /** Who was picked comes before others of the same name. @param {Iterable<Member>} members */
  pickedFirst(members) {
    const all = [...members];
    return [...all.filter(({ id }) => this.#picked.has(id)), ...all.filter(({ id }) => !this.#picked.has(id))];
  }

  /** The message is on its way. */
  forget() {
    this.#picked.clear();
    this.#taken = null;
    this.#close();
  }

  #look() {
    const { value, selectionStart, selectionEnd } = this.#field;
    const at = selectionStart === selectionEnd ? mentionAt(value, selectionStart) : null;
    const isTaken = at !== null && at.from === this.#taken?.from && at.query.startsWith(this.#taken.name);
    this.#at = isTaken ? null : at;
    const { all, me } = this.#members();
    const offered = this.#at ? matches(all, this.#at.query, me) : [];
    const isSame = offered.length === this.#offered.length && offered.every(({ id }, n) => id === this.#offered[n].id);
    if (isSame) return;
    // Said once: the arrows read each name out.
    if (this.#offered.length === 0) this.#say(say("message.names", { n: offered.length }));
    this.#offered = offered;
    this.#active = 0;
    this.#list.replaceChildren(...offered.map(optionOf));
    this.#draw();
  }

  #close() {
    this.#at = null;
    this.#offered = [];
    this.#draw();
  }

  #draw() {
    setShown(this.#list, this.#offered.length > 0);
    [...this.#list.children].forEach((option, n) => setAttribute(option, "aria-selected", String(n === this.#active)));
    setAttribute(this.#field, "aria-activedescendant", this.#offered.length > 0 ? idOf(this.#active) : null);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const { length } = this.#offered;
    if (length === 0 || event.isComposing || event.shiftKey) return;
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      this.#active = (this.#active + (key === "ArrowDown" ? 1 : length - 1)) % length;
      this.#draw();
    } else if (key === "Enter" || key === "Tab") this.#take(this.#active);
    else if (key === "Escape") this.#close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** @param {number} n */
  #take(n) {
    if (!this.#at) return;
    const { id, name } = this.#offered[n];
    const { text, caret } = withMention(this.#field.value, this.#at, name);
    this.#picked.add(id);
    this.#taken = { from: this.#at.from, name };
    this.#field.value = text;
    this.#field.setSelectionRange(caret, caret);
    this.#close();
    this.#field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** @param {number} n */
function idOf(n) {
  return `mention-${n}`;
}

/** @param {Member} member @param {number} n */
function optionOf(member, n) {
  const option = piece("piece-mention");
  option.id = idOf(n);
  paint(part(option, "person"), member);
  setText(part(option, "name"), member.name);
  setText(part(option, "note"), member.here === false ? say("message.away") : "");
  return option;
}
