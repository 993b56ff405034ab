// @ts-check
import { PendingChanges } from "../../net/pending-changes.js";
import { part, setAttribute, setShown } from "../elements/pieces.js";
import { chosen, copy, meant, names, step } from "./controls.js";
import { say } from "../../words/rules/say.js";

/** @typedef {NonNullable<import("../../state/shapes.js").State["room"]>} Room */
/**
 * @typedef {{root: HTMLElement, path: string, api: import("../../net/api.js").Api, mirror: import("../../browser/mirror.js").Mirror,
 *   room: () => Room|null, toast: import("../elements/toast.js").Toast, announcer: import("../elements/announcer.js").Announcer}} Options
 */

/** Five taps on a step are one change. */
const STEP_SETTLES_MS = 400;

/** The host's half of the page of the rules: every change goes out at once. */
export class RulesEditor {
  #form;
  #options;
  #changes;
  /** The page as the server last wrote it: where a refused change goes back to. */
  #known = new DOMParser().parseFromString(document.documentElement.outerHTML, "text/html");

  /** @param {HTMLFormElement} form @param {Options} options */
  constructor(form, options) {
    this.#form = form;
    this.#options = options;
    this.#changes = new PendingChanges((wanted) => this.#send(wanted));
    this.#listenToServer();
    this.#listenToControls();
    this.#listenToPresets();
    addEventListener("pagehide", () => this.#changes.flush());
    setShown(part(options.root, "save"), false);
    drawEnds(form);
    // A change made before this script ran goes out now.
    const written = this.#written;
    for (const name of names(form)) if (chosen(form, name) !== chosen(written, name)) this.#change(name);
  }

  /** @param {Record<string, any>} wanted */
  async #send({ preset, shelf, ...rules }) {
    const { api, path } = this.#options;
    // They live on when this page is left while they are on their way.
    const options = { keepalive: true };
    if (shelf !== undefined) await api.put(`${path}/playback/shelf`, { shelf: shelf || null }, options);
    const asked = Object.keys(rules).length > 0 ? { preset, rules } : { preset };
    if (preset !== undefined || asked.rules) await api.patch(path, asked, options);
  }

  get #written() {
    return /** @type {HTMLFormElement} */ (this.#known.querySelector("[data-rules]"));
  }

  /** @param {string} name @param {number} [settleMs] */
  #change(name, settleMs = 0) {
    const value = chosen(this.#form, name);
    this.#changes.put(name, name === "shelf" ? value : meant(value), settleMs);
  }

  #listenToServer() {
    const { mirror, toast, announcer } = this.#options;
    mirror.addEventListener("drawn", (event) => {
      this.#known = /** @type {CustomEvent} */ (event).detail.page;
      for (const name of names(this.#form)) if (!this.#changes.has(name)) copy(this.#form, this.#written, name);
      drawEnds(this.#form);
    });
    this.#changes.addEventListener("saved", () => mirror.refresh());
    this.#changes.addEventListener("refused", (event) => {
      const { message } = /** @type {CustomEvent} */ (event).detail.error;
      toast.say(message);
      announcer.now(message);
      mirror.draw(this.#known);
    });
  }

  #listenToControls() {
    const form = this.#form;
    form.addEventListener("change", (event) => {
      const control = /** @type {HTMLElement & {name: string}} */ (event.target);
      this.#change(control.name, control.closest(".steps") ? STEP_SETTLES_MS : 0);
      drawEnds(form);
    });
    form.addEventListener("click", (event) => {
      const key = /** @type {HTMLElement} */ (event.target).closest("[data-step]");
      if (!(key instanceof HTMLElement)) return;
      const select = /** @type {HTMLSelectElement} */ (key.closest(".steps")?.querySelector("select"));
      const moved = step(select, Number(key.dataset.step));
      const words = select.options[select.selectedIndex].text;
      this.#options.announcer.say(moved ? words : say("rules.as_far", { value: words }));
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#changes.flush();
    });
  }

  #listenToPresets() {
    const { root } = this.#options;
    for (const presets of [part(root, "presets"), part(root, "put-back")]) {
      presets.addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        this.#choosePreset(/** @type {HTMLButtonElement} */ (event.submitter));
      });
    }
  }

  /** A preset is all of its rules: changes that still wait would fall on top of it. @param {HTMLButtonElement} key */
  #choosePreset(key) {
    const before = this.#options.room();
    this.#changes.drop();
    this.#changes.put("preset", key.value);
    if (before && (before.preset !== key.value || before.changed.length > 0)) this.#offerUndo(key.value, before);
    for (const each of part(this.#options.root, "presets").elements) {
      if (each.name === "preset") setAttribute(each, "aria-pressed", String(each.value === key.value));
    }
    // The sentence goes with the changes it names, and takes its key along.
    if (key.closest("[data-put-back]")) document.getElementById(`preset-${key.value}`)?.focus();
  }

  /** Hand-made rules may be gone by one tap: that tap can be taken back. @param {string} preset @param {Room} before */
  #offerUndo(preset, before) {
    const words = say("rules.hold", { preset: document.querySelector(`#preset-${preset} [data-title]`)?.textContent ?? "" });
    const undo = () => {
      for (const [name, value] of Object.entries({ preset: before.preset, ...before.rules })) this.#changes.put(name, value);
    };
    this.#options.toast.say(words, { undo });
    this.#options.announcer.say(words);
  }
}

/** At an end of its list a step key has nothing to do. @param {HTMLFormElement} form */
function drawEnds(form) {
  for (const key of form.querySelectorAll("[data-step]")) {
    const select = /** @type {HTMLSelectElement} */ (key.closest(".steps")?.querySelector("select"));
    const end = /** @type {HTMLElement} */ (key).dataset.step === "1" ? select.options.length - 1 : 0;
    setAttribute(key, "aria-disabled", select.selectedIndex === end ? "true" : null);
  }
}
