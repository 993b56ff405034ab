// @ts-check
import { areSingleKeysOff, setSingleKeysOff } from "../elements/single-keys.js";
import { part } from "../elements/pieces.js";

/**
 * All shortcuts, and the switch for those of one letter.
 * @param {{sheet: import("../elements/sheet.js").Sheet, storage: import("../../browser/json-storage.js").JsonStorage}} options
 */
export function openShortcuts({ sheet, storage }) {
  const body = sheet.show("sheet-keys");
  const toggle = part(body, "switch");
  const draw = () => toggle.setAttribute("aria-checked", String(!areSingleKeysOff(storage)));
  toggle.addEventListener("click", () => {
    setSingleKeysOff(storage, !areSingleKeysOff(storage));
    draw();
  });
  draw();
}
