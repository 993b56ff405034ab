// @ts-check
import { api as defaultApi } from "../../net/api.js";
import { DeviceRegistration } from "./device-registration.js";
import { ARRIVES_WITHIN_MS, OFF_BY_MS } from "./drift-samples.js";
import { SpotifyEngine } from "./spotify-engine.js";
import { isAtEnd, isPause } from "./state.js";

/** @typedef {import("../../net/api.js").Api} Api */
/** @typedef {import("../../net/server-clock.js").ServerClock} ServerClock */
/** @typedef {import("../engine.js").RoomEngine} RoomEngine */
/** @typedef {import("../../state/shapes.js").RoomSource} RoomSource */
/** @typedef {import("./player.js").SpotifyPlayer} SpotifyPlayer */
/** @typedef {import("./state.js").PlayerState} PlayerState */

/** After 5 s without sound the state is "stalled", after 7 s the page asks for the track once more, after 15 s it gives up. */
const STALLED_MS = 5_000;
const AGAIN_MS = 7_000;
const GIVE_UP_MS = 15_000;
/** A player that is paused for 1.5 s was paused by a person in another app, if it had sounded for 3 s before. */
const PAUSED_MS = 1_500;
const RAN_MS = 3_000;
/** An end more than 10 s before the room's end is not believed. */
const OVER_WITHIN_MS = 10_000;

/**
 * The room's sound of Spotify. The server starts the device, the room's clock gives way to its drift, and what becomes of it
 * is reported by the room's speaker. Further events: "drifted": it is really at `position_ms`; "paused": somebody has paused
 * it there, in another app.
 * @implements {RoomEngine}
 */
export class SpotifyRoomEngine extends SpotifyEngine {
  #registration;
  /** Since when every look has found it paused. @type {number|null} */
  #pausedSince = null;
  #isPauseTold = false;
  #isRequestedAgain = false;
  /** @type {"stalled"|"refused"|null} */
  #cause = null;

  /**
   * @param {{code: string, clock: ServerClock, player: SpotifyPlayer, page: () => string, api?: Api}} options
   * player: the one of this page; page: the id of this tab among the room's devices
   */
  constructor({ code, clock, player, page, api = defaultApi }) {
    const path = `/api/rooms/${code}/spotify`;
    super({ clock, player, api, path });
    this.#registration = new DeviceRegistration({ path, clock, player, page, api, onOffer: () => this.forgetSound() });
  }

  /** By which Spotify knows this page; null while it is no device. */
  get deviceId() {
    return this.player.deviceId;
  }

  /** Does the room hear Spotify from here? Somebody may have chosen another device of the account. */
  get isOutput() {
    return this.#registration.isChosen;
  }

  get cause() {
    return this.#cause;
  }

  /** The play that is heard. */
  get playId() {
    return this.state === "quiet" ? null : this.playback?.play_id ?? null;
  }

  get drift_ms() {
    return Math.round(this.samples.ahead_ms);
  }

  /**
   * The sound is to come from here, whichever device had it: with the next moment at which this is one.
   * @param {{takeover?: boolean}} [options]  takeover: also where the account plays for another room
   */
  take({ takeover = false } = {}) {
    this.#registration.choose({ takeover });
  }

  /** The sources of the room are so; call it on every change. @param {readonly RoomSource[]} sources */
  attend(sources) {
    this.#registration.attend(sources);
    if (this.isOutput) this.need();
  }

  /** Nobody wants its sound any more. */
  leave() {
    super.leave();
    this.#registration.cancel();
  }

  /** @protected */
  resumeBlocked() {
    this.silentSince = null;
    this.forgetSound();
    // The server knows where the room is by now.
    this.#registration.offer();
  }

  /** @protected */
  resetPlay() {
    super.resetPlay();
    this.blockedBy = null;
  }

  /** @protected */
  beginMoment() {
    this.arrivesBy = this.state === "playing" ? this.clock.local() + ARRIVES_WITHIN_MS : -Infinity;
    super.beginMoment();
    this.#cause = null;
    this.#isRequestedAgain = false;
  }

