/** A stand-in for a part of a page: whatever is looked for in it is there, and nothing of it is drawn. */
export class FakePart extends EventTarget {
  hidden = false;
  textContent = "";
  value = "";
  dataset = {};
  children = [];
  style = { setProperty() {} };
  #parts = new Map();
  #attributes = new Map();

  get firstElementChild() {
    return this.querySelector("first");
  }

  querySelector(selector) {
    if (!this.#parts.has(selector)) this.#parts.set(selector, new FakePart());
    return this.#parts.get(selector);
  }

  querySelectorAll() {
    return [];
  }

  getAttribute(name) {
    return this.#attributes.get(name) ?? null;
  }

  setAttribute(name, value) {
    this.#attributes.set(name, value);
  }

  removeAttribute(name) {
    this.#attributes.delete(name);
  }

  toggleAttribute(name, on) {
    if (on) this.setAttribute(name, "");
    else this.removeAttribute(name);
  }

  append(...children) {
    this.children = [...this.children, ...children];
  }

  replaceChildren(...children) {
    this.children = children;
  }

  contains() {
    return false;
  }

  focus() {}

  click() {
    this.dispatchEvent(new Event("click"));
  }
}

/** A document whose templates hold such parts. */
export function fakeDocument() {
  return { activeElement: null, getElementById: () => ({ content: { cloneNode: () => new FakePart() } }) };
}
