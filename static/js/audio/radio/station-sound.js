// @ts-check
import { playsStation, soundAddress } from "../../state/radio/radio-source.js";

/** @typedef {import("../../net/server-clock.js").ServerClock} ServerClock */
/** @typedef {import("../../state/shapes.js").Playback} Playback */

const LOOK_EVERY_MS = 500;
/** Milliseconds without sound after which the stream counts as stalled. */
const STALLED_MS = 5_000;
/** A stream that ended or failed is asked for again after this. */
const AGAIN_MS = 1_000;
/** The server has given up a station that does not answer long before. */
const GIVE_UP_MS = 60_000;

/**
 * Sounds a station as the room's speaker: a stream without a position, so the room's clock is neither followed nor moved. It
 * keeps to RoomEngine. Events: "blocked", "playing", "stalled", "error".
 */
export class RadioSound extends EventTarget {
  isOutput = false;
  deviceId = null;
  trouble = null;
  drift_ms = 0;
  #code;
  #clock;
  #device;
  #audio;
  /** @type {Playback|null} */
  #playback = null;
  /** The play that is asked for. @type {string|null} */
  #asked = null;
  /** @type {"quiet"|"playing"|"stalled"|"error"} */
  #state = "quiet";
  #blocked = false;
  /** How far its sound had come at the last look, and since when it stands there, by the local clock. */
  #heard = { position: 0, since: 0 };
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #watch;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #turning;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #again;

  /**
   * @param {{code: string, clock: ServerClock, device: () => string, createAudio?: () => any}} options
   * device: the name of this tab among the room's devices
   */
  constructor({ code, clock, device, createAudio = () => document.createElement("audio") }) {
    super();
    this.#code = code;
    this.#clock = clock;
    this.#device = device;
    this.#audio = createAudio();
    this.#audio.preload = "none";
    globalThis.document?.body?.append(this.#audio);
    for (const name of ["ended", "error"]) this.#audio.addEventListener(name, () => this.#brokeOff());
  }

  get state() {
    return this.#state;
  }

  get blocked() {
    return this.#blocked;
  }

  /** @returns {"stalled"|"network"|null} */
  get cause() {
    return this.#state === "error" ? "network" : this.#state === "stalled" ? "stalled" : null;
  }

  get playId() {
    return this.#state === "quiet" ? null : this.#asked;
  }

  /** For how long the room plays it: a stream has no other position. */
  get position_ms() {
    const { starts_at_ms = null } = playsStation(this.#playback) ?? {};
    return starts_at_ms === null ? 0 : Math.max(0, Math.round(this.#clock.now() - starts_at_ms));
  }

  set volume(/** @type {number} */ volume) {
    this.#audio.volume = volume;
  }

  /** It is no device of its own. */
  need() {}

  take() {}

  /** The room plays this from now on; the same again does nothing. @param {Playback} playback */
  follow(playback) {
    this.#playback = playback;
    clearTimeout(this.#turning);
    const ahead = playback.state === "playing" && playback.starts_at_ms !== null ? playback.starts_at_ms - this.#clock.now() : 0;
    // The next track is told ahead of its start: until then the station goes on.
    if (ahead > 0) this.#turning = setTimeout(() => this.#turn(), ahead);
    else this.#turn();
  }

  /** Nobody wants its sound any more. */
  leave() {
    clearTimeout(this.#turning);
    this.#playback = null;
    this.#stop();
  }

  /** Call inside a tap: afterwards this page may sound. */
  unlock() {
    if (this.#asked === null) {
      const played = this.#audio.play();
      this.#audio.pause();
      played?.catch(() => {});
    } else if (this.#blocked) {
      this.#blocked = false;
      this.#ask();
    }
  }

  #turn() {
    const playback = playsStation(this.#playback);
    if (!playback) this.#stop();
    else if (this.#asked !== playback.play_id) {
      this.#stop();
      this.#asked = playback.play_id;
      this.#heard = { position: 0, since: this.#clock.local() };
      this.#watch = setInterval(() => this.#look(), LOOK_EVERY_MS);
      this.#ask();
    }
  }

  async #ask() {
    const playback = playsStation(this.#playback);
    if (!playback?.track || this.#asked !== playback.play_id) return;
    this.#audio.src = soundAddress(this.#code, playback.track.uri, this.#device(), playback.play_id);
    this.#heard.position = 0;
    try {
      await this.#audio.play();
    } catch (error) {
      // Other refusals tell themselves by "error", or come from our own stop.
      if (/** @type {Error} */ (error).name === "NotAllowedError" && this.#asked === playback.play_id) this.#block();
    }
  }

  /** Only a sound that moves on is proof that it is heard. */
  #look() {
    const now = this.#clock.local();
    const position = this.#audio.currentTime;
    if (position > this.#heard.position) {
      this.#heard = { position, since: now };
      this.#blocked = false;
      this.#become("playing");
    } else if (!this.#blocked && now - this.#heard.since > GIVE_UP_MS) {
      this.#become("error");
    } else if (!this.#blocked && now - this.#heard.since > STALLED_MS) {
      this.#become("stalled");
    }
  }

  #brokeOff() {
    if (this.#asked === null || this.#state === "error") return;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#ask(), AGAIN_MS);
  }

  #stop() {
    clearInterval(this.#watch);
    clearTimeout(this.#again);
    if (this.#asked === null) return;
    this.#asked = null;
    this.#blocked = false;
    this.#audio.pause();
    // Only without an address the browser closes the connection.
    this.#audio.removeAttribute("src");
    this.#audio.load();
    this.#become("quiet");
  }

  #block() {
    if (this.#blocked) return;
    this.#blocked = true;
    this.dispatchEvent(new Event("blocked"));
  }

  /** @param {"quiet"|"playing"|"stalled"|"error"} state */
  #become(state) {
    if (this.#state === state) return;
    this.#state = state;
    if (state !== "quiet") this.dispatchEvent(new Event(state));
  }
}
