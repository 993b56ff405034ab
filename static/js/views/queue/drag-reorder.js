// @ts-check

/** @typedef {import("./queue-row.js").QueueRow} QueueRow */

/** Pressed and moved by less, a pointer trembles and drags nothing. */
const DRAG_FROM_PX = 5;
/** A finger that moves earlier scrolls; after this long at rest it drags. */
const LONG_PRESS_MS = 350;
/** This near to an edge of the queue it scrolls on, by so much each frame. */
const EDGE_PX = 56;
const SCROLL_PX = 9;

/**
 * Drags a row to another slot: a mouse takes it anywhere, a finger by its grip or after a long press. The others make room
 * meanwhile; the order changes when it is dropped. Alt with the arrows and the sheet of the track do the same.
 */
export class DragReorder {
  #list;
  #options;
  /** @type {{row: QueueRow, index: number, grabbedY: number, y: number, scrolled: number, slots: DOMRect[], to: number}|null} */
  #drag = null;
  /** Removes the listeners that a press has added. @type {AbortController|null} */
  #press = null;

  /**
   * @param {HTMLElement} list
   * @param {{canDrag: () => boolean, rows: () => QueueRow[], scroller: () => any, edges: () => {top: number, bottom: number},
   *   dragging: (isDragging: boolean) => void, drop: (row: QueueRow, to: number, clear: () => void) => void}} options
   *   drop: clear removes what dragging drew, once the positions have been measured
   */
  constructor(list, options) {
    this.#list = list;
    this.#options = options;
    list.addEventListener("pointerdown", (event) => this.#onDown(event));
    // A finger that drags does not scroll: prevented with its first move, the browser leaves it to this.
    list.addEventListener("touchmove", (event) => this.#drag && event.preventDefault(), { passive: false });
    list.addEventListener("contextmenu", (event) => this.#press && event.preventDefault());
  }

  /** @param {PointerEvent} down */
  #onDown(down) {
    const target = /** @type {HTMLElement} */ (down.target);
    const grip = target.closest("[data-grip]") !== null;
    if (this.#press || down.button !== 0 || !this.#options.canDrag() || target.closest("button:not([data-open]), a")) return;
    const rows = this.#options.rows();
    const index = rows.findIndex(({ element }) => element.contains(target));
    if (index === -1 || !isMovable(rows[index])) return;
    const start = () => this.#start(rows, index, down);
    const press = new AbortController();
    this.#press = press;
    const { signal } = press;
    const needsLongPress = down.pointerType === "touch" && !grip;
    const timer = needsLongPress ? setTimeout(start, LONG_PRESS_MS) : undefined;
    signal.addEventListener("abort", () => clearTimeout(timer));
    window.addEventListener("pointermove", (event) => {
      if (event.pointerId !== down.pointerId) return;
      if (this.#drag) this.#moveTo(event.clientY);
      else if (Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) > DRAG_FROM_PX) {
        if (needsLongPress) this.#endPress();
        else start();
      }
    }, { signal });
    window.addEventListener("pointerup", () => this.#finish(true), { signal });
    window.addEventListener("pointercancel", () => this.#finish(false), { signal });
    window.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.#drag) return;
      event.preventDefault();
      this.#finish(false);
    }, { signal, capture: true });
  }

  /** @param {QueueRow[]} rows @param {number} index @param {PointerEvent} down */
  #start(rows, index, down) {
    const slots = rows.map(({ slot }) => slot.getBoundingClientRect());
    const row = rows[index];
    const { scrollTop } = this.#options.scroller();
    this.#drag = { row, index, grabbedY: down.clientY, y: down.clientY, scrolled: scrollTop, slots, to: index };
    this.#options.dragging(true);
    this.#list.dataset.carrying = "";
    row.element.dataset.carried = row.slot.dataset.carried = "";
    getSelection()?.removeAllRanges();
    if (down.pointerType === "touch") navigator.vibrate?.(10);
    requestAnimationFrame(() => this.#scrollOn());
  }

  /** @param {number} y */
  #moveTo(y) {
    const drag = this.#drag;
    if (!drag) return;
    const { row, index, slots } = drag;
    drag.y = y;
    const by = y - drag.grabbedY + this.#options.scroller().scrollTop - drag.scrolled;
    const middle = slots[index].top + slots[index].height / 2 + by;
    const distances = slots.map(({ top, height }) => Math.abs(top + height / 2 - middle));
    const firstMovable = this.#options.rows().findIndex(isMovable);
    drag.to = Math.max(firstMovable, distances.indexOf(Math.min(...distances)));
    row.element.style.transform = `translateY(${by}px)`;
    const gap = slots.length > 1 ? slots[1].top - slots[0].bottom : 0;
    const step = slots[index].height + gap;
    this.#options.rows().forEach(({ element }, at) => {
      if (at === index) return;
      const up = at > index && at <= drag.to;
      const down = at < index && at >= drag.to;
      element.style.transform = up ? `translateY(${-step}px)` : down ? `translateY(${step}px)` : "";
    });
  }

  #scrollOn() {
    const drag = this.#drag;
    if (!drag) return;
    const { top, bottom } = this.#options.edges();
    const by = drag.y < top + EDGE_PX ? -SCROLL_PX : drag.y > bottom - EDGE_PX ? SCROLL_PX : 0;
    if (by !== 0) {
      this.#options.scroller().scrollTop += by;
      this.#moveTo(drag.y);
    }
    requestAnimationFrame(() => this.#scrollOn());
  }

  /** @param {boolean} isDropped  false: back where it was */
  #finish(isDropped) {
    const drag = this.#drag;
    this.#endPress();
    if (!drag) return;
    this.#drag = null;
    // The click that ends a drag would open the sheet of the track.
    window.addEventListener("click", swallow, { capture: true });
    setTimeout(() => window.removeEventListener("click", swallow, { capture: true }));
    this.#options.dragging(false);
    this.#options.drop(drag.row, isDropped ? drag.to : drag.index, () => {
      delete this.#list.dataset.carrying;
      delete drag.row.element.dataset.carried;
      delete drag.row.slot.dataset.carried;
      for (const { element } of this.#options.rows()) element.style.removeProperty("transform");
    });
  }

  #endPress() {
    this.#press?.abort();
    this.#press = null;
  }
}

/** Does the row have a grip? @param {QueueRow} row */
function isMovable({ element }) {
  return element.querySelector("[data-grip]:not([hidden])") !== null;
}

/** @param {Event} event */
function swallow(event) {
  event.stopPropagation();
  event.preventDefault();
}
