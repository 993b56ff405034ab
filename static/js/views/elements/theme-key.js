// @ts-check
import { setShown } from "./pieces.js";
import { say } from "../../words/common/say.js";

const KEY = "beatsync:theme";

/** Light or dark, kept on the device; theme.js reads it before the next first paint. */
export function wireThemeKey(root = document.documentElement) {
  const keys = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-theme-key]"));
  const light = matchMedia("(prefers-color-scheme: light)");
  const theme = () => root.dataset.theme ?? (light.matches ? "light" : "dark");
  const draw = () => {
    const now = theme();
    for (const icon of root.querySelectorAll("[data-theme-icon]")) {
      setShown(/** @type {HTMLElement} */ (icon), /** @type {HTMLElement} */ (icon).dataset.themeIcon === now);
    }
    for (const key of keys) key.setAttribute("aria-label", now === "dark" ? say("theme.light") : say("theme.dark"));
  };
  const change = () => {
    const next = theme() === "dark" ? "light" : "dark";
    root.dataset.theme = next;
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // Then it lasts as long as the page.
    }
    draw();
  };
  light.addEventListener("change", draw);
  draw();
  for (const key of keys) {
    key.addEventListener("click", change);
    setShown(key, true);
  }
}
