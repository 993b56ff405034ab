// @ts-check
import { setShown } from "./pieces.js";

const KEY = "beatsync:theme";

/** Light or dark, kept on the device; theme.js reads it before the next first paint. */
export function wireThemeKey(root = document.documentElement) {
  const key = /** @type {HTMLElement|null} */ (root.querySelector("[data-theme-key]"));
  if (!key) return;
  const light = matchMedia("(prefers-color-scheme: light)");
  const theme = () => root.dataset.theme ?? (light.matches ? "light" : "dark");
  const draw = () => {
    const now = theme();
    for (const icon of key.querySelectorAll("[data-theme-icon]")) {
      setShown(/** @type {HTMLElement} */ (icon), /** @type {HTMLElement} */ (icon).dataset.themeIcon === now);
    }
    key.setAttribute("aria-label", now === "dark" ? "Change to light" : "Change to dark");
  };
  key.addEventListener("click", () => {
    const next = theme() === "dark" ? "light" : "dark";
    root.dataset.theme = next;
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // Then it lasts as long as the page.
    }
    draw();
  });
  light.addEventListener("change", draw);
  draw();
  key.hidden = false;
}
