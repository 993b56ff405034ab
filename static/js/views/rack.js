// @ts-check
import { play, tops } from "../flip.js";
import { Calm } from "./calm.js";
import { Carry } from "./carry.js";
import { arrange } from "./keyed.js";
import { movers } from "./order.js";
import { Strip } from "./strip.js";

/** @typedef {import("../shapes.js").Item} Item */
/** @typedef {import("./scene.js").Show} Show */

/** Who reads from the very top wants to go on doing so. */
const AT_TOP_PX = 8;

/** The queue as strips in slots. What a strip says changes at once; where it stands, when it may. */
export class Rack {
  #list;
  #scroller;
  #intents;
  #calm;
  /** @type {Map<string, Strip>} */
  #strips = new Map();
  /** @type {string[]} */
  #order = [];
  /** @type {Show|null} */
  #show = null;
  /** @type {string|null} */
  #current = null;
  #drawn = false;

  /**
   * @param {{list: HTMLElement, scroller: () => any, edges: () => {top: number, bottom: number},
   *   gone: (title: string) => void, vote: (item: Item, way: 1|-1) => void, place: (item: Item, to: number) => void,
   *   menu: (item: Item, opener: HTMLElement) => void}} options  edges: between them the rack is seen
   */
  constructor({ list, scroller, edges, vote, place, menu, gone }) {
    this.#list = list;
    this.#scroller = scroller;
    this.#intents = { vote, menu, gone, place };
    this.#calm = new Calm(list, () => this.#move());
    new Carry(list, {
      scroller,
      edges,
      may: () => this.#show?.may.order === true && !this.#show.stale,
      strips: () => this.#order.map((id) => /** @type {Strip} */ (this.#strips.get(id))),
      carries: (carries) => this.#calm.carry(carries),
      drop: (strip, to, letGo) => this.#settle(() => {
        letGo();
        place(strip.item, to);
      }),
    });
    list.addEventListener("focusin", (event) => {
      const strip = /** @type {HTMLElement} */ (event.target).closest("[data-item]");
      if (strip) this.#setCurrent(/** @type {HTMLElement} */ (strip).dataset.item ?? null);
    });
  }

  /** @param {Show} show */
  draw(show) {
    this.#show = show;
    this.#list.toggleAttribute("data-stale", show.stale);
    this.#list.toggleAttribute("data-order", show.may.order);
    for (const item of show.queue) this.#strips.get(item.id)?.draw(item, show);
    const ids = show.queue.map(({ id }) => id);
    if (ids.join() === this.#order.join()) {
      this.#calm.forget();
    } else if (this.#drawn) {
      this.#calm.ask();
    } else {
      this.#move();
    }
    this.#drawn = true;
  }

  /** The item of the strip that has the focus, itself or in one of its keys. @returns {Item|null} */
  get focused() {
    const strip = document.activeElement?.closest("[data-item]");
    if (!strip || !this.#list.contains(strip)) return null;
    return this.#strips.get(/** @type {HTMLElement} */ (strip).dataset.item ?? "")?.item ?? null;
  }

  /** What this person moves moves at once, and stays in sight. @param {Item} item @param {number} to */
  place(item, to) {
    this.#settle(() => this.#intents.place(item, to));
    this.#strips.get(item.id)?.element.scrollIntoView({ block: "nearest" });
  }

  /** A key that stands for a finger keeps the rows still like one. */
  touched() {
    this.#calm.touched();
  }

  /** @param {number} index  clamped to the rack */
  focusAt(index) {
    const id = this.#order[Math.max(0, Math.min(this.#order.length - 1, index))];
    const strip = id === undefined ? undefined : this.#strips.get(id);
    strip?.element.focus({ preventScroll: true });
    strip?.element.scrollIntoView({ block: "nearest" });
  }

  /** @param {1|-1} by */
  focusNext(by) {
    const { focused } = this;
    this.focusAt(focused ? this.#order.indexOf(focused.id) + by : 0);
  }

  get length() {
    return this.#order.length;
  }

  /** Strips slide from where the hand left them. @param {() => void} change  draws the new order */
  #settle(change) {
    const places = this.#places;
    change();
    this.#calm.forget();
    this.#move(places, null);
  }

  get #places() {
    return tops(this.#order.map((id) => /** @type {Strip} */ (this.#strips.get(id)).element));
  }

  #move(places = this.#places, anchor = this.#readersPlace()) {
    const show = /** @type {Show} */ (this.#show);
    const before = this.#order;
    const after = show.queue.map(({ id }) => id);
    const lost = this.#lostFocus(after);
    const fresh = this.#renew(show);

    const strips = after.map((id) => /** @type {Strip} */ (this.#strips.get(id)));
    const focused = /** @type {HTMLElement|null} */ (document.activeElement?.closest(".slot") ?? null);
    arrange(this.#list, strips.map(({ slot }) => slot), focused && this.#list.contains(focused) ? focused : null);
    this.#order = after;
    strips.forEach((strip, index) => {
      strip.place(index + 1);
      strip.draw(strip.item, show);
    });
    if (!this.#current || !this.#strips.has(this.#current)) this.#setCurrent(after[0] ?? null);
    else this.#setCurrent(this.#current);

    const risers = this.#mark(movers(before, after));
    this.#hold(anchor);
    if (this.#drawn) play(places, { container: this.#list, risers, fresh: before.length ? fresh : [] });
    if (lost) this.#refocus(lost);
  }

  /** New strips are made, gone ones forgotten. @param {Show} show @returns {HTMLElement[]} the new ones */
  #renew({ queue }) {
    const now = new Set(queue.map(({ id }) => id));
    for (const id of this.#strips.keys()) if (!now.has(id)) this.#strips.delete(id);
    const fresh = [];
    for (const item of queue) {
      if (this.#strips.has(item.id)) {
        /** @type {Strip} */ (this.#strips.get(item.id)).item = item;
        continue;
      }
      const strip = new Strip(item, this.#intents);
      this.#strips.set(item.id, strip);
      fresh.push(strip.element);
    }
    return fresh;
  }

  /** @param {Map<string, number>} moved @returns {Set<HTMLElement>} the strips that rose */
  #mark(moved) {
    const risers = new Set();
    for (const [id, by] of moved) {
      const strip = this.#strips.get(id);
      if (!strip || by === 0) continue;
      strip.mark(by);
      if (by > 0) risers.add(strip.element);
    }
    return risers;
  }

  /** The focused strip, else the first one in sight once the reader has scrolled. */
  #readersPlace() {
    const focused = this.focused;
    if (focused) return this.#placeOf(focused.id);
    const scroller = this.#scroller();
    if (scroller.scrollTop < AT_TOP_PX) return null;
    const edge = scroller === document.scrollingElement ? 0 : scroller.getBoundingClientRect().top;
    const first = this.#order.find((id) => /** @type {Strip} */ (this.#strips.get(id)).element.getBoundingClientRect().top >= edge);
    return first === undefined ? null : this.#placeOf(first);
  }

  /** @param {string} id */
  #placeOf(id) {
    const { element } = /** @type {Strip} */ (this.#strips.get(id));
    return { element, top: element.getBoundingClientRect().top };
  }

  /** @param {{element: HTMLElement, top: number}|null} anchor */
  #hold(anchor) {
    if (!anchor || !anchor.element.isConnected) return;
    this.#scroller().scrollTop += anchor.element.getBoundingClientRect().top - anchor.top;
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

  /** @param {string|null} id */
  #setCurrent(id) {
    this.#current = id;
    for (const [key, strip] of this.#strips) strip.setCurrent(key === id);
  }
}
