// @ts-check
import { spotifyOf } from "../sources.js";
import { part, piece, setFlag, setShown, setText } from "./pieces.js";
import { isUntouched } from "./stage.js";
import { count, minutes } from "./words.js";

/** @typedef {import("./scene.js").Show} Show */
/** @typedef {{key: string, title: string, tracks: number, duration_ms: number}} Shelf */

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

  /** @param {Show} show */
  draw({ state, playback, rules, hosts, queue, members, room }) {
    const idle = playback.state === "idle" || !playback.track;
    const shelves = part(this.#form, "shelves");
    setShown(this.#key, rules);
    setShown(shelves, hosts && shelves.children.length > 1);
    const spotify = part(this.#form, "start-spotify");
    if (spotify) setShown(spotify, hosts && spotifyOf(state.sources) === null);
    if (!idle) return;
    if (!this.#chosen) this.#choose(playback.shelf?.key ?? null);
    const host = members.get(room.host)?.name ?? "The host";
    setText(part(this.#form, "start-label"), rules ? "Ready" : "Not yet");
    setText(part(this.#form, "start-band"), band(rules, queue.length, hosts));
    const fresh = isUntouched(playback);
    const begins = fresh ? `It plays once ${host} starts the music.` : `The first track added plays by itself. ${host} can also start the shelf.`;
    const wait = playback.halt && !fresh ? `${host} starts the music again.` : begins;
    setText(part(this.#form, "start-note"), rules ? "Tracks people add always go before the shelf." : wait);
    if (rules && !this.#focused && document.activeElement === document.body) this.#key.focus({ preventScroll: true });
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

/** @param {boolean} rules @param {number} waiting @param {boolean} hosts */
function band(rules, waiting, hosts) {
  if (waiting > 0) return `${count(waiting, "track")} waiting`;
  if (!rules) return "Add the first";
  return hosts ? "Start from a shelf" : "Start the shelf";
}

/** @param {Shelf} shelf */
function row({ key, title, tracks, duration_ms }) {
  const shelf = piece("piece-shelf");
  const radio = /** @type {HTMLInputElement} */ (shelf.querySelector("input"));
  radio.value = key;
  setText(part(shelf, "title"), title);
  setText(part(shelf, "note"), duration_ms ? `${count(tracks, "track")}, ${minutes(duration_ms)}` : count(tracks, "track"));
  return shelf;
}
