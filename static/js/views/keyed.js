// @ts-check

/**
 * Puts the nodes in this order as the children of the parent, moving as few as it takes and never the anchor: a node
 * that is moved in the document loses focus.
 * @param {HTMLElement} parent
 * @param {HTMLElement[]} nodes
 * @param {HTMLElement|null} [anchor]
 */
export function arrange(parent, nodes, anchor = null) {
  const keep = new Set(nodes);
  for (const child of [...parent.children]) if (!keep.has(/** @type {HTMLElement} */ (child))) child.remove();
  if (nodes.length === 0) return;
  let start = anchor ? nodes.indexOf(anchor) : 0;
  if (start === -1) start = 0;
  if (nodes[start].parentElement !== parent) parent.prepend(nodes[start]);
  for (let index = start - 1; index >= 0; index -= 1) {
    if (nodes[index].nextElementSibling !== nodes[index + 1]) parent.insertBefore(nodes[index], nodes[index + 1]);
  }
  for (let index = start + 1; index < nodes.length; index += 1) {
    if (nodes[index].previousElementSibling !== nodes[index - 1]) nodes[index - 1].after(nodes[index]);
  }
  // Without an anchor the first node may still stand behind others.
  if (parent.firstElementChild !== nodes[0] && !anchor) parent.prepend(nodes[0]);
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
