// @ts-check
import { play, topsBetween } from "../../browser/flip.js";
import { NextFrame, TAP_MS } from "../../browser/next-frame.js";
import { MoveDelay } from "./move-delay.js";
import { DragReorder } from "./drag-reorder.js";
import { arrange } from "../elements/keyed.js";
import { part } from "../elements/pieces.js";
import { movers } from "./order.js";
import { canRemove, QueueRow } from "./queue-row.js";
import { votesOf } from "./vote-keys.js";

/** @typedef {import("../../state/shapes.js").Item} Item */
/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */
/** @typedef {import("./queue-row.js").RowContext} RowContext */

/** Who reads from the very top wants to go on doing so. */
const AT_TOP_PX = 8;
/** Of rows out of sight so much is drawn in one frame, and such frames take no more than this share of the time. */
const UNSEEN_WITHIN_MS = 4;
const UNSEEN_SHARE = 1 / 8;
/** Rows in sight, and so many windows above and below, say at once what is new. */
const NEAR_WINDOWS = 0.25;
/** "in 6 min" may be this old. */
const WORDS_AGE_MS = 10_000;

/**
 * The queue as rows in slots. What a row in sight says changes at once, the others follow within some frames; where a row
 * stands changes when it may.
 */
export class QueueList {
  #list;
  #scroller;
  #intents;
  #delay;
  /** @type {Map<string, QueueRow>} */
  #rows = new Map();
  /** Slots that the page came with, until the first draw adopts them, by item. @type {Map<string, HTMLElement>} */
  #served;
  /** Ids of the rows as they stand on the page. @type {string[]} */
  #order = [];
  /** Rows out of sight that have something new to say. @type {Set<QueueRow>} */
  #unseen = new Set();
  #unseenFrame = new NextFrame(() => this.#drawUnseen(), { share: UNSEEN_SHARE });
  /** Between which indexes the rows lie in sight or near it; null: not measured since the page was scrolled.
   * @type {{from: number, to: number}|null} */
  #near = null;
  /** @type {ViewModel|null} */
  #viewModel = null;
  /** @type {RowContext|null} */
  #context = null;
  /** @type {string|null} */
  #current = null;
  #drawn = false;

  /**
   * @param {{list: HTMLElement, scroller: () => any, edges: () => {top: number, bottom: number},
   *   gone: (title: string) => void, vote: (item: Item, way: 1|-1) => void, place: (item: Item, to: number) => void,
   *   open: (item: Item, opener: HTMLElement) => void}} options  edges: between them the queue is seen
   */
  constructor({ list, scroller, edges, vote, place, open, gone }) {
    this.#list = list;
    this.#served = servedSlots(list);
    this.#scroller = scroller;
    this.#intents = { open, gone, place, vote };
    list.addEventListener("pointerdown", () => this.#unseenFrame.rest(TAP_MS), { passive: true });
    this.#delay = new MoveDelay(list, () => this.#move());
    // Measuring makes the browser lay out what was just drawn, so it happens once for each time that something scrolls.
    const measureAgain = () => (this.#near = null);
    for (const name of ["scroll", "resize"]) window.addEventListener(name, measureAgain, { capture: true, passive: true });
    new ResizeObserver(measureAgain).observe(list);
    new DragReorder(list, {
      scroller,
      edges,
      canDrag: () => this.#viewModel?.can.order === true && !this.#viewModel.stale,
      rows: () => this.#order.map((id) => this.#rowOf(id)),
      dragging: (isDragging) => this.#delay.setDragging(isDragging),
      drop: (row, to, clear) => this.#settle(() => {
        clear();
        place(row.item, to);
      }),
    });
    list.addEventListener("focusin", (event) => {
      const row = /** @type {HTMLElement} */ (event.target).closest("[data-item]");
      if (row) this.#setCurrent(/** @type {HTMLElement} */ (row).dataset.item ?? null);
    });
  }

  /** @param {ViewModel} viewModel */
  draw(viewModel) {
    this.#viewModel = viewModel;
    this.#list.toggleAttribute("data-stale", viewModel.stale);
    this.#list.toggleAttribute("data-order", viewModel.can.order);
    this.#list.toggleAttribute("data-menus", viewModel.queue.some((item) => canRemove(item, viewModel.can, viewModel.me.id)));
    this.#context = contextOf(viewModel, this.#context);
    this.#drawRows(this.#updateRows());
    const { queue } = viewModel;
    if (queue.length === this.#order.length && queue.every(({ id }, index) => id === this.#order[index])) {
      this.#delay.forget();
    } else if (this.#drawn) {
      this.#delay.ask();
    } else {
      this.#move();
    }
    this.#drawn = true;
  }

