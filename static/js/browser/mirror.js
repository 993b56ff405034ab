// @ts-check

/** Attributes that can change while the page is open. */
const ATTRIBUTES = ["hidden", "aria-pressed", "data-changed"];

/**
 * Keeps an open page as the server would write it now: what stands there is worded in one place only. Elements with
 * data-live (and an id) follow in their attributes, those with data-live="words" in what they hold too.
 * Event: "drawn" (detail {page}: the page as the server wrote it).
 */
export class Mirror extends EventTarget {
  #url;
  #fetch;
  #body;
  /** @type {AbortController|null} */
  #round = null;

  /** @param {{url: string, body: HTMLElement, fetch?: typeof fetch}} options */
  constructor({ url, body, fetch = (...request) => globalThis.fetch(...request) }) {
    super();
    this.#url = url;
    this.#body = body;
    this.#fetch = fetch;
  }

  /** Asks for the page; an answer to an earlier question is not used any more. */
  async refresh() {
    this.#round?.abort();
    const round = new AbortController();
    this.#round = round;
    try {
      const response = await this.#fetch(this.#url, { cache: "no-store", signal: round.signal });
      const text = await response.text();
      // Ended, removed, led elsewhere: the line says so too, in its own words.
      if (round !== this.#round || !response.ok || response.redirected) return;
      this.draw(new DOMParser().parseFromString(text, "text/html"));
    } catch {
      // Asked again when the line is back.
    }
  }

  /** @param {Document} page */
  draw(page) {
    for (const now of this.#body.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(now.id);
      if (fresh) follow(now, fresh);
    }
    this.dispatchEvent(new CustomEvent("drawn", { detail: { page } }));
  }
}

/** @param {Element} now @param {Element} fresh */
function follow(now, fresh) {
  for (const name of ATTRIBUTES) {
    const value = fresh.getAttribute(name);
    if (value === null) now.removeAttribute(name);
    else if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  }
  const words = now.getAttribute("data-live") === "words";
  // An untouched node is not read aloud again.
  if (words && !now.isEqualNode(fresh)) now.replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
}
