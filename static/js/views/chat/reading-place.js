// @ts-check

/** So near to the end counts as the end: scrolling by hand seldom ends on the pixel. */
const NEAR_PX = 40;

/** Where somebody reads in a list that grows at both ends: at its end it follows what comes, above nothing moves under the eyes. */
export class ReadingPlace extends EventTarget {
  #scroller;
  #list;
  #isAtEnd = true;
  #top = 0;
  /** What is being read: it stays where it is when what stands above gets another height. @type {{row: Element, top: number}|null} */
  #anchor = null;
  /** More follows below the last row: its end is no end. */
  isOpenBelow = false;

  /** @param {HTMLElement} scroller @param {HTMLElement} list  in it. Event "change": the end was reached or left, or more came into view */
  constructor(scroller, list) {
    super();
    this.#scroller = scroller;
    this.#list = list;
    scroller.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    // Rows get their true height when they come near the view.
    const observer = new ResizeObserver(() => this.#restore());
    observer.observe(list);
    observer.observe(scroller);
  }

  get isAtEnd() {
    return this.#isAtEnd;
  }

  get isNearStart() {
    return this.#scroller.scrollTop < this.#near;
  }

  get isNearEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < this.#near;
  }

  /** In px. On a tall screen less than a view: both ends would be near at once. */
  get #near() {
    return Math.min(this.#scroller.clientHeight, this.#scroller.scrollHeight / 6);
  }

  /** Changes the list without moving what is being read. @param {() => void} change */
  keepWhile(change) {
    this.#noteAnchor();
    change();
    this.#restore();
  }

  goToEnd() {
    this.#isAtEnd = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#top = this.#scroller.scrollTop;
  }

  #onScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    // Growing content leaves the end behind, too; only a person scrolls up.
    if (!this.isOpenBelow && scrollHeight - scrollTop - clientHeight < NEAR_PX) this.#isAtEnd = true;
    else if (scrollTop < this.#top) this.#isAtEnd = false;
    this.#top = scrollTop;
    this.#noteAnchor();
    this.dispatchEvent(new Event("change"));
  }

  #noteAnchor() {
    const row = this.#isAtEnd ? null : this.#firstInView();
    this.#anchor = row && { row, top: row.getBoundingClientRect().top };
  }

  #restore() {
    if (this.#isAtEnd) return this.goToEnd();
    if (!this.#anchor?.row.isConnected) return;
    const moved = this.#anchor.row.getBoundingClientRect().top - this.#anchor.top;
    if (moved === 0) return;
    this.#scroller.scrollTop += moved;
    this.#top = this.#scroller.scrollTop;
  }

  /** The rows stand one below the other, so few of them have to be measured. */
  #firstInView() {
    const { top } = this.#scroller.getBoundingClientRect();
    const rows = this.#list.children;
    let [from, to] = [0, rows.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (rows[middle].getBoundingClientRect().bottom > top) to = middle;
      else from = middle + 1;
    }
    return rows[from] ?? null;
  }
}