  /** The item of the row that has the focus, itself or in one of its keys. @returns {Item|null} */
  get focused() {
    const row = document.activeElement?.closest("[data-item]");
    if (!row || !this.#list.contains(row)) return null;
    return this.#rows.get(/** @type {HTMLElement} */ (row).dataset.item ?? "")?.item ?? null;
  }

  /** What this person moves moves at once, and stays in sight. @param {Item} item @param {number} to */
  place(item, to) {
    this.#settle(() => this.#intents.place(item, to));
    this.#rows.get(item.id)?.element.scrollIntoView({ block: "nearest" });
  }

  /** A key that stands for a finger keeps the rows still like one. */
  touched() {
    this.#delay.touched();
  }

  /** @param {number} index  clamped to the queue */
  focusAt(index) {
    const id = this.#order[Math.max(0, Math.min(this.#order.length - 1, index))];
    const row = id === undefined ? undefined : this.#rowOf(id);
    row?.element.focus({ preventScroll: true });
    row?.element.scrollIntoView({ block: "nearest" });
  }

  /** @param {1|-1} by */
  focusNext(by) {
    const { focused } = this;
    this.focusAt(focused ? this.#order.indexOf(focused.id) + by : 0);
  }

  get length() {
    return this.#order.length;
  }

  /** @param {string} id  of a row that stands on the page */
  #rowOf(id) {
    return /** @type {QueueRow} */ (this.#rows.get(id));
  }

  /** My own vote shows before anything else does. @param {Item} item */
  drawVote(item) {
    const row = this.#rows.get(item.id);
    if (!row || !this.#viewModel || !this.#context) return;
    row.update({ ...row.facts, item, ...votesOf(item, this.#viewModel) }, this.#context);
    row.draw();
  }

  /** Rows in sight and near it say at once what is new, the others soon. @param {QueueRow[]} changed */
  #drawRows(changed) {
    if (changed.length === 0) return;
    const near = this.#rowsNear();
    for (const row of changed) {
      if (near.has(row)) row.draw();
      else this.#unseen.add(row);
    }
    if (this.#unseen.size > 0) this.#unseenFrame.ask();
  }

  /** @returns {Set<QueueRow>} */
  #rowsNear() {
    if (this.#near === null) {
      const [first, ...others] = this.#topsNear(NEAR_WINDOWS).keys();
      const from = Math.max(0, this.#order.findIndex((id) => this.#rowOf(id).slot === first));
      this.#near = { from, to: from + 1 + others.length };
    }
    return new Set(this.#order.slice(this.#near.from, this.#near.to).map((id) => this.#rowOf(id)));
  }

  /** @returns {QueueRow[]} those with something new to say */
  #updateRows() {
    const { votes, me, stale, queue } = /** @type {ViewModel} */ (this.#viewModel);
    const context = /** @type {RowContext} */ (this.#context);
    const items = new Map(queue.map((item) => [item.id, item]));
    return this.#order.map((id) => this.#rowOf(id)).filter((row, index) => {
      const item = items.get(row.item.id) ?? row.item;
      return row.update({ item, rank: index + 1, ...votesOf(item, { votes, me, stale }) }, context);
    });
  }

  #drawUnseen() {
    const began = performance.now();
    for (const row of this.#unseen) {
      this.#unseen.delete(row);
      row.draw();
      if (performance.now() - began > UNSEEN_WITHIN_MS) break;
    }
    if (this.#unseen.size > 0) this.#unseenFrame.ask();
  }

  /** Rows slide from where the hand left them. @param {() => void} change  draws the new order */
  #settle(change) {
    const before = this.#topsNear(0.5);
    change();
    this.#delay.forget();
    this.#move(before, null);
  }

  /** The slots in the window, and in so many windows above and below. @param {number} around */
  #topsNear(around) {
    const slots = this.#order.map((id) => this.#rowOf(id).slot);
    return topsBetween(slots, { top: -around * innerHeight, bottom: (1 + around) * innerHeight });
  }

  #move(before = this.#topsNear(0.5), anchor = this.#readersPlace(before)) {
    const { queue } = /** @type {ViewModel} */ (this.#viewModel);
    const orderBefore = this.#order;
    const order = queue.map(({ id }) => id);
    const lost = this.#lostFocus(order);
    const fresh = this.#renew(queue);
    this.#arrange(order);
    if (!this.#current || !this.#rows.has(this.#current)) this.#setCurrent(order[0] ?? null);
    const changed = this.#updateRows();
    // A new row has its height before the others are measured.
    if (this.#drawn) for (const row of fresh) row.draw();
    this.#hold(anchor);
    const moved = movers(orderBefore, order);
    if (this.#drawn) this.#play(before, moved, orderBefore.length > 0 ? fresh : new Set());
    this.#near = null;
    for (const row of this.#rowsNear()) row.mark(moved.get(row.item.id) ?? 0);
    // What is written now is laid out once, with the next frame.
    this.#drawRows(changed);
    if (lost) this.#refocus(lost);
  }

  /** @param {string[]} order */
  #arrange(order) {
    const slots = order.map((id) => this.#rowOf(id).slot);
    const focused = /** @type {HTMLElement|null} */ (document.activeElement?.closest(".slot") ?? null);
    arrange(this.#list, slots, focused && this.#list.contains(focused) ? focused : null);
    this.#order = order;
  }

  /** @param {Map<HTMLElement, number>} before @param {Map<string, number>} moved @param {Set<QueueRow>} fresh */
  #play(before, moved, fresh) {
    const inSight = this.#topsNear(0);
    const rows = this.#order.map((id) => this.#rowOf(id)).filter(({ slot }) => inSight.has(slot));
    const moves = rows.filter((row) => !fresh.has(row)).map((row) => {
      const rises = (moved.get(row.item.id) ?? 0) > 0;
      // One from far away comes in at the edge of the window.
      const from = before.get(row.slot) ?? (rises ? innerHeight : -row.slot.offsetHeight);
      return { slot: row.slot, element: row.element, by: from - /** @type {number} */ (inSight.get(row.slot)), above: rises };
    });
    const arrivals = rows.filter((row) => fresh.has(row)).map(({ element }) => element);
    play(moves.filter(({ by }) => Math.abs(by) > 1), arrivals, this.#list);
  }

  /** New rows are made, gone ones forgotten. @param {readonly Item[]} queue @returns {Set<QueueRow>} the new ones */
  #renew(queue) {
    const ids = new Set(queue.map(({ id }) => id));
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      this.#rows.delete(id);
      this.#unseen.delete(row);
    }
    const missing = queue.filter(({ id }) => !this.#rows.has(id));
    const fresh = missing.map((item) => new QueueRow(item, this.#intents, this.#served.get(item.id)));
    this.#served.clear();
    for (const row of fresh) this.#rows.set(row.item.id, row);
    return new Set(fresh);
  }

  /** The focused row, else the first one in sight once the reader has scrolled. @param {Map<HTMLElement, number>} tops */
  #readersPlace(tops) {
    const { focused } = this;
    if (focused) return placeOf(this.#rowOf(focused.id).slot);
    const scroller = this.#scroller();
    if (scroller.scrollTop < AT_TOP_PX) return null;
    const edge = scroller === document.scrollingElement ? 0 : scroller.getBoundingClientRect().top;
    const first = [...tops.keys()].find((slot) => /** @type {number} */ (tops.get(slot)) >= edge);
    return first === undefined ? null : placeOf(first);
  }

  /** @param {{slot: HTMLElement, top: number}|null} anchor */
  #hold(anchor) {
    if (!anchor || !anchor.slot.isConnected) return;
    this.#scroller().scrollTop += anchor.slot.getBoundingClientRect().top - anchor.top;
  }

  /** @param {string[]} after @returns {{index: number, title: string}|null} */
  #lostFocus(after) {
    const { focused } = this;
    if (!focused || after.includes(focused.id)) return null;
    return { index: this.#order.indexOf(focused.id), title: focused.track.title };
  }

  /** @param {{index: number, title: string}} lost */
  #refocus({ index, title }) {
    if (this.#order.length > 0) this.focusAt(index);
    else this.#list.closest("section")?.focus();
    this.#intents.gone(title);
  }

  /** Only the row that the reader is on lets Tab into its keys: the queue is one stop. @param {string|null} id */
  #setCurrent(id) {
    if (this.#current !== null) this.#rows.get(this.#current)?.setCurrent(false);
    this.#current = id;
    if (id !== null) this.#rows.get(id)?.setCurrent(true);
  }
}

/**
 * What all rows draw from besides their items; the same object as before while it is the same, for up to `WORDS_AGE_MS`.
 * @param {ViewModel} viewModel @param {RowContext|null} before @returns {RowContext}
 */
function contextOf({ me, members, away, can, state: { held }, now }, before) {
  const after = { me: me.id, members, away, can, held, age: Math.floor(now / WORDS_AGE_MS), now };
  const names = /** @type {(keyof RowContext)[]} */ (Object.keys(after));
  return before && names.every((name) => name === "now" || before[name] === after[name]) ? before : after;
}

/** @param {HTMLElement} slot */
function placeOf(slot) {
  return { slot, top: slot.getBoundingClientRect().top };
}

/** @param {HTMLElement} list @returns {Map<string, HTMLElement>} */
function servedSlots(list) {
  const slots = /** @type {HTMLElement[]} */ ([...list.children]);
  return new Map(slots.map((slot) => [part(slot, "queue-row").dataset.item ?? "", slot]));
}
