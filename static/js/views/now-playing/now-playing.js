// @ts-check
import { LIBRARY } from "../../state/sources.js";
import { AskSkip } from "./ask-skip.js";
import { Bar } from "./bar.js";
import { paint } from "../elements/person.js";
import { drawAttribution, drawCredit, part, setAttribute, setCover, setFlag, setShown, setText } from "../elements/pieces.js";
import { artists, sourceName, votes } from "../words/words.js";
import { say } from "../../words/sound/say.js";
import { say as sayCommon } from "../../words/common/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */

const TRAVEL_MS = 900;

/** What the room hears now. */
export class NowPlaying {
  #root;
  #bar;
  #askSkip;
  #audioHere;
  /** @type {string|null} */
  #playId = null;

  /**
   * @param {HTMLElement} root
   * @param {{clock: {now(): number}, audioHere: {blocked: boolean, sounding: boolean, unlock(): void}, remote: import("./remote.js").Remote, play: () => void, skip: () => void,
   *   openVolume: (opener: HTMLElement) => void, openItem: (opener: HTMLElement) => void, say: (words: string) => void}} options
   *   audioHere: this device as far as it sounds; play and skip are called inside the tap; openItem: all about what plays
   */
  constructor(root, { clock, audioHere, remote, play, skip, openVolume, openItem, say }) {
    this.#root = root;
    this.#audioHere = audioHere;
    this.#bar = new Bar(root, { clock, seek: (ms) => remote.seek(ms) });
    this.#askSkip = new AskSkip(this.#key("ask-skip"), { ask: () => remote.askSkip(), say });
    /** @type {Record<string, (key: HTMLElement) => void>} */
    const acts = {
      play,
      pause: () => remote.pause(),
      restart: () => remote.seek(0),
      skip,
      "ask-skip": () => this.askSkip(),
      volume: openVolume,
      about: openItem,
      unlock: () => audioHere.unlock(),
    };
    root.addEventListener("click", (event) => {
      const key = /** @type {HTMLElement} */ (event.target).closest("[data-do]");
      if (key instanceof HTMLElement) acts[key.dataset.do ?? ""]?.(key);
    });
  }

  /** @param {ViewModel} viewModel */
  draw(viewModel) {
    const { playback, stale, unheard } = viewModel;
    const blocked = this.#audioHere.blocked && playback.state === "playing";
    this.#root.dataset.state = playback.track ? playback.state : "idle";
    setAttribute(this.#root, "data-sounding", playback.state === "playing" && !stale && !blocked && !unheard ? "on" : "off");
    setFlag(this.#root, "blocked", blocked);
    setShown(part(this.#root, "now-playing-blocked"), blocked);
    if (playback.track) this.#drawTrack(viewModel, playback.track);
    this.#drawKeys(viewModel);
    this.#askSkip.draw(viewModel);
    this.#bar.draw(viewModel);
    this.#travel(playback);
  }

  /** Where host and co-host see no key for it, they have their own. */
  askSkip() {
    return this.#askSkip.press();
  }

  /** Brings what plays, or what would start it, in front of eyes and ears. */
  focus() {
    const title = this.#root.dataset.state === "idle" ? "start-title" : "now-playing-title";
    this.#root.scrollIntoView({ block: "start" });
    part(this.#root, title).focus({ preventScroll: true });
  }

  /** @param {ViewModel} viewModel @param {NonNullable<ViewModel["playback"]["track"]>} track */
  #drawTrack({ playback, members, me, can, unheard }, track) {
    setText(part(this.#root, "now-playing-label"), playback.state === "paused" ? say("playing.paused") : unheard ? say("playing.silent") : say("playing.now"));
    const foreign = track.source !== LIBRARY;
    setFlag(this.#root, "foreign", foreign);
    setShown(part(this.#root, "now-playing-source"), !foreign);
    setText(part(this.#root, "now-playing-source"), sourceName(track.source));
    for (const name of ["now-playing-head-attribution", "now-playing-attribution"]) drawAttribution(part(this.#root, name), track);
    setCover(part(this.#root, "now-playing-cover"), track.cover);
    setText(part(this.#root, "now-playing-title"), track.title);
    setText(part(this.#root, "now-playing-band"), playback.live_title || artists(track));
    const { item } = playback;
    setShown(this.#key("about"), item !== null);
    setAttribute(this.#key("about"), "aria-label", say("playing.about", { title: track.title }));
    const picker = item?.added_by ? members.get(item.added_by) ?? null : null;
    setShown(part(this.#root, "now-playing-person"), picker !== null);
    const mark = part(this.#root, "now-playing-person");
    mark.classList.add("person--one");
    if (picker) paint(mark, picker);
    drawCredit(part(this.#root, "now-playing-credit"), item ? { ...item, track } : null);
    setText(part(this.#root, "now-playing-picked"), this.#picked(item, picker, me.id));
    const { asked, needed } = playback.skip;
    setShown(part(this.#root, "now-playing-skips"), can.control && asked > 0);
    setText(part(this.#root, "now-playing-skips"), say("skip.count", { asked, needed }));
  }

  /** @param {ViewModel["playback"]["item"]} item @param {{id: string, name: string}|null} picker @param {string} me */
  #picked(item, picker, me) {
    const own = item?.suggested_for ? sayCommon("source.room") : sayCommon("source.shelf");
    const named = picker?.id === me ? say("pick.yours") : say("pick.of", { who: picker?.name ?? "" });
    return [picker ? named : own, item && item.score !== 0 ? votes(item.score) : ""].filter(Boolean).join(", ");
  }

  /** A key nobody may use is absent, not dead. @param {ViewModel} viewModel */
  #drawKeys({ playback, can }) {
    const playing = playback.state === "playing";
    const keys = Object.fromEntries(["play", "pause", "restart", "skip", "volume"].map((name) => [name, this.#key(name)]));
    setShown(part(this.#root, "now-playing-keys"), can.control || can.pause || can.askSkip || can.react || this.#audioHere.sounding);
    setShown(keys.play, can.pause && !playing);
    setShown(keys.pause, can.pause && playing);
    setShown(keys.restart, can.control && !playback.track?.live);
    setShown(keys.skip, can.control);
    setShown(keys.volume, this.#audioHere.sounding);
  }

  /** @param {string} name @returns {HTMLElement} */
  #key(name) {
    return /** @type {HTMLElement} */ (this.#root.querySelector(`[data-do="${name}"]`));
  }

  /** What played leaves, and the next one arrives. @param {ViewModel["playback"]} playback */
  #travel({ play_id, track }) {
    const changed = this.#playId !== null && this.#playId !== play_id && track !== null;
    this.#playId = play_id;
    if (!changed) return;
    this.#root.dataset.travel = "";
    setTimeout(() => delete this.#root.dataset.travel, TRAVEL_MS);
  }
}
