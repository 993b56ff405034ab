// @ts-check
import { part, pieces } from "./pieces.js";

const LEAVE_MS = 180;
/** A pull this long means "away with it". */
const SWIPE_PX = 80;

/** The one dialog of the page. The browser keeps focus inside and gives it back; this fills it and lets it go. */
export class Sheet {
  #dialog;
  #body;
  /** @type {HTMLElement|null} */
  #opener = null;
  #closed = () => {};

  /** @param {HTMLDialogElement} dialog */
  constructor(dialog) {
    this.#dialog = dialog;
    this.#body = part(dialog, "sheet-body");
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
    dialog.addEventListener("click", (event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      if (target === dialog && outside(dialog, event)) this.close();
      if (target.closest("[data-close]")) this.close();
    });
    part(dialog, "sheet-grip").addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => this.#pull(event));
  }

  get open() {
    return this.#dialog.open && this.#dialog.dataset.leaving === undefined;
  }

  /**
   * @param {string} template  id of a <template>
   * @param {{opener?: HTMLElement|null, closed?: () => void}} [options]
   * @returns {HTMLElement} the body, to be filled
   */
  show(template, { opener = null, closed = () => {} } = {}) {
    if (this.#dialog.open) this.#finish();
    this.#opener = opener ?? /** @type {HTMLElement|null} */ (document.activeElement);
    this.#closed = closed;
    this.#body.replaceChildren(pieces(template));
    this.#dialog.showModal();
    return this.#body;
  }

  close() {
    if (!this.open) return;
    this.#dialog.dataset.leaving = "";
    setTimeout(() => this.#finish(), LEAVE_MS);
  }

  #finish() {
    if (!this.#dialog.open) return;
    delete this.#dialog.dataset.leaving;
    this.#dialog.style.removeProperty("translate");
    this.#dialog.close();
    this.#body.replaceChildren();
    this.#opener?.focus();
    const closed = this.#closed;
    this.#closed = () => {};
    closed();
  }

  /** @param {PointerEvent} down */
  #pull(down) {
    const grip = /** @type {HTMLElement} */ (down.currentTarget);
    grip.setPointerCapture(down.pointerId);
    const stop = new AbortController();
    const { signal } = stop;
    let by = 0;
    grip.addEventListener("pointermove", (event) => {
      by = Math.max(0, event.clientY - down.clientY);
      this.#dialog.style.setProperty("translate", `0 ${by}px`);
    }, { signal });
    const end = () => {
      stop.abort();
      if (by > SWIPE_PX) this.close();
      else this.#dialog.style.removeProperty("translate");
    };
    grip.addEventListener("pointerup", end, { signal });
    grip.addEventListener("pointercancel", end, { signal });
  }
}

/** @param {HTMLElement} element @param {MouseEvent} event */
function outside(element, { clientX, clientY }) {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}
