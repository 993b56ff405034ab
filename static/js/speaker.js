// @ts-check
import { api as defaultApi } from "./api.js";
import { deviceName, takeDeviceId } from "./device.js";
import { MediaCard } from "./media-session.js";
import { SPOTIFY } from "./sources.js";
import { Drawer } from "./storage.js";
import { WakeLock } from "./wake-lock.js";

/** @typedef {import("./api.js").Api} Api */
/** @typedef {import("./api.js").ApiError} ApiError */
/** @typedef {import("./clock.js").ServerClock} ServerClock */
/** @typedef {import("./follow.js").Follower} Follower */
/** @typedef {import("./shapes.js").Playback} Playback */
/** @typedef {import("./shapes.js").SpeakerLease} SpeakerLease */
/** @typedef {import("./spotify/sound.js").SpotifySound} SpotifySound */

/** While the room plays, so that a device that fell silent is noticed within a breath. */
const REPORT_EVERY_MS = 1_500;
/** Otherwise only to keep the lease, which is a longer one then. */
const RENEW_EVERY_MS = 5_000;
/** Decoders differ by less than this about one file. */
const OTHER_LENGTH_MS = 500;
/** Facts from before our claim may still be on their way this long after it. */
const CLAIM_SETTLES_MS = 5_000;
const VOLUME_KEY = "beatsync:volume";
/** Refusals that mean: this device is not the speaker. */
const NOT_OURS = new Set([
  "speaker_taken", "not_allowed", "muted", "banned", "no_membership", "unknown_room", "room_ended",
]);

/** What was in the way and is over: the room hears of it once. */
const HELD_BACK = new Set(["slept", "suspended"]);

/**
 * This device as the one that makes the room's sound: holds the lease, says what is really heard, and has the page's
 * Follower do the sounding, or Spotify's player where the track is Spotify's. Events: "change" (any property), "blocked" (needs unlock() inside a tap), "lost" (detail {speaker}:
 * another device has the sound now, or nobody).
 */