  /** The room's clock may have been put right by this very device: then it is there. @protected */
  isThere() {
    return this.state === "playing" && this.spotifyPlayback() !== null && Math.abs(this.position_ms - this.target_ms) <= OFF_BY_MS;
  }

  /** @protected */
  forgetSound() {
    super.forgetSound();
    this.#pausedSince = null;
    this.#isPauseTold = false;
  }

  /** @param {PlayerState|null} state @param {number|null} [at] @protected */
  handleState(state, at = null) {
    if (this.#isOver) return;
    const { duration_ms } = this.spotifyPlayback()?.track ?? {};
    const ends = this.state === "playing" && this.isOurs(state) && isAtEnd(state) && (duration_ms ?? 0) - this.target_ms < OVER_WITHIN_MS;
    if (ends) this.#end(state);
    else super.handleState(state, at);
  }

  /** Where the device is wrong, the room's clock goes there: that is the one that moves without being heard. @protected */
  correctDrift() {
    if (this.samples.mend(this.clock.local())) this.dispatchEvent(new Event("drifted"));
  }

  /** @param {number} at @param {PlayerState|null} state @param {{isElsewhere: boolean}} device @protected */
  noteSilence(at, state, { isElsewhere }) {
    this.#countSilence(state !== null, isElsewhere);
    if (state !== null && isPause(state)) this.#notePause(state, at);
    else this.#pausedSince = null;
  }

  /** @param {PlayerState} state @protected */
  handleTrackRefused(state) {
    if (this.#isOver) return;
    this.lastHeard ??= { position_ms: state.position_ms, at: this.clock.local() };
    this.#cause = "refused";
    this.setState("error");
  }

  /** @param {"quiet"|"playing"|"stalled"|"ended"|"error"} state @protected */
  setState(state) {
    if (state === "playing") this.#pausedSince = this.#cause = this.blockedBy = null;
    super.setState(state);
  }

  /** What ended or failed stays so until the room turns to something else. */
  get #isOver() {
    return this.state === "ended" || this.state === "error";
  }

  /** @param {PlayerState} state */
  #end({ duration_ms }) {
    this.lastHeard = { position_ms: duration_ms, at: this.clock.local() };
    this.setState("ended");
  }

  /** @param {boolean} isOurs  has the device this track, though it does not sound? @param {boolean} isElsewhere */
  #countSilence(isOurs, isElsewhere) {
    if (this.blockedBy !== null || !this.isOutput || this.#registration.isAway) return;
    const now = this.clock.local();
    this.silentSince ??= now;
    const silent = now - this.silentSince;
    if (silent >= STALLED_MS) {
      this.#cause = "stalled";
      this.setState("stalled");
    }
    // It has sounded and is no device now: somebody plays elsewhere with this account, and is not fought for it.
    if (silent >= AGAIN_MS && isElsewhere && this.soundsSince !== null) this.block("owner");
    else if (silent >= AGAIN_MS && !this.#isRequestedAgain) {
      this.#isRequestedAgain = true;
      this.#registration.offer();
    }
    if (silent < GIVE_UP_MS) return;
    if (isOurs) this.setState("error");
    // Somebody plays something else with this account: that is not for us to end, but by their tap.
    else this.block("owner");
  }

  /** Told once; where the room does not follow, it is silence like any other. @param {PlayerState} state @param {number} at */
  #notePause({ position_ms }, at) {
    const ran = this.soundsSince !== null && this.lastHeard !== null && this.lastHeard.at - this.soundsSince >= RAN_MS;
    this.#pausedSince ??= at;
    if (!ran || this.#isPauseTold || this.blockedBy !== null || at - this.#pausedSince < PAUSED_MS) return;
    this.#isPauseTold = true;
    this.lastHeard = { position_ms, at: this.clock.local() };
    this.dispatchEvent(new Event("paused"));
  }
}
