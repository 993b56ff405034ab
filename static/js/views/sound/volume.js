// @ts-check
import { part } from "../elements/pieces.js";

/** How loud this device is; other devices have knobs of their own.
 * @param {{sheet: import("../elements/sheet.js").Sheet, speaker: {volume: number}, opener: HTMLElement}} options */
export function openVolume({ sheet, speaker, opener }) {
  const body = sheet.show("sheet-volume", { opener });
  const slide = /** @type {HTMLInputElement} */ (part(body, "slide"));
  slide.value = String(Math.round(speaker.volume * 100));
  slide.addEventListener("input", () => (speaker.volume = Number(slide.value) / 100));
  slide.focus();
}
