// A classic script inside the room's page: votes that are tapped before the page's own script can cast them are kept for it.
(() => {
  // Where that script does not run, the forms of a member's votes do.
  if (!("noModule" in HTMLScriptElement.prototype)) return;
  /** @type {{item: string|undefined, way: number}[]} */
  const taps = [];
  const keep = (/** @type {SubmitEvent} */ event) => {
    const key = event.submitter;
    /** @type {HTMLElement|null} */
    const row = /** @type {Element} */ (event.target).closest("[data-item]");
    if (!key || !row) return;
    event.preventDefault();
    event.stopPropagation();
    const pressed = key.getAttribute("aria-pressed") !== "true";
    for (const one of row.querySelectorAll("[aria-pressed]")) one.setAttribute("aria-pressed", String(pressed && one === key));
    taps.push({ item: row.dataset.item, way: "up" in key.dataset ? 1 : -1 });
  };
  const take = () => {
    removeEventListener("submit", keep, true);
    return taps.splice(0);
  };
  addEventListener("submit", keep, true);
  addEventListener("error", ({ target }) => target instanceof HTMLScriptElement && target.type === "module" && take(), true);
  globalThis.earlyVotes = take;
})();
