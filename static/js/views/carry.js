// @ts-check

/** @typedef {import("./strip.js").Strip} Strip */

/** A hand that shakes is not yet one that moves something. */
const MOVES_PX = 5;
/** A finger scrolls; one that rests this long takes hold. */
const TAKES_HOLD_MS = 350;
/** Near an edge the rack scrolls on. */
const EDGE_PX = 56;
const SCROLL_PX = 9;

/**
 * Carries a strip to another slot by hand: a mouse takes it anywhere, a finger by its grip or after resting on it.
 * The others make room while it is carried; nothing is decided before it is let go. Alt with the arrows and the strip's
 * menu do the same.
 */
export class Carry {
  #list;
  #options;
  /** @type {{strip: Strip, index: number, grabbedY: number, y: number, scrolled: number, rows: DOMRect[], to: number}|null} */
  #held = null;
  /** Ends the listening that a press began. @type {AbortController|null} */
  #press = null;

  /**
   * @param {HTMLElement} list
   * @param {{may: () => boolean, strips: () => Strip[], scroller: () => any, edges: () => {top: number, bottom: number},
   *   carries: (carries: boolean) => void, drop: (strip: Strip, to: number, letGo: () => void) => void}} options
   *   drop: letGo clears what carrying drew, once the places have been looked at
   */
  constructor(list, options) {
    this.#list = list;
    this.#options = options;
    list.addEventListener("pointerdown", (event) => this.#onDown(event));
    // A finger that carries does not scroll; said in time, the browser leaves it to us.
    list.addEventListener("touchmove", (event) => this.#held && event.preventDefault(), { passive: false });
    list.addEventListener("contextmenu", (event) => this.#press && event.preventDefault());
  }

  /** @param {PointerEvent} down */
  #onDown(down) {
    const target = /** @type {HTMLElement} */ (down.target);
    const grip = target.closest("[data-grip]") !== null;
    if (this.#press || down.button !== 0 || !this.#options.may() || target.closest("button, a")) return;
    const strips = this.#options.strips();
    const index = strips.findIndex(({ element }) => element.contains(target));
    if (index === -1 || !movable(strips[index])) return;
    const take = () => this.#take(strips, index, down);
    const press = new AbortController();
    this.#press = press;
    const { signal } = press;
    const rests = down.pointerType === "touch" && !grip;
    const timer = rests ? setTimeout(take, TAKES_HOLD_MS) : undefined;
    signal.addEventListener("abort", () => clearTimeout(timer));
    window.addEventListener("pointermove", (event) => {
      if (event.pointerId !== down.pointerId) return;
      if (this.#held) this.#follow(event.clientY);
      else if (Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) > MOVES_PX) {
        if (rests) this.#end();
        else take();
      }
    }, { signal });
    window.addEventListener("pointerup", () => this.#let(true), { signal });
    window.addEventListener("pointercancel", () => this.#let(false), { signal });
    window.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.#held) return;
      event.preventDefault();
      this.#let(false);
    }, { signal, capture: true });
  }

  /** @param {Strip[]} strips @param {number} index @param {PointerEvent} down */
  #take(strips, index, down) {
    const rows = strips.map(({ slot }) => slot.getBoundingClientRect());
    const strip = strips[index];
    const { scrollTop } = this.#options.scroller();
    this.#held = { strip, index, grabbedY: down.clientY, y: down.clientY, scrolled: scrollTop, rows, to: index };
    this.#options.carries(true);
    this.#list.dataset.carrying = "";
    strip.element.dataset.carried = "";
    getSelection()?.removeAllRanges();
    if (down.pointerType === "touch") navigator.vibrate?.(10);
    requestAnimationFrame(() => this.#scrollOn());
  }

  /** @param {number} y */
  #follow(y) {
    const held = this.#held;
    if (!held) return;
    const { strip, index, rows } = held;
    held.y = y;
    const by = y - held.grabbedY + this.#options.scroller().scrollTop - held.scrolled;
    const middle = rows[index].top + rows[index].height / 2 + by;
    const nearest = rows.map(({ top, height }) => Math.abs(top + height / 2 - middle));
    const free = this.#options.strips().findIndex(movable);
    held.to = Math.max(free, nearest.indexOf(Math.min(...nearest)));
    strip.element.style.transform = `translateY(${by}px)`;
    const gap = rows.length > 1 ? rows[1].top - rows[0].bottom : 0;
    const room = rows[index].height + gap;
    this.#options.strips().forEach(({ element }, at) => {
      if (at === index) return;
      const up = at > index && at <= held.to;
      const down = at < index && at >= held.to;
      element.style.transform = up ? `translateY(${-room}px)` : down ? `translateY(${room}px)` : "";
    });
  }

  #scrollOn() {
    const held = this.#held;
    if (!held) return;
    const { top, bottom } = this.#options.edges();
    const by = held.y < top + EDGE_PX ? -SCROLL_PX : held.y > bottom - EDGE_PX ? SCROLL_PX : 0;
    if (by !== 0) {
      this.#options.scroller().scrollTop += by;
      this.#follow(held.y);
    }
    requestAnimationFrame(() => this.#scrollOn());
  }

  /** @param {boolean} there  where it is, or back where it was */
  #let(there) {
    const held = this.#held;
    this.#end();
    if (!held) return;
    this.#held = null;
    // A press on a strip that was carried is no click on it.
    window.addEventListener("click", swallow, { capture: true });
    setTimeout(() => window.removeEventListener("click", swallow, { capture: true }));
    this.#options.carries(false);
    this.#options.drop(held.strip, there ? held.to : held.index, () => {
      delete this.#list.dataset.carrying;
      delete held.strip.element.dataset.carried;
      for (const { element } of this.#options.strips()) element.style.removeProperty("transform");
    });
  }

  #end() {
    this.#press?.abort();
    this.#press = null;
  }
}

/** @param {Strip} strip  one that has a grip */
function movable({ element }) {
  return element.querySelector("[data-grip]:not([hidden])") !== null;
}

/** @param {Event} event */
function swallow(event) {
  event.stopPropagation();
  event.preventDefault();
}
