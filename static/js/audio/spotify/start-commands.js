// @ts-check
import { NEAR_MS } from "./drift-samples.js";
import { isOf } from "./state.js";

/** @typedef {import("../../net/api.js").Api} Api */
/** @typedef {import("../../net/api.js").ApiError} ApiError */
/** @typedef {import("../../state/shapes.js").Playback} Playback */
/** @typedef {import("../../state/shapes.js").Track} Track */
/** @typedef {import("./player.js").SpotifyPlayer} SpotifyPlayer */
/** @typedef {{how: "started"|"stale"|"reconnect"}|{how: "retry", after_ms: number}|{how: "refused", message: string}} Outcome */

/** From the request to its sound it takes about this long, until this device knows better. */
const LATENCY_MS = 300;
const MOST_LATENCY_MS = 5_000;
/** The share of what a start or a jump missed that counts for the next one: a single one may be a bad one. */
const LEARNS = 0.5;
/** This close to the end a jump could go beyond it. */
const TAIL_MS = 2_000;
/** Refused for a reason that passes, it asks again after 1, 2, 4, 8 and 16 s. */
const RETRY_MS = 1_000;
const RETRIES = 5;
/** A device that has just come is not known everywhere at once. */
const KNOWN_AFTER_MS = [300, 700, 1_500];

/** Starts tracks on one device of Spotify: by the server where it has another track, else by a jump; and learns how early. */
export class StartCommands {
  /** The play that this device was told to sound. @type {string|null} */
  playId = null;
  #api;
  #path;
  #player;
  #tries = 0;
  /** Has it become a device anew in this track, because Spotify had lost sight of it? */
  #hasReconnected = false;
  #latency = LATENCY_MS;
  #jumpCost = 0;
  /** What the next measurement tells about. @type {"start"|"jump"|null} */
  #measures = null;

  /** @param {{api: Api, path: string, player: SpotifyPlayer}} options  path: of the request */
  constructor({ api, path, player }) {
    this.#api = api;
    this.#path = path;
    this.#player = player;
  }

  /** How long before its moment a start is requested, in ms. */
  get latency_ms() {
    return this.#latency;
  }

  /** Another track, of which nothing was refused yet. */
  renew() {
    this.#tries = 0;
    this.#hasReconnected = false;
  }

  /** Another device, which was told nothing yet. */
  renewDevice() {
    this.playId = null;
    this.#tries = 0;
  }

  /**
   * Jumps within the track that the device has.
   * @param {Playback} playback @param {{target: () => number, goesOn: () => boolean}} room  target: where it is now, in ms
   * @returns {Promise<boolean>} whether the device has the track
   */
  async jump(playback, { target, goesOn }) {
    const state = await this.#player.state();
    const track = /** @type {Track} */ (playback.track);
    if (state === null || !isOf(state, track)) return false;
    if (!goesOn()) return true;
    const position_ms = target() + this.#jumpCost;
    if (position_ms > (track.duration_ms ?? 0) - TAIL_MS) return true;
    this.#measures = "jump";
    await this.#player.seek(position_ms);
    if (state.paused) await this.#player.resume();
    return true;
  }

  /** Has the server start a play. @param {string} play_id @param {{deviceId: string, nudge_ms: number}} device @returns {Promise<Outcome>} */
  async request(play_id, { deviceId, nudge_ms }) {
    this.#measures = "start";
    try {
      await this.#api.put(this.#path, { device_id: deviceId, play_id, ahead_ms: Math.round(this.#latency + nudge_ms) });
      this.playId = play_id;
      return { how: "started" };
    } catch (error) {
      return this.#outcomeOf(/** @type {ApiError} */ (error));
    }
  }

  /** How far ahead of the room the last start or jump came out: the next one begins as much later. @param {number} ahead_ms */
  learn(ahead_ms) {
    const measures = Math.abs(ahead_ms) * LEARNS > NEAR_MS ? null : this.#measures;
    this.#measures = null;
    if (measures === "start") this.#latency = withinReason(this.#latency - ahead_ms * LEARNS);
    else if (measures === "jump") this.#jumpCost = withinReason(this.#jumpCost - ahead_ms * LEARNS);
  }

  /** @param {ApiError} error @returns {Outcome} */
  #outcomeOf({ status, code, message, retryAfter }) {
    const passes = status === 0 || status === 429 || status >= 500;
    const isUnknown = code === "spotify_no_device";
    if (isUnknown && this.#tries < KNOWN_AFTER_MS.length) return this.#retry(/** @type {number} */ (KNOWN_AFTER_MS[this.#tries]));
    if (passes && this.#tries < RETRIES) return this.#retry(Math.max((retryAfter ?? 0) * 1_000, RETRY_MS * 2 ** this.#tries));
    if (isUnknown && !this.#hasReconnected) {
      this.#hasReconnected = true;
      return { how: "reconnect" };
    }
    // Of another play the room tells by itself.
    return code === "stale_play" ? { how: "stale" } : { how: "refused", message };
  }

  /** @param {number} after_ms @returns {Outcome} */
  #retry(after_ms) {
    this.#tries += 1;
    return { how: "retry", after_ms };
  }
}

/** @param {number} ms */
function withinReason(ms) {
  return Math.max(0, Math.min(MOST_LATENCY_MS, ms));
}
