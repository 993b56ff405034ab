// @ts-check
/**
 * What the oldest browsers served lack (docs/operating.md), filled in before anything else runs. The first
 * import of every page. `tests/test_levels.py` says what else is too new to use.
 */

/** @param {object} owner @param {string} name @param {Function} stand  in for what is missing */
function fill(owner, name, stand) {
  if (name in owner) return;
  Object.defineProperty(owner, name, { value: stand, writable: true, configurable: true });
}

/** Chromium 92. @this {ArrayLike<any>} @param {number} index */
function at(index) {
  return this[index < 0 ? this.length + index : index];
}

/** Chromium 97. @this {any[]} @param {(value: any, index: number, list: any[]) => unknown} fits */
function findLast(fits) {
  for (let index = this.length - 1; index >= 0; index -= 1) if (fits(this[index], index, this)) return this[index];
  return undefined;
}

/** Chromium 103, Safari 16. @param {number} ms */
function timeout(ms) {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
}

/** Chromium 100. @this {AbortSignal} */
function throwIfAborted() {
  if (this.aborted) throw this.reason ?? new DOMException("Aborted.", "AbortError");
}

/** Safari 16. @this {HTMLFormElement} */
function requestSubmit() {
  if (!this.reportValidity()) return;
  if (this.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }))) this.submit();
}

fill(Array.prototype, "at", at);
fill(String.prototype, "at", at);
fill(Array.prototype, "findLast", findLast);
// Chromium 93.
fill(Object, "hasOwn", (/** @type {object} */ owner, /** @type {string} */ name) => Object.prototype.hasOwnProperty.call(owner, name));
// Chromium 98. Of what JSON can say, which is all that is cloned here.
fill(globalThis, "structuredClone", (/** @type {unknown} */ value) => (value === undefined ? value : JSON.parse(JSON.stringify(value))));
fill(AbortSignal, "timeout", timeout);
fill(AbortSignal.prototype, "throwIfAborted", throwIfAborted);
if (globalThis.HTMLFormElement) fill(HTMLFormElement.prototype, "requestSubmit", requestSubmit);
