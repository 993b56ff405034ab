// @ts-check
import { api as defaultApi } from "../net/api.js";
import { deviceName, takeDeviceId } from "../browser/device.js";
import { MediaCard } from "./media-session.js";
import { JsonStorage } from "../browser/json-storage.js";
import { PlayReports } from "./play-reports.js";
import { RoomDevice, bounded } from "./room-device.js";
import { WakeLock } from "./wake-lock.js";

/** @typedef {import("../net/api.js").Api} Api */
/** @typedef {import("../net/api.js").ApiError} ApiError */
/** @typedef {import("../net/server-clock.js").ServerClock} ServerClock */
/** @typedef {import("./local-player.js").LocalPlayer} LocalPlayer */
/** @typedef {import("../state/shapes.js").Playback} Playback */
/** @typedef {import("../state/shapes.js").SpeakerLease} SpeakerLease */
/** @typedef {import("./engine.js").RoomEngine} RoomEngine */

/** While the room plays, so that a device that fell silent is noticed within a breath. */
const REPORT_EVERY_MS = 1_500;
/** Otherwise only to keep the lease, which is a longer one then. */
const RENEW_EVERY_MS = 5_000;
/** Facts from before our claim may still be on their way this long after it. */
const CLAIM_SETTLES_MS = 5_000;
const VOLUME_KEY = "beatsync:volume";
const VOLUMES = { least: 0, most: 1, otherwise: 1 };
/** Refusals that mean: this device is not the speaker. */
const NOT_OURS = new Set([
  "speaker_taken", "not_allowed", "muted", "banned", "no_membership", "unknown_room", "room_ended",
]);

/** What was in the way and is over: the room hears of it once. */
const HELD_BACK = new Set(["slept", "suspended"]);

/**
 * This device as the one that makes the room's sound: holds the lease, says what is really heard, and has the page's
 * LocalPlayer do the sounding, or the own engine of a track's source. Events: "change" (any property), "blocked"
 * (needs unlock() inside a tap), "lost" (detail {speaker}: another device has the sound now, or nobody).
 * @extends {RoomDevice<RoomEngine>}
 */
