// @ts-check
/** The controls of the rules' form: what they say, in the words of the API, and how they are set. */

/** @typedef {HTMLInputElement|HTMLSelectElement|RadioNodeList} Control */

/**
 * What a form's text means: "none" no limit, digits a number, on and off a switch, all else itself. Pure.
 * @param {string} text
 * @returns {string|number|boolean|null}
 */
export function meant(text) {
  if (text === "none") return null;
  if (text === "on" || text === "off") return text === "on";
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** The names in a form that stand for something of the room. @param {HTMLFormElement} form */
export function names(form) {
  const all = [...form.elements].map((one) => /** @type {HTMLInputElement} */ (one).name);
  return [...new Set(all)].filter((name) => name && name !== "csrfmiddlewaretoken");
}

/** What is chosen, as the form would send it. @param {HTMLFormElement} form @param {string} name */
export function chosen(form, name) {
  const control = /** @type {Control} */ (form.elements.namedItem(name));
  if (control instanceof HTMLInputElement && control.type === "checkbox") return control.checked ? "on" : "off";
  return control.value;
}

/** Sets a control as it stands in another copy of the form. @param {HTMLFormElement} form @param {HTMLFormElement} other @param {string} name */
export function copy(form, other, name) {
  const [control, fresh] = [form, other].map((one) => /** @type {Control|null} */ (one.elements.namedItem(name)));
  if (!control || !fresh) return;
  if (control instanceof HTMLSelectElement && fresh instanceof HTMLSelectElement) copyOptions(control, fresh);
  if (control instanceof HTMLInputElement && fresh instanceof HTMLInputElement) control.checked = fresh.checked;
  else if (control.value !== fresh.value) control.value = fresh.value;
}

/** A list that is open closes when it is changed: only where there is another choice. */
function copyOptions(/** @type {HTMLSelectElement} */ select, /** @type {HTMLSelectElement} */ fresh) {
  const all = (/** @type {HTMLSelectElement} */ one) => [...one.options].map(({ value, text }) => `${value} ${text}`).join("\n");
  if (all(select) !== all(fresh)) select.replaceChildren(...[...fresh.options].map((option) => new Option(option.text, option.value)));
}

/**
 * One choice further or back, as if it were made in the list. False at an end.
 * @param {HTMLSelectElement} select @param {number} by
 */
export function step(select, by) {
  const at = select.selectedIndex + by;
  if (at < 0 || at >= select.options.length) return false;
  select.selectedIndex = at;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}
