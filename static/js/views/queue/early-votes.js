// @ts-check

/** @typedef {{item: string, way: 1|-1}} Tap */

/** Casts the votes that were tapped before this page's script was there (browser/capture-early-votes.js), once it knows who taps. */
export class EarlyVotes {
  #take;
  #vote;

  /**
   * @param {{take?: (() => Tap[]), vote: (item: import("../../state/shapes.js").Item, way: 1|-1) => void}} options
   * take: from its first call on, rows take their taps themselves
   */
  constructor({ take = () => [], vote }) {
    this.#take = take;
    this.#vote = vote;
  }

  /** @param {Pick<import("../room/renderer.js").ViewModel, "queue">} viewModel */
  draw({ queue }) {
    for (const { item: id, way } of this.#take()) {
      const item = queue.find((one) => one.id === id);
      if (item) this.#vote(item, way);
    }
  }
}
