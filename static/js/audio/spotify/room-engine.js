// @ts-check
import { api as defaultApi } from "../../net/api.js";
import { ARRIVES_WITHIN_MS, LOOK_EVERY_MS, DriftSamples, NEAR_MS, OFF_BY_MS } from "./drift-samples.js";
import { DeviceRegistration } from "./device-registration.js";
import { SPOTIFY } from "../../state/spotify/spotify-source.js";
import { playsSpotify, sameMoment } from "./moment.js";
import { isAtEnd, isOf, isPause } from "./state.js";

/** @typedef {import("../../net/api.js").Api} Api */
/** @typedef {import("../../net/server-clock.js").ServerClock} ServerClock */
/** @typedef {import("../../state/shapes.js").Playback} Playback */
/** @typedef {import("../engine.js").DeviceEngine} DeviceEngine */
/** @typedef {import("../../state/shapes.js").RoomSource} RoomSource */
/** @typedef {import("../../state/shapes.js").Track} Track */
/** @typedef {import("./player.js").SpotifyPlayer} SpotifyPlayer */
/** @typedef {import("./state.js").PlayerState} PlayerState */

/** Without a sound for so long it is told, is asked for once more, and is given up. */
const STALLED_MS = 5_000;
/** What says so long that it is paused was paused by somebody, in another app, unless it had hardly begun to sound. */
const PAUSED_MS = 1_500;
const RAN_MS = 3_000;
const AGAIN_MS = 7_000;
const GIVE_UP_MS = 15_000;
/** An end that comes so long before the room's is none. */
const OVER_WITHIN_MS = 10_000;

/**
 * What this device sounds of Spotify. The server tells the device what to play and when; this says which device that is,
 * and hears what comes of it. It has the face of a LocalPlayer for the room's speaker. Events: "blocked", "playing",
 * "stalled", "ended" (once for each play), "error": the state of the play; "drifted": it is really at `position_ms`;
 * "paused": somebody has paused it there, in another app; "trouble": `unable` says which.
 * @implements {DeviceEngine}
 */
export class SpotifySound extends EventTarget {
  #clock;
  #player;
  #registration;
  /** Who wants sound of this device. @type {Set<unknown>} */
  #wanted = new Set();
  /** @type {Playback|null} */
  #playback = null;
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #watch;
  /** @type {"quiet"|"playing"|"stalled"|"ended"|"error"} */
  #state = "quiet";
  #blocked = false;
  /** @type {"stalled"|"refused"|null} */
  #trouble = null;
  /** The last true position, and when that was. @type {{position_ms: number, at: number}|null} */
  #lastHeard = null;
  /** When the sound of this moment of the play began. @type {number|null} */
  #since = null;
  /** Until when a position far from the room's may be that of before a jump. */
  #jumpsUntil = -Infinity;
  /** Since when nothing sounds though it should. @type {number|null} */
  #silentSince = null;
  /** Since when every look has found it paused. @type {number|null} */
  #pausedSince = null;
  #askedAgain = false;
  #toldPaused = false;
  #samples = new DriftSamples();

