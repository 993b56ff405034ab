// @ts-check
import { part, setAttribute, setText } from "../elements/pieces.js";
import { positionOf } from "../../state/on-air.js";
import { duration, spokenPosition } from "../words/words.js";
import { say } from "../../words/sound/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */

const TICK_MS = 250;
const STEP_MS = 5_000;
const PAGE_MS = 30_000;
/** The answer to a seek takes a moment; until then the knob stays where it was put. */
const HOLD_MS = 1_500;

/** Time of the playing track: computed from the server's clock, never counted. */
export class Bar {
  #root;
  #bar;
  #clock;
  #seek;
  /** @type {ViewModel["playback"]|null} */
  #playback = null;
  #slides = false;
  /** @type {number|null} */
  #held = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #release;

  /** @param {HTMLElement} root @param {{clock: {now(): number}, seek: (ms: number) => void}} options */
  constructor(root, { clock, seek }) {
    this.#root = root;
    this.#bar = part(root, "bar");
    this.#clock = clock;
    this.#seek = seek;
    this.#bar.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#onKey(event));
    this.#bar.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => this.#onDown(event));
    setInterval(() => this.#tick(), TICK_MS);
  }

  /** @param {ViewModel} viewModel */
  draw({ playback, can, stale }) {
    this.#playback = playback.track ? playback : null;
    const isLive = playback.track?.live === true;
    this.#slides = can.control && !stale && playback.state !== "idle" && !isLive;
    setAttribute(this.#bar, "role", this.#slides ? "slider" : "progressbar");
    setAttribute(this.#bar, "tabindex", this.#slides ? "0" : null);
    this.#tick();
  }

  #tick() {
    if (!this.#playback) return;
    const whole = this.#whole;
    const position = this.#held ?? positionOf(this.#playback, this.#clock.now());
    if (this.#playback.track?.live && !whole) {
      this.#showLive(position);
      return;
    }
    this.#bar.style.setProperty("--at", whole ? (position / whole).toFixed(4) : "0");
    setText(part(this.#root, "bar-from"), duration(position));
    setText(part(this.#root, "bar-left"), `-${duration(whole - position)}`);
    setAttribute(this.#bar, "aria-valuemin", "0");
    setAttribute(this.#bar, "aria-valuemax", String(Math.round(whole / 1000)));
    setAttribute(this.#bar, "aria-valuenow", String(Math.round(position / 1000)));
    setAttribute(this.#bar, "aria-valuetext", spokenPosition(position, whole));
  }

  /** A station: for how long it has played, and no end. @param {number} position */
  #showLive(position) {
    this.#bar.style.setProperty("--at", "1");
    setText(part(this.#root, "bar-from"), duration(position));
    setText(part(this.#root, "bar-left"), duration(null));
    for (const name of ["aria-valuemin", "aria-valuemax", "aria-valuenow"]) setAttribute(this.#bar, name, null);
    setAttribute(this.#bar, "aria-valuetext", say("playing.live_for", { time: duration(position) }));
  }

  get #whole() {
    return this.#playback?.track?.duration_ms ?? 0;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (!this.#slides || !this.#playback) return;
    const position = this.#held ?? positionOf(this.#playback, this.#clock.now());
    const target = {
      ArrowRight: position + STEP_MS, ArrowUp: position + STEP_MS,
      ArrowLeft: position - STEP_MS, ArrowDown: position - STEP_MS,
      PageUp: position + PAGE_MS, PageDown: position - PAGE_MS, Home: 0, End: this.#whole,
    }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.#go(target);
  }

  /** @param {PointerEvent} down */
  #onDown(down) {
    if (!this.#slides || down.button !== 0) return;
    this.#bar.setPointerCapture(down.pointerId);
    const follow = (/** @type {PointerEvent} */ event) => {
      this.#held = this.#positionAt(event.clientX);
      this.#tick();
    };
    follow(down);
    const stop = new AbortController();
    const { signal } = stop;
    this.#bar.addEventListener("pointermove", follow, { signal });
    this.#bar.addEventListener("pointerup", () => {
      stop.abort();
      this.#go(this.#held ?? 0);
    }, { signal });
    this.#bar.addEventListener("pointercancel", () => {
      stop.abort();
      this.#held = null;
    }, { signal });
  }

  /** @param {number} x */
  #positionAt(x) {
    const { left, width } = this.#bar.getBoundingClientRect();
    return Math.max(0, Math.min(1, (x - left) / width)) * this.#whole;
  }

  /** @param {number} position */
  #go(position) {
    this.#held = Math.max(0, Math.min(this.#whole - 1_000, position));
    this.#tick();
    this.#seek(Math.round(this.#held));
    clearTimeout(this.#release);
    this.#release = setTimeout(() => (this.#held = null), HOLD_MS);
  }
}
