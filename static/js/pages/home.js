// @ts-check
import "../browser/fills.js";
import { CodeEntry } from "../views/home/code-entry.js";
import { wireThemeKey } from "../views/elements/theme-key.js";

/** On a phone a focused field raises the keyboard over half the page. */
const wide = matchMedia("(min-width: 40em)");

wireThemeKey();
const form = /** @type {HTMLFormElement} */ (document.querySelector("[data-code-form]"));
const entry = new CodeEntry(form);
const name = /** @type {HTMLInputElement} */ (document.querySelector("[data-name-field]"));

if (form.dataset.wrong !== undefined) entry.focus();
else if (wide.matches || name.getAttribute("aria-invalid")) {
  name.focus();
  name.select();
}