  /**
   * @param {{code: string, clock: ServerClock, player: SpotifyPlayer, page: () => string, api?: Api}} options
   * player: the one of this page; page: the id of this tab among the room's devices
   */
  constructor({ code, clock, player, page, api = defaultApi }) {
    super();
    this.#clock = clock;
    this.#player = player;
    this.#registration = new DeviceRegistration({ code, clock, player, page, api });
    this.#registration.addEventListener("trouble", () => this.dispatchEvent(new Event("trouble")));
    this.#registration.addEventListener("offer", () => this.#forgetSound());
    player.addEventListener("state", (event) => this.#hear(/** @type {CustomEvent} */ (event).detail.state));
    player.addEventListener("refused", () => this.#refused());
    player.addEventListener("blocked", () => this.#block());
  }

  /** By which Spotify knows this page; null while it is no device. */
  get deviceId() {
    return this.#player.deviceId;
  }

  /** Does the room hear Spotify from here? Somebody may have chosen another device of the account. */
  get isOutput() {
    return this.#registration.isChosen;
  }

  get state() {
    return this.#state;
  }

  get blocked() {
    return this.#blocked;
  }

  get cause() {
    return this.#trouble;
  }

  /** What keeps this page from being a device of Spotify. */
  get unable() {
    return this.#registration.trouble;
  }

  /** The play that is heard. */
  get playId() {
    return this.#state === "quiet" ? null : this.#playback?.play_id ?? null;
  }

  /** Where in it, as far as anybody knows. */
  get position_ms() {
    if (!this.#lastHeard) return 0;
    const passed = this.#state === "playing" ? this.#clock.local() - this.#lastHeard.at : 0;
    return Math.max(0, Math.round(this.#lastHeard.position_ms + passed));
  }

  get drift_ms() {
    return Math.round(this.#samples.ahead_ms);
  }

  set volume(/** @type {number} */ volume) {
    this.#player.volume = volume;
  }

  /** What is heard at this very moment: for measurements. */
  sampled() {
    const { state, playId, position_ms } = this;
    return { state, mode: "estimated", playId, sounding: state === "playing", position_ms, at_ms: Date.now(), jumps: 0 };
  }

  /** Spotify may have to sound here: its player is loaded now, and is a device as long as somebody wants that. */
  need() {
    this.#registration.need();
  }

  /**
   * The sound is to come from here, whichever device had it: with the next moment at which this is one.
   * @param {{takeover?: boolean}} [options]  takeover: also where the account plays for another room
   */
  take({ takeover = false } = {}) {
    this.#registration.choose({ takeover });
  }

  /**
   * The room plays this from now on; the same again does nothing.
   * @param {Playback} playback
   * @param {unknown} [who]  wants this; it is a device until nobody does
   */
  follow(playback, who = this) {
    this.#wanted.add(who);
    const before = this.#playback;
    this.#playback = playback;
    this.#registration.isWanted = true;
    if (!before || !sameMoment(before, playback)) this.#turn(before);
  }

  /** One less wants this device to sound. @param {unknown} [who] */
  leave(who = this) {
    if (!this.#wanted.delete(who) || this.#wanted.size > 0) return;
    clearInterval(this.#watch);
    this.#registration.isWanted = false;
    this.#playback = null;
    this.#blocked = false;
    this.#begin();
  }

  /** The sources of the room are so; call it on every change. @param {readonly RoomSource[]} sources */
  attend(sources) {
    this.#registration.attend(sources);
  }

  /** Call inside a tap: afterwards this page may sound. */
  unlock() {
    this.#player.activate();
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#silentSince = null;
    this.#forgetSound();
    // Meanwhile the room has gone on: the server knows where to.
    this.#registration.offer();
  }

  /** @param {Playback|null} before */
  #turn(before) {
    const { play_id, state, track } = /** @type {Playback} */ (this.#playback);
    clearInterval(this.#watch);
    this.#samples.forget();
    const anew = before?.play_id !== play_id;
    if (anew) {
      this.#samples.renew();
      this.#blocked = false;
    }
    const goesOn = !anew && this.#playing() !== null && this.#state === "playing";
    // The room's clock may have been put right by this very device: then it is there already.
    if (!goesOn || Math.abs(this.#ahead(this.position_ms)) > OFF_BY_MS) this.#begin(goesOn);
    if (state === "playing" && track?.source === SPOTIFY) this.#watch = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** Another moment of the room, of which nothing has been heard yet. @param {boolean} [jumps]  within the track */
  #begin(jumps = false) {
    this.#jumpsUntil = jumps ? this.#clock.local() + ARRIVES_WITHIN_MS : -Infinity;
    this.#silentSince = this.#lastHeard = this.#trouble = null;
    this.#askedAgain = false;
    this.#forgetSound();
    this.#become("quiet");
  }

  /** It is told anew what to sound: how that went before says nothing about how it goes from now on. */
  #forgetSound() {
    this.#since = this.#pausedSince = null;
    this.#toldPaused = false;
    this.#samples.forget();
  }

  /** Events tell when something changes; what is true is asked. */
  async #look() {
    const playback = this.#playing();
    if (!playback || this.#ahead(0) > 0) return;
    const asked = this.#clock.local();
    const state = await this.#player.state();
    if (playback !== this.#playing()) return;
    this.#hear(state, (asked + this.#clock.local()) / 2);
  }

  /** @param {PlayerState|null} state @param {number|null} [at]  when it was asked for; null: told without being asked */
  #hear(state, at = null) {
    const playback = this.#playing();
    if (!playback || this.#state === "ended" || this.#state === "error") return;
    const track = /** @type {Track} */ (playback.track);
    const ours = state !== null && isOf(state, track);
    const runs = ours && !state.paused && !state.loading;
    const paused = ours && isPause(state);
    if (at !== null && !paused) this.#pausedSince = null;
    if (ours && this.#state === "playing" && isAtEnd(state) && this.#ahead(track.duration_ms ?? 0) < OVER_WITHIN_MS) {
      this.#end(state);
    } else if (at === null) {
      // Positions in events have been seen in seconds, and old.
      if (runs && this.#since === null) this.#look();
    } else if (!runs || state.position_ms === this.#lastHeard?.position_ms) {
      this.#isSilent(ours, state === null);
      if (paused) this.#isPaused(state, at);
    } else if (this.#since !== null || this.#isThere(state.position_ms)) {
      this.#sounds(state, at);
    }
  }

  /** After a jump, a position far from the room's is that of before. @param {number} position_ms */
  #isThere(position_ms) {
    return Math.abs(this.#ahead(position_ms)) < NEAR_MS || this.#clock.local() > this.#jumpsUntil;
  }

  /** @param {PlayerState} state @param {number} at */
  #sounds({ position_ms }, at) {
    this.#lastHeard = { position_ms, at };
    this.#since ??= at;
    this.#silentSince = this.#trouble = null;
    this.#blocked = false;
    this.#become("playing");
    this.#samples.add(this.#ahead(position_ms) + this.#clock.local() - at, at - this.#since);
    // Where the device is wrong, the room's clock goes there: that is the one that moves without being heard.
    if (this.#samples.mend(this.#clock.local())) this.dispatchEvent(new Event("drifted"));
  }

  /** @param {PlayerState} state */
  #end({ duration_ms }) {
    this.#lastHeard = { position_ms: duration_ms, at: this.#clock.local() };
    this.#become("ended");
  }

  /**
   * @param {boolean} ours  is it this track that the device has, though it does not sound?
   * @param {boolean} gone  does another device play with this account, or none?
   */
  #isSilent(ours, gone) {
    if (this.#blocked || !this.isOutput || this.#registration.isAway) return;
    const now = this.#clock.local();
    this.#silentSince ??= now;
    const silent = now - this.#silentSince;
    if (silent >= STALLED_MS) {
      this.#trouble = "stalled";
      this.#become("stalled");
    }
    // It has sounded and is no device now: somebody plays elsewhere with this account, and is not fought for it.
    if (silent >= AGAIN_MS && gone && this.#since !== null) this.#block();
    else if (silent >= AGAIN_MS && !this.#askedAgain) {
      this.#askedAgain = true;
      this.#registration.offer();
    }
    if (silent < GIVE_UP_MS) return;
    if (ours) this.#become("error");
    // Somebody plays something else with this account: that is not for us to end, but by their tap.
    else this.#block();
  }

  /** Told once; where the room does not follow, it is silence like any other. @param {PlayerState} state @param {number} at */
  #isPaused({ position_ms }, at) {
    const ran = this.#since !== null && this.#lastHeard !== null && this.#lastHeard.at - this.#since >= RAN_MS;
    this.#pausedSince ??= at;
    if (!ran || this.#toldPaused || this.#blocked || at - this.#pausedSince < PAUSED_MS) return;
    this.#toldPaused = true;
    this.#lastHeard = { position_ms, at: this.#clock.local() };
    this.dispatchEvent(new Event("paused"));
  }

  /** It says so of what it has: which may be the track before, or none of ours. */
  async #refused() {
    const playback = this.#playing();
    const state = await this.#player.state();
    if (!playback || playback !== this.#playing() || this.#state === "ended" || this.#state === "error") return;
    if (state === null || !isOf(state, /** @type {Track} */ (playback.track))) return;
    this.#lastHeard ??= { position_ms: state.position_ms, at: this.#clock.local() };
    this.#trouble = "refused";
    this.#become("error");
  }

  #block() {
    if (this.#blocked || !this.#playing()) return;
    this.#blocked = true;
    this.dispatchEvent(new Event("blocked"));
  }

  /** @param {"quiet"|"playing"|"stalled"|"ended"|"error"} state */
  #become(state) {
    if (this.#state === state) return;
    // Until here it has moved with the time; what stalls stands where it was heard last.
    if (this.#lastHeard && state !== "stalled") this.#lastHeard = { position_ms: this.position_ms, at: this.#clock.local() };
    this.#state = state;
    if (state !== "quiet") this.dispatchEvent(new Event(state));
  }

  /** @returns {Playback|null} the playback, if it plays a track of Spotify and somebody wants it from here */
  #playing() {
    return playsSpotify(this.#playback);
  }

  /** How far a position is ahead of the room. @param {number} position_ms */
  #ahead(position_ms) {
    return position_ms - (this.#clock.now() - (this.#playback?.starts_at_ms ?? 0));
  }
}