export class Speaker extends EventTarget {
  #path;
  #api;
  #clock;
  #follower;
  #spotify;
  #card;
  #keys;
  #wakeLock;
  #drawer;
  #name;
  #device;
  #volume;
  /** @type {Playback|null} */
  #playback = null;
  #speaking = false;
  #claiming = false;
  #wanted = true;
  #confirmed = false;
  #since = 0;
  /** The play and the length that the room was told of last. */
  #toldLength = "";
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /**
   * @param {{code: string, clock: ServerClock, follower: Follower, spotify?: SpotifySound|null, card?: MediaCard, wakeLock?: WakeLock, api?: Api,
   *   onPlay?: () => void, onPause?: () => void, onNext?: () => void, storage?: () => Storage,
   *   tabStorage?: () => Storage, navigator?: any, window?: EventTarget}} options
   * follower: the one of this page; spotify: where this page can sound it; onPlay, onPause, onNext: the keys of the lock screen and of headphones
   */
  constructor({
    code,
    clock,
    follower,
    spotify = null,
    card = new MediaCard(),
    wakeLock = new WakeLock(),
    api = defaultApi,
    onPlay,
    onPause,
    onNext,
    storage = () => globalThis.localStorage,
    tabStorage = () => globalThis.sessionStorage,
    navigator = globalThis.navigator,
    window = globalThis.window,
  }) {
    super();
    this.#path = `/api/rooms/${code}/playback`;
    this.#api = api;
    this.#clock = clock;
    this.#device = takeDeviceId({ storage: tabStorage, window });
    this.#name = deviceName(navigator);
    this.#drawer = new Drawer(storage);
    this.#volume = fraction(this.#drawer.read(VOLUME_KEY) ?? 1);
    this.#card = card;
    this.#keys = { onPlay, onPause, onNext };
    this.#wakeLock = wakeLock;
    this.#follower = follower;
    this.#spotify = spotify;
    for (const source of this.#sources) {
      source.volume = this.#volume;
      this.#listen(source);
    }
    follower.addEventListener("incident", (event) => {
      const { cause, recovered } = /** @type {CustomEvent} */ (event).detail;
      if (recovered && HELD_BACK.has(cause)) this.#tellOver(cause);
    });
    spotify?.addEventListener("drifted", () => this.#report("drifted"));
    spotify?.addEventListener("paused", () => this.#tellPaused());
    spotify?.addEventListener("trouble", () => this.#changed());
  }

  /** The name of this tab among the room's devices. */
  get device() {
    return this.#device;
  }

  /** What people call this device. */
  get name() {
    return this.#name;
  }

  get speaking() {
    return this.#speaking;
  }

  /** Does the browser want a tap before it lets us sound? */
  get blocked() {
    return this.#speaking && this.#source.blocked;
  }

  /** How far the sound is ahead of the room, in ms. */
  get drift_ms() {
    return this.#source.drift_ms;
  }

  /** Why this page cannot sound Spotify, where it should: nobody pays for it, the browser, or the login. */
  get spotifyTrouble() {
    return this.#speaking ? this.#spotify?.unable ?? null : null;
  }

  get volume() {
    return this.#volume;
  }

  set volume(value) {
    this.#volume = fraction(value);
    for (const source of this.#sources) source.volume = this.#volume;
    this.#drawer.write(VOLUME_KEY, this.#volume);
    this.#changed();
  }

  /**
   * Becomes the speaker. Throws ApiError "speaker_taken" while another live device is, unless takeover.
   * @param {{takeover?: boolean}} [options]
   * @returns {Promise<SpeakerLease>}
   */
  async claim({ takeover = false } = {}) {
    this.#claiming = true;
    try {
      const speaker = await this.#putClaim(takeover);
      this.#start();
      this.#spotify?.take();
      return speaker;
    } finally {
      this.#claiming = false;
    }
  }

  /** Gives the sound up; a reload does not. */
  async release() {
    this.#stop();
    await this.#api.put(`${this.#path}/speaker`, { action: "release", device: this.#device, name: this.#name });
  }

  /** Call inside a tap, before anything asynchronous: afterwards this page may sound. */
  unlock() {
    for (const source of this.#sources) source.unlock();
    this.#changed();
  }

  /** The room plays this now; call it on every change, the same again costs nothing. @param {Playback|null} playback */
  follow(playback) {
    if (!playback || playback === this.#playback) return;
    const turned = this.#playback?.state !== playback.state;
    this.#playback = playback;
    if (turned && this.#speaking) this.#reportLater();
    const lease = playback.speaker;
    const mine = lease?.device === this.#device;
    if (!this.#speaking) {
      if (mine && this.#wanted && !this.#claiming) this.#resume();
      return;
    }
    const settled = this.#confirmed || this.#clock.local() - this.#since > CLAIM_SETTLES_MS;
    if (lease && !mine && settled) {
      this.#lose();
      return;
    }
    const lapsed = !lease && this.#confirmed;
    this.#confirmed = mine || (this.#confirmed && !lapsed);
    if (lapsed) this.#renew();
    this.#sound();
  }

  /** Whatever may sound in this page. */
  get #sources() {
    return this.#spotify ? [this.#follower, this.#spotify] : [this.#follower];
  }

  /** The one whose track is on. */
  get #source() {
    const spotifys = this.#playback?.track?.source === SPOTIFY;
    return spotifys && this.#spotify ? this.#spotify : this.#follower;
  }

  /** @param {Follower|SpotifySound} source */
  #listen(source) {
    source.addEventListener("blocked", () => {
      if (this.#speaking) this.dispatchEvent(new Event("blocked"));
      this.#report();
      this.#changed();
    });
    source.addEventListener("playing", () => {
      if (this.#speaking) this.#reportLater();
      this.#changed();
    });
    for (const state of ["stalled", "error"]) source.addEventListener(state, () => this.#report());
    // Where the room's clock is only as exact as a guess, the end of a track is news.
    source.addEventListener("ended", () => this.#report(source === this.#spotify ? "over" : null));
  }

  /** The tab that was the speaker came back from a reload. */
  #resume() {
    this.#start();
    this.#renew();
  }

  #start() {
    this.#wanted = true;
    if (this.#speaking) return;
    this.#speaking = true;
    this.#confirmed = this.#playback?.speaker?.device === this.#device;
    this.#since = this.#clock.local();
    this.#wakeLock.hold();
    this.#reportLater();
    this.#sound();
    this.#changed();
  }

  #stop() {
    this.#wanted = false;
    if (!this.#speaking) return;
    this.#speaking = false;
    clearTimeout(this.#timer);
    this.#wakeLock.release();
    for (const source of this.#sources) source.leave(this);
    this.#card.clear(this.#keys);
    this.#changed();
  }

  #lose() {
    this.#stop();
    const lease = this.#playback?.speaker ?? null;
    const speaker = lease?.device === this.#device ? null : lease;
    this.dispatchEvent(new CustomEvent("lost", { detail: { speaker } }));
  }

  #sound() {
    if (!this.#playback) return;
    // All of them: each is silent during what is not its own, and ready for what comes.
    for (const source of this.#sources) source.follow(this.#playback, this);
    this.#show();
  }

  #show() {
    const { state, starts_at_ms, position_ms } = /** @type {Playback} */ (this.#playback);
    const playing = state === "playing" && starts_at_ms !== null;
    this.#card.show(this.#playback, playing ? this.#clock.now() - starts_at_ms : position_ms, this.#keys);
  }

  #reportLater() {
    clearTimeout(this.#timer);
    const plays = this.#playback?.state === "playing";
    this.#timer = setTimeout(() => this.#report(), plays ? REPORT_EVERY_MS : RENEW_EVERY_MS);
  }

  /**
   * Says what is really heard; where nothing is meant to be, only that this device is still here.
   * @param {import("./condition.js").Cause|"drifted"|"over"|null} [over]  what was in the way until now, or is to be known
   */
  #report(over = null) {
    const { state, playId, position_ms, blocked, cause } = this.#source;
    if (!this.#speaking) return;
    this.#reportLater();
    this.#changed();
    const play_id = this.#playback?.play_id;
    if (blocked && this.#playback?.state === "playing") {
      // The room is to know that nothing is heard.
      this.#tell({ play_id, state: "stalled", position_ms, cause: "suspended" });
    } else if (state === "quiet" || blocked || playId !== play_id) {
      this.#renew();
    } else {
      this.#show();
      const why = state === "stalled" || state === "error" ? cause : over;
      this.#tell({ play_id, state, position_ms, ...(why && { cause: why }), ...(why === "drifted" && this.#moment), ...this.#otherLength });
    }
  }

  /** How long the track really sounds, where the room goes by another length and has not been told. */
  get #otherLength() {
    const length_ms = this.#source === this.#follower ? this.#follower.length_ms : null;
    const { play_id, track } = /** @type {Playback} */ (this.#playback);
    if (length_ms === null || !track || Math.abs(length_ms - track.duration_ms) < OTHER_LENGTH_MS) return {};
    return this.#toldLength === `${play_id} ${length_ms}` ? {} : { length_ms };
  }

  /** Somebody has paused Spotify's player in another app: the room does as the device. */
  #tellPaused() {
    if (!this.#speaking) return;
    const { playId: play_id, position_ms } = /** @type {SpotifySound} */ (this.#spotify);
    this.#tell({ play_id, state: "paused", position_ms, ...this.#moment });
  }

  /** Of which moment of the play this device speaks: the room may have jumped by now. */
  get #moment() {
    return { starts_at_ms: this.#playback?.starts_at_ms ?? null };
  }

  /** Nobody listens to a device that lost its place meanwhile. @param {import("./condition.js").Cause} cause */
  async #tellOver(cause) {
    await this.#renew();
    this.#report(cause);
  }

  /** @param {{play_id?: string, length_ms?: number}} facts */
  async #tell(facts) {
    const isHeard = await this.#keep(this.#api.post(`${this.#path}/report`, { device: this.#device, ...facts }));
    if (isHeard && facts.length_ms) this.#toldLength = `${facts.play_id} ${facts.length_ms}`;
  }

  #renew() {
    return this.#keep(this.#putClaim(false));
  }

  /** A lost call is made good by the next one; a refusal is not. Answers whether it came through. @param {Promise<any>} call */
  async #keep(call) {
    try {
      await call;
      return true;
    } catch (error) {
      if (this.#speaking && NOT_OURS.has(/** @type {ApiError} */ (error).code)) this.#lose();
      return false;
    }
  }

  /** @param {boolean} takeover @returns {Promise<SpeakerLease>} */
  async #putClaim(takeover) {
    const claim = { action: "claim", device: this.#device, name: this.#name, ...(takeover && { takeover }) };
    const { speaker } = await this.#api.put(`${this.#path}/speaker`, claim);
    return speaker;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {unknown} value @returns {number} */
function fraction(value) {
  const number = Number(value);
  return Number.isFinite(number) ? Math.max(0, Math.min(1, number)) : 1;
}
