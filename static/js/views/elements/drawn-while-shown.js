// @ts-check

/** As far as any page goes: only a panel without a box counts as hidden, not one that is scrolled away. */
const WHOLE_PAGE = "1000000px";

/** A view of a panel that others may hide, as the tabs do: while the panel is hidden, drawing waits until it is shown. */
export class DrawnWhileShown {
  #view;
  #isShown = true;
  /** What was not drawn yet. @type {any} */
  #missed = null;

  /** @param {Element} panel @param {{draw(viewModel: any): void}} view */
  constructor(panel, view) {
    this.#view = view;
    const observer = new IntersectionObserver((entries) => this.#setShown(entries.some(({ isIntersecting }) => isIntersecting)), {
      rootMargin: WHOLE_PAGE,
    });
    observer.observe(panel);
  }

  /** @param {any} viewModel */
  draw(viewModel) {
    if (this.#isShown) this.#view.draw(viewModel);
    else this.#missed = viewModel;
  }

  /** @param {boolean} isShown */
  #setShown(isShown) {
    this.#isShown = isShown;
    if (!isShown || this.#missed === null) return;
    const viewModel = this.#missed;
    this.#missed = null;
    this.#view.draw(viewModel);
  }
}
