// @ts-check
import { api as defaultApi } from "./api.js";
import { MediaCard } from "./media-session.js";
import { SPOTIFY } from "./sources.js";
import { Drawer } from "./storage.js";

/** @typedef {import("./api.js").Api} Api */
/** @typedef {import("./api.js").ApiError} ApiError */
/** @typedef {import("./clock.js").ServerClock} ServerClock */
/** @typedef {import("./follow.js").Follower} Follower */
/** @typedef {import("./follow.js").Sync} Sync */
/** @typedef {import("./shapes.js").Playback} Playback */
/** @typedef {import("./speaker.js").Speaker} Speaker */
/** @typedef {import("./spotify/along.js").SpotifyAlong} SpotifyAlong */

const TELL_EVERY_MS = 10_000;
/** Long enough to have found the step, soon enough for a host who waits for it to be seen. */
const FIRST_TELL_MS = 3_000;
const NUDGE_KEY = "beatsync:nudge";
const MOST_NUDGE_MS = 500;
/** More says no more, and the server takes no more. */
const MOST_TOLD_MS = 600_000;

/**
 * This device listening along: it sounds what the room plays without being the one that plays it. Beside that it tells
 * the room how well it keeps time, also while it is the speaker. Event: "change" (any property).
 */
export class Along extends EventTarget {
  #code;
  #clock;
  #api;
  #follower;
  #spotify;
  #speaker;
  #card;
  #keys;
  #drawer;
  #tab;
  #device;
  #name;
  /** @type {Playback|null} */
  #playback = null;
  #listening = false;
  #telling = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /**
   * @param {{code: string, clock: ServerClock, follower: Follower, spotify?: SpotifyAlong|null, speaker: Speaker,
   *   drawer: Drawer, deviceId?: string, name?: string, card?: MediaCard, api?: Api, tabStorage?: () => Storage}} options
   * follower: the one of this page; spotify: on the listener's own account; drawer: for what this device remembers
   */
  constructor({
    code,
    clock,
    follower,
    spotify = null,
    speaker,
    drawer,
    deviceId = speaker.device,
    name = speaker.name,
    card = new MediaCard(),
    api = defaultApi,
    tabStorage = () => globalThis.sessionStorage,
  }) {
    super();
    this.#code = code;
    this.#clock = clock;
    this.#api = api;
    this.#follower = follower;
    this.#spotify = spotify;
    this.#speaker = speaker;
    this.#drawer = drawer;
    this.#tab = new Drawer(tabStorage);
    this.#card = card;
    this.#keys = { onPause: () => this.off() };
    this.#device = deviceId;
    this.#name = name;
    this.#listening = this.#tab.read(this.#key) === true;
    for (const source of this.#sources) source.nudge_ms = nudge(this.#drawer.read(NUDGE_KEY));
    if (spotify) spotify.volume = speaker.volume;
    spotify?.addEventListener("change", () => this.#changed());
    for (const name of ["blocked", "playing", "stalled", "ended", "error"]) {
      follower.addEventListener(name, () => this.#changed());
    }
    speaker.addEventListener("change", () => this.#speakerChanged());
    this.#keepTelling();
  }

  /** Its name among the room's devices. */
  get device() {
    return this.#device;
  }

  /** What people call this device. */
  get name() {
    return this.#name;
  }

  get listening() {
    return this.#listening;
  }

  /** Does the browser want a tap before it lets us listen? */
  get blocked() {
    return this.#listening && this.#sources.some(({ blocked }) => blocked);
  }

  /** Does the room play a song of Spotify? Then nobody measures what is heard. */
  get streams() {
    return this.#playback?.track?.source === SPOTIFY && this.#playback.state === "playing";
  }

  /** Can it sound Spotify's songs, through the listener's own account? */
  get hasSpotify() {
    return this.#spotify !== null;
  }

  /** Why they are not heard through it. */
  get spotifyTrouble() {
    return (this.#listening && this.#spotify?.trouble) || null;
  }

  /**
   * How well this device keeps time, be it along or the speaker.
   * @returns {import("./views/badge.js").Sync}
   */
  get sync() {
    const { sync } = this.#follower;
    if (!this.streams) return sync;
    if (this.#listening && this.#spotify) return this.#spotify.sync;
    return { ...sync, state: this.#speaker.blocked ? "blocked" : "estimated" };
  }

  /** Can it be told to go where the room is, by a jump that is heard? */
  get resyncs() {
    return this.streams && this.#listening && this.#spotify !== null;
  }

  resync() {
    this.#spotify?.resync();
  }

  /** By how much this device sounds earlier than it would, for a delay that nobody but ears can measure. */
  get nudge_ms() {
    return this.#follower.nudge_ms;
  }

  set nudge_ms(value) {
    for (const source of this.#sources) source.nudge_ms = nudge(value);
    this.#drawer.write(NUDGE_KEY, this.#follower.nudge_ms);
    this.#changed();
  }

  /** Call inside a tap. Remembered for this tab. */
  on() {
    for (const source of this.#sources) source.unlock();
    if (this.#listening || this.#speaker.speaking) return;
    this.#listening = true;
    this.#tab.write(this.#key, true);
    this.#sound();
    this.#keepTelling();
    this.#changed();
  }

  off() {
    if (!this.#listening) return;
    this.#listening = false;
    this.#tab.remove(this.#key);
    for (const source of this.#sources) source.leave(this);
    this.#card.clear(this.#keys);
    // The speaker tells of itself.
    if (!this.#speaker.speaking) this.#tell();
    this.#keepTelling();
    this.#changed();
  }

  /** Call inside a tap: afterwards this page may sound. */
  unlock() {
    for (const source of this.#sources) source.unlock();
    this.#changed();
  }

  /** The room plays this now; call it on every change, the same again costs nothing. @param {Playback|null} playback */
  follow(playback) {
    if (!playback || playback === this.#playback) return;
    this.#playback = playback;
    this.#sound();
  }

  get #key() {
    return `beatsync:along:${this.#code}`;
  }

  /** Whatever may sound here. */
  get #sources() {
    return this.#spotify ? [this.#follower, this.#spotify] : [this.#follower];
  }

  /** Whoever speaks is heard anyway. */
  #speakerChanged() {
    if (this.#spotify) this.#spotify.volume = this.#speaker.volume;
    if (this.#speaker.speaking && this.#listening) this.off();
    if (this.#speaker.speaking !== this.#telling) this.#keepTelling();
  }

  #sound() {
    const playback = this.#playback;
    if (!playback || !this.#listening) return;
    // All of them: each is silent during what is not its own, and ready for what comes.
    for (const source of this.#sources) source.follow(playback, this);
    const { state, starts_at_ms, position_ms } = playback;
    const playing = state === "playing" && starts_at_ms !== null;
    this.#card.show(playback, playing ? this.#clock.now() - starts_at_ms : position_ms, this.#keys);
  }

  #keepTelling() {
    clearTimeout(this.#timer);
    this.#telling = this.#listening || this.#speaker.speaking;
    if (this.#telling) this.#timer = setTimeout(() => this.#tellAgain(), FIRST_TELL_MS);
  }

  #tellAgain() {
    this.#timer = setTimeout(() => this.#tellAgain(), TELL_EVERY_MS);
    this.#tell();
  }

  /** Lost or refused, it changes nothing here. */
  async #tell() {
    const { mode, offset_ms, jitter_ms, uncertainty_ms, corrected } = this.sync;
    const facts = {
      device: this.#device,
      name: this.#name,
      along: this.#listening,
      mode,
      offset_ms: told(offset_ms),
      jitter_ms: told(jitter_ms),
      uncertainty_ms: told(uncertainty_ms),
      corrected_ms: corrected && told(this.#clock.now() - corrected.at),
    };
    try {
      await this.#api.put(`/api/rooms/${this.#code}/playback/device`, facts);
    } catch (error) {
      // Gone from the room: nobody there wants to know any more.
      if ([401, 403, 404, 409].includes(/** @type {ApiError} */ (error).status)) clearTimeout(this.#timer);
    }
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {unknown} value @returns {number} */
function nudge(value) {
  const number = Number(value);
  return Number.isFinite(number) ? Math.max(-MOST_NUDGE_MS, Math.min(MOST_NUDGE_MS, number)) : 0;
}

/** @param {number} ms */
function told(ms) {
  return Math.round(Math.max(-MOST_TOLD_MS, Math.min(MOST_TOLD_MS, ms)));
}
