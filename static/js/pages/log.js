// @ts-check
import "../browser/fills.js";
import { wireBack } from "../browser/tabs.js";

/** The log of a room works without scripts; this one only leads back to the tab from which it was opened. */
wireBack(/** @type {HTMLAnchorElement} */ (document.querySelector("[data-back]")));
