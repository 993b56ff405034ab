// @ts-check

const LENGTH = 6;

const ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const IN_LINK = /\/r\/([^/?#\s]+)/i;
/** A word announces a code within so many characters. */
const ANNOUNCED_WITHIN = 40;
const ANNOUNCED = /\bcode\b[^\w]*(?:is\b[^\w]*)?$/i;
/** A code as people write it: in one piece or in two halves, not inside a longer word. */
const WRITTEN = new RegExp(`(^|[^\\p{L}\\p{N}])([${ALPHABET}]{3}[\\s.·–—-]?[${ALPHABET}]{3})(?![\\p{L}\\p{N}])`, "giu");

/** The code in what was typed so far or pasted: its letters and figures, in capitals. @param {string} typed */
export function codeOf(typed) {
  const plain = normalised(typed);
  if (plain.length <= LENGTH && !IN_LINK.test(typed)) return plain;
  // Words without a code are not taken for one, which would count as a wrong guess.
  return findCode(typed) ?? (/\s/.test(typed.trim()) ? "" : plain.slice(0, LENGTH));
}

/**
 * The code in a text: the code itself, a link to a room, or words around either. The server does the same
 * (rooms/codes.py), for forms sent without scripts.
 * @param {string} typed
 * @returns {string|null}
 */
export function findCode(typed) {
  const text = IN_LINK.exec(typed)?.[1] ?? typed;
  const whole = normalised(text);
  if (whole.length === LENGTH && [...whole].every((letter) => ALPHABET.includes(letter))) return whole;
  const found = [...text.matchAll(WRITTEN)].map(({ 1: before, 2: written, index }) => {
    const start = index + before.length;
    return { written, likelihood: likelihood(text.slice(Math.max(0, start - ANNOUNCED_WITHIN), start), written) };
  });
  const best = found.reduce((a, b) => (a && a.likelihood > b.likelihood ? a : b), found[0]);
  return best ? normalised(best.written) : null;
}

/** Announced by "code", with a figure, in capitals, in one piece: each outweighs all that follow it. */
function likelihood(/** @type {string} */ before, /** @type {string} */ written) {
  const facts = [ANNOUNCED.test(before), /\p{N}/u.test(written), written === written.toUpperCase(), written.length === LENGTH];
  return facts.reduce((sum, isSo) => sum * 2 + Number(isSo), 0);
}

/** @param {string} typed */
function normalised(typed) {
  return typed.replace(/[^\p{L}\p{N}]/gu, "").toUpperCase();
}

/** Six slots over one real field: the field does the typing, the slots do the looking. */
export class CodeEntry {
  #form;
  #input;
  #caps;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.#form = form;
    this.#input = /** @type {HTMLInputElement} */ (form.querySelector("input[name=code]"));
    this.#caps = [...form.querySelectorAll(".slots__cap")];
    const slots = /** @type {HTMLElement} */ (form.querySelector(".slots"));
    slots.append(/** @type {HTMLElement} */ (this.#input.closest(".field")));
    form.dataset.slots = "";
    this.#input.value = codeOf(this.#input.value);
    this.#input.addEventListener("input", () => this.#typed());
    for (const name of ["focus", "blur", "keyup", "click", "select"]) this.#input.addEventListener(name, () => this.#draw());
    form.addEventListener("submit", () => (this.#input.value = codeOf(this.#input.value)));
    this.#draw();
  }

  focus() {
    this.#input.focus();
    this.#input.select();
    this.#draw();
  }

  #typed() {
    const value = codeOf(this.#input.value);
    if (this.#input.value !== value) this.#input.value = value;
    delete this.#form.dataset.wrong;
    this.#draw();
    if (value.length === LENGTH) this.#form.requestSubmit();
  }

  #draw() {
    const { value, selectionStart } = this.#input;
    const focused = document.activeElement === this.#input;
    const at = Math.min(selectionStart ?? value.length, LENGTH - 1);
    this.#caps.forEach((cap, index) => {
      const letter = value[index] ?? "";
      if (cap.textContent !== letter) cap.textContent = letter;
      cap.toggleAttribute("data-here", focused && index === at);
    });
  }
}
