// @ts-check

const LENGTH = 6;

/** What counts of what was typed or pasted: letters and figures, in capitals. @param {string} typed */
export function codeOf(typed) {
  return typed.replace(/[^\p{L}\p{N}]/gu, "").toUpperCase().slice(0, LENGTH);
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
