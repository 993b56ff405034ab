// @ts-check

const CONTROLS = ["button:not([hidden])", "a[href], input, select, textarea, [tabindex]"];

/**
 * Keeps the focus near where it was when the control that has it is hidden or removed, as a key is that does its work once.
 * Without this the focus falls to the page, and the keyboard starts at its top again.
 */
export class FocusKeeper {
  /** The control that has the focus, and all that it is in, from the inside out. @type {Element[]} */
  #path = [];

  /** @param {HTMLElement} root @param {HTMLElement[]} containers  whose children come and go */
  constructor(root, ...containers) {
    root.addEventListener("focusin", (event) => {
      this.#path = ancestors(/** @type {Element} */ (event.target), root);
    });
    const observer = new MutationObserver(() => this.#check());
    observer.observe(root, { subtree: true, attributes: true, attributeFilter: ["hidden"] });
    for (const container of containers) observer.observe(container, { childList: true });
  }

  #check() {
    const [had] = this.#path;
    const has = document.activeElement;
    if (!had || (has !== had && has !== document.body) || document.querySelector("dialog[open]")) return;
    if (had.isConnected && !had.closest("[hidden]")) return;
    const next = this.#successor();
    this.#path = [];
    next?.focus({ preventScroll: true });
  }

  /** The first control of the nearest container that is still there. */
  #successor() {
    for (const container of this.#path.slice(1)) {
      if (!container.isConnected || container.closest("[hidden]")) continue;
      for (const kind of CONTROLS) {
        const found = [.../** @type {NodeListOf<HTMLElement>} */ (container.querySelectorAll(kind))].find(isSeen);
        if (found) return found;
      }
    }
    return null;
  }
}

/** @param {Element} element @param {HTMLElement} root @returns {Element[]} */
function ancestors(element, root) {
  const path = [];
  for (let each = /** @type {Element|null} */ (element); each; each = each === root ? null : each.parentElement) path.push(each);
  return path;
}

/** @param {HTMLElement} element */
function isSeen(element) {
  return !element.closest("[hidden]") && element.getClientRects().length > 0;
}