export class Speaker extends RoomDevice {
  /** Was the sound claimed in this page, rather than resumed after a reload? */
  #claimed = false;
  #wakeLock;
  #storage;
  #volume;
  #claiming = false;
  #wanted = true;
  #confirmed = false;
  #since = 0;
  #reports = new PlayReports();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /**
   * @param {{code: string, clock: ServerClock, localPlayer: LocalPlayer, card?: MediaCard, wakeLock?: WakeLock, api?: Api,
   *   onPlay?: () => void, onPause?: () => void, onNext?: () => void, storage?: () => Storage,
   *   tabStorage?: () => Storage, navigator?: any, window?: EventTarget}} options
   * localPlayer: the one of this page; onPlay, onPause, onNext: the keys of the lock screen and of headphones
   */
  constructor({
    code,
    clock,
    localPlayer,
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
    const device = takeDeviceId({ storage: tabStorage, window });
    super({ device, name: deviceName(navigator), code, api, clock, localPlayer, card, keys: { onPlay, onPause, onNext } });
    this.#storage = new JsonStorage(storage);
    this.#volume = bounded(this.#storage.read(VOLUME_KEY) ?? 1, VOLUMES);
    this.#wakeLock = wakeLock;
    localPlayer.volume = this.#volume;
    this.listenTo(localPlayer);
    localPlayer.addEventListener("incident", (event) => {
      const { cause, recovered } = /** @type {CustomEvent} */ (event).detail;
      if (recovered && HELD_BACK.has(cause)) this.#tellOver(cause);
    });
  }

  /** @param {string} source @param {RoomEngine} engine */
  attach(source, engine) {
    engine.volume = this.#volume;
    engine.addEventListener("drifted", () => this.#report("drifted"));
    engine.addEventListener("paused", () => this.#tellPaused(engine));
    if (this.isOn && this.#claimed) engine.take();
    super.attach(source, engine);
  }

  /** What sounds the tracks of a source in this page, once it is loaded. @param {string} source */
  engineOf(source) {
    return this.engines.ownOf(source);
  }

  get speaking() {
    return this.isOn;
  }

  /** Does the browser want a tap before it lets us sound? */
  get blocked() {
    return this.isOn && this.#engine.blocked;
  }

  /** How far the sound is ahead of the room, in ms. */
  get drift_ms() {
    return this.#engine.drift_ms;
  }

  /** Why this page cannot sound a source, where it should. @returns {{source: string, why: string}|null} */
  get unable() {
    if (!this.isOn) return null;
    for (const [source, { trouble }] of this.engines.bySource) if (trouble !== null) return { source, why: trouble.kind };
    return null;
  }

  get volume() {
    return this.#volume;
  }

  set volume(value) {
    this.#volume = bounded(value, VOLUMES);
    this.engines.volume = this.#volume;
    this.#storage.write(VOLUME_KEY, this.#volume);
    this.changed();
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
      this.#claimed = true;
      for (const engine of this.engines.own) engine.take();
      return speaker;
    } finally {
      this.#claiming = false;
    }
  }

  /** Gives the sound up; a reload does not. */
  async release() {
    this.#stop();
    await this.api.put(`${this.path}/speaker`, { action: "release", device: this.device, name: this.name });
  }

  /** The room plays this now; call it on every change, the same again costs nothing. @param {Playback|null} playback */
  follow(playback) {
    if (!playback || playback === this.playback) return;
    const turned = this.playback?.state !== playback.state;
    this.playback = playback;
    if (turned && this.isOn) this.#reportLater();
    const lease = playback.speaker;
    const mine = lease?.device === this.device;
    if (!this.isOn) {
      if (mine && this.#wanted && !this.#claiming) this.#resume();
      return;
    }
    const settled = this.#confirmed || this.clock.local() - this.#since > CLAIM_SETTLES_MS;
    if (lease && !mine && settled) {
      this.#lose();
      return;
    }
    const lapsed = !lease && this.#confirmed;
    this.#confirmed = mine || (this.#confirmed && !lapsed);
    if (lapsed) this.#renew();
    this.sound();
  }

  /** The one whose track is on. */
  get #engine() {
    return this.engines.engineOf(this.playback);
  }

  /** @param {LocalPlayer|RoomEngine} engine @protected */
  listenTo(engine) {
    super.listenTo(engine);
    engine.addEventListener("blocked", () => this.isOn && this.dispatchEvent(new Event("blocked")));
    engine.addEventListener("playing", () => this.isOn && this.#reportLater());
    for (const state of ["blocked", "stalled", "error"]) engine.addEventListener(state, () => this.#report());
    // Where the room's clock is only as exact as a guess, the end of a track is news.
    engine.addEventListener("ended", () => this.#report(engine === this.engines.local ? null : "over"));
  }

  /** The tab that was the speaker came back from a reload. */
  #resume() {
    this.#start();
    this.#renew();
  }

  #start() {
    this.#wanted = true;
    if (this.isOn) return;
    this.isOn = true;
    this.#confirmed = this.playback?.speaker?.device === this.device;
    this.#since = this.clock.local();
    this.#wakeLock.hold();
    this.#reportLater();
    this.sound();
    this.changed();
  }

  #stop() {
    this.#wanted = false;
    if (!this.isOn) return;
    this.isOn = false;
    clearTimeout(this.#timer);
    this.#wakeLock.release();
    this.engines.leave();
    this.changed();
  }

  #lose() {
    this.#stop();
    const lease = this.playback?.speaker ?? null;
    const speaker = lease?.device === this.device ? null : lease;
    this.dispatchEvent(new CustomEvent("lost", { detail: { speaker } }));
  }

  #reportLater() {
    clearTimeout(this.#timer);
    const plays = this.playback?.state === "playing";
    this.#timer = setTimeout(() => this.#report(), plays ? REPORT_EVERY_MS : RENEW_EVERY_MS);
  }

  /**
   * Says what is really heard; where nothing is meant to be, only that this device is still here.
   * @param {import("./player-status.js").Cause|"drifted"|"over"|null} [over]  what was in the way until now, or is to be known
   */
  #report(over = null) {
    if (!this.isOn) return;
    this.#reportLater();
    this.changed();
    const engine = this.#engine;
    const facts = this.playback && this.#reports.factsOf(engine, { playback: this.playback, over, isFile: engine === this.engines.local });
    if (!facts) {
      this.#renew();
      return;
    }
    if (!engine.blocked) this.engines.show(/** @type {Playback} */ (this.playback));
    this.#tell(facts);
  }

  /** Somebody has paused it in another app: the room does as the device. @param {RoomEngine} engine */
  #tellPaused(engine) {
    if (this.isOn && this.playback) this.#tell(this.#reports.pausedFactsOf(engine, this.playback));
  }

  /** Nobody listens to a device that lost the lease meanwhile. @param {import("./player-status.js").Cause} cause */
  async #tellOver(cause) {
    await this.#renew();
    this.#report(cause);
  }

  /** @param {import("./play-reports.js").Facts} facts */
  async #tell(facts) {
    const isStored = await this.#keep(this.api.post(`${this.path}/report`, { device: this.device, ...facts }));
    if (isStored) this.#reports.confirm(facts);
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
      if (this.isOn && NOT_OURS.has(/** @type {ApiError} */ (error).code)) this.#lose();
      return false;
    }
  }

  /** @param {boolean} takeover @returns {Promise<SpeakerLease>} */
  async #putClaim(takeover) {
    const claim = { action: "claim", device: this.device, name: this.name, ...(takeover && { takeover }) };
    const { speaker } = await this.api.put(`${this.path}/speaker`, claim);
    return speaker;
  }
}
