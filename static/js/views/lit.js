// @ts-check
import { LIBRARY } from "../sources.js";
import { AskSkip } from "./ask-skip.js";
import { Bar } from "./bar.js";
import { paint } from "./person.js";
import { part, setAttribute, setCover, setFlag, setFrom, setShown, setText } from "./pieces.js";
import { artists, count, sourceName } from "./words.js";

/** @typedef {import("./scene.js").Show} Show */

const BONES_AFTER_MS = 200;
const TRAVEL_MS = 900;

/** The lit strip: what the room hears now. */
export class Lit {
  #root;
  #bar;
  #askSkip;
  #ears;
  #bones;
  /** @type {string|null} */
  #playId = null;

  /**
   * @param {HTMLElement} root
   * @param {{clock: {now(): number}, ears: {blocked: boolean, sounding: boolean, unlock(): void}, remote: import("./remote.js").Remote, play: () => void, skip: () => void,
   *   openVolume: (opener: HTMLElement) => void, say: (words: string) => void}} options
   *   ears: this device as far as it sounds; play and skip are called inside the tap
   */
  constructor(root, { clock, ears, remote, play, skip, openVolume, say }) {
    this.#root = root;
    this.#ears = ears;
    this.#bar = new Bar(root, { clock, seek: (ms) => remote.seek(ms) });
    this.#askSkip = new AskSkip(this.#key("ask-skip"), { ask: () => remote.askSkip(), say });
    this.#bones = setTimeout(() => setShown(part(root, "bones"), true), BONES_AFTER_MS);
    /** @type {Record<string, (key: HTMLElement) => void>} */
    const acts = {
      play,
      pause: () => remote.pause(),
      restart: () => remote.seek(0),
      skip,
      "ask-skip": () => this.askSkip(),
      volume: openVolume,
      unlock: () => ears.unlock(),
    };
    root.addEventListener("click", (event) => {
      const key = /** @type {HTMLElement} */ (event.target).closest("[data-do]");
      if (key instanceof HTMLElement) acts[key.dataset.do ?? ""]?.(key);
    });
  }

  /** @param {Show} show */
  draw(show) {
    clearTimeout(this.#bones);
    const { playback, stale, unheard } = show;
    const blocked = this.#ears.blocked && playback.state === "playing";
    this.#root.dataset.state = playback.track ? playback.state : "idle";
    setAttribute(this.#root, "data-lamp", playback.state === "playing" && !stale && !blocked && !unheard ? "on" : "off");
    setFlag(this.#root, "blocked", blocked);
    setShown(part(this.#root, "lit-blocked"), blocked);
    if (playback.track) this.#drawTrack(show, playback.track);
    this.#drawKeys(show);
    this.#askSkip.draw(show);
    this.#bar.draw(show);
    this.#travel(playback);
  }

  /** Where host and co-host see no key for it, they have their own. */
  askSkip() {
    return this.#askSkip.press();
  }

  /** Brings what plays, or what would start it, in front of eyes and ears. */
  focus() {
    const title = this.#root.dataset.state === "idle" ? "start-title" : "lit-title";
    this.#root.scrollIntoView({ block: "start" });
    part(this.#root, title).focus({ preventScroll: true });
  }

  /** @param {Show} show @param {NonNullable<Show["playback"]["track"]>} track */
  #drawTrack({ playback, members, me, rules, unheard }, track) {
    setText(part(this.#root, "lit-label"), playback.state === "paused" ? "Paused" : unheard ? "Nothing sounds" : "Now playing");
    const foreign = track.source !== LIBRARY;
    setFlag(this.#root, "foreign", foreign);
    setShown(part(this.#root, "lit-source"), !foreign);
    setText(part(this.#root, "lit-source"), sourceName(track.source));
    for (const place of ["lit-head-from", "lit-from"]) setFrom(part(this.#root, place), track);
    setCover(part(this.#root, "lit-cover"), track.cover);
    setText(part(this.#root, "lit-title"), track.title);
    setText(part(this.#root, "lit-band"), artists(track));
    const { item } = playback;
    const picker = item?.added_by ? members.get(item.added_by) ?? null : null;
    setShown(part(this.#root, "lit-person"), picker !== null);
    const mark = part(this.#root, "lit-person");
    mark.classList.add("person--one");
    if (picker) paint(mark, picker);
    setText(part(this.#root, "lit-picked"), this.#picked(item, picker, me.id));
    const { asked, needed } = playback.skip;
    setShown(part(this.#root, "lit-skips"), rules && asked > 0);
    setText(part(this.#root, "lit-skips"), `Skip: ${asked} of ${needed}`);
  }

  /** @param {Show["playback"]["item"]} item @param {{id: string, name: string}|null} picker @param {string} me */
  #picked(item, picker, me) {
    const votes = item && item.score !== 0 ? `, ${count(item.score, "vote")}` : "";
    if (!picker) return `From the shelf${votes}`;
    return picker.id === me ? `Your pick${votes}` : `${picker.name}’s pick${votes}`;
  }

  /** A key nobody may use is absent, not dead. The one that was just pressed hands its focus to its twin. @param {Show} show */
  #drawKeys({ playback, rules, may }) {
    const playing = playback.state === "playing";
    const focused = document.activeElement;
    const keys = Object.fromEntries(["play", "pause", "restart", "skip", "volume"].map((name) => [name, this.#key(name)]));
    setShown(part(this.#root, "lit-keys"), rules || may.pause || may.askSkip || this.#ears.sounding);
    setShown(keys.play, may.pause && !playing);
    setShown(keys.pause, may.pause && playing);
    setShown(keys.restart, rules);
    setShown(keys.skip, rules);
    setShown(keys.volume, this.#ears.sounding);
    if (focused === keys.play && keys.play.hidden) keys.pause.focus();
    if (focused === keys.pause && keys.pause.hidden) keys.play.focus();
  }

  /** @param {string} name @returns {HTMLElement} */
  #key(name) {
    return /** @type {HTMLElement} */ (this.#root.querySelector(`[data-do="${name}"]`));
  }

  /** The lamp has gone out and comes on for the next one. @param {Show["playback"]} playback */
  #travel({ play_id, track }) {
    const changed = this.#playId !== null && this.#playId !== play_id && track !== null;
    this.#playId = play_id;
    if (!changed) return;
    this.#root.dataset.travel = "";
    setTimeout(() => delete this.#root.dataset.travel, TRAVEL_MS);
  }
}
