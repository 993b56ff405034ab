// @ts-check
import { longestRising } from "./longest-rising.js";

/**
 * Puts the nodes in this order as the children of the parent, moving as few as it takes and never the anchor: a node
 * that is moved in the document loses focus.
 * @param {HTMLElement} parent
 * @param {HTMLElement[]} nodes
 * @param {HTMLElement|null} [anchor]
 */
export function arrange(parent, nodes, anchor = null) {
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(/** @type {HTMLElement} */ (child))) child.remove();
  const children = [...parent.children];
  if (children.length === nodes.length && children.every((child, index) => child === nodes[index])) return;
  const unmoved = unmovedOf(children, nodes, anchor);
  for (let index = nodes.length - 1; index >= 0; index -= 1) {
    if (!unmoved.has(nodes[index])) parent.insertBefore(nodes[index], nodes[index + 1] ?? null);
  }
}

/** As many nodes as can stay where they are, the anchor among them. @param {Element[]} children @param {HTMLElement[]} nodes @param {HTMLElement|null} anchor */
function unmovedOf(children, nodes, anchor) {
  const indexes = new Map(children.map((child, indexBefore) => [child, indexBefore]));
  const anchorIndexBefore = anchor && indexes.get(anchor);
  const anchorIndex = anchorIndexBefore == null ? -1 : nodes.indexOf(/** @type {HTMLElement} */ (anchor));
  const candidates = nodes.filter((node, index) => {
    const indexBefore = indexes.get(node);
    if (indexBefore === undefined) return false;
    return anchorIndex === -1 || node === anchor || indexBefore < /** @type {number} */ (anchorIndexBefore) === index < anchorIndex;
  });
  const rising = longestRising(candidates.map((node) => /** @type {number} */ (indexes.get(node))));
  // The anchor is always among them: every other candidate stands on its right side.
  return new Set(candidates.filter((_, index) => rising.has(index)));
}

/** Keeps one node per key and draws each; returns nodes in the order of the items.
 * @template Item
 * @param {Map<string, any>} kept
 * @param {readonly Item[]} items
 * @param {(item: Item) => string} keyOf
 * @param {(item: Item) => any} make
 */
export function keyed(kept, items, keyOf, make) {
  const wanted = new Set(items.map(keyOf));
  for (const key of kept.keys()) if (!wanted.has(key)) kept.delete(key);
  return items.map((item) => {
    const key = keyOf(item);
    if (!kept.has(key)) kept.set(key, make(item));
    return kept.get(key);
  });
}
