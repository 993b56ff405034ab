// @ts-check
import { part, piece, setFlag, setShown, setText } from "../elements/pieces.js";
import { isUntouched } from "../../state/on-air.js";
import { minutes, titleWords, tracks as tracksWords } from "../words/words.js";
import { say } from "../../words/sound/say.js";
import { say as sayCommon } from "../../words/common/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */
/** @typedef {{key: string, title: string, title_code?: string|null, title_values?: Record<string, string>, tracks: number, duration_ms: number}} Shelf */

/** The first minute: nothing plays, and one tap changes that. */
export class Start {
  #form;
  #key;
  #focused = false;

  /**
   * @param {HTMLFormElement} form
   * @param {{shelves: Shelf[], start: (shelf: string|null) => Promise<void>}} options
   *   start is called inside the tap: sound may be unlocked there and nowhere later
   */
  constructor(form, { shelves, start }) {
    this.#form = form;
    this.#key = part(form, "start-key");
    for (const shelf of shelves) part(form, "shelves").append(row(shelf));
    form.addEventListener("change", () => this.#markChosen());
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (this.#key.dataset.busy !== undefined) return;
      this.#key.dataset.busy = "";
      await start(this.#chosen?.value ?? null);
      delete this.#key.dataset.busy;
    });
  }

  /** @param {ViewModel} viewModel */
  draw({ playback, can, queue, members, room }) {
    const idle = playback.state === "idle" || !playback.track;
    const shelves = part(this.#form, "shelves");
    setShown(this.#key, can.control);
    setShown(shelves, can.govern && shelves.children.length > 1);
    setShown(this.#form, idle);
    if (!idle) return;
    if (!this.#chosen) this.#choose(playback.shelf?.key ?? null);
    const host = members.get(room.host ?? "")?.name ?? sayCommon("person.host");
    setText(part(this.#form, "start-label"), can.control ? say("start.ready") : say("start.not_yet"));
    setText(part(this.#form, "start-band"), band(can, queue.length));
    const fresh = isUntouched(playback);
    const begins = fresh ? say("start.by_host", { host }) : say("start.by_itself", { host });
    const wait = playback.halt && !fresh ? say("start.again", { host }) : begins;
    setText(part(this.#form, "start-note"), can.control ? say("start.people_first") : wait);
    if (can.control && !this.#focused && document.activeElement === document.body) this.#key.focus({ preventScroll: true });
    this.#focused = true;
  }

  get #chosen() {
    return /** @type {HTMLInputElement|null} */ (this.#form.querySelector("input:checked"));
  }

  /** @param {string|null} key */
  #choose(key) {
    const radios = [...this.#form.querySelectorAll("input")];
    const radio = radios.find(({ value }) => value === key) ?? radios[0];
    if (radio) radio.checked = true;
    this.#markChosen();
  }

  #markChosen() {
    for (const radio of this.#form.querySelectorAll("input")) {
      setFlag(/** @type {HTMLElement} */ (radio.closest(".shelf")), "chosen", radio.checked);
    }
  }
}

/** @param {ViewModel["can"]} can @param {number} waiting */
function band(can, waiting) {
  if (waiting > 0) return say("start.band_waiting", { n: waiting });
  if (!can.control) return say("start.band_add");
  return can.govern ? say("start.band_from_shelf") : say("start.band_shelf");
}

/** @param {Shelf} shelf */
function row({ key, title, title_code, title_values, tracks, duration_ms }) {
  const shelf = piece("piece-shelf");
  const radio = /** @type {HTMLInputElement} */ (shelf.querySelector("input"));
  radio.value = key;
  setText(part(shelf, "title"), titleWords(title, title_code, title_values));
  setText(part(shelf, "note"), [tracksWords(tracks), duration_ms ? minutes(duration_ms) : ""].filter(Boolean).join(", "));
  return shelf;
}
