// @ts-check
import { api as defaultApi } from "../../net/api.js";
import { ARRIVES_WITHIN_MS } from "./drift-samples.js";
import { SpotifyEngine } from "./spotify-engine.js";
import { StartCommands } from "./start-commands.js";
import { isAtEnd } from "./state.js";
import { say } from "../../words/spotify/say.js";

/** @typedef {import("../../net/api.js").Api} Api */
/** @typedef {import("../../net/server-clock.js").ServerClock} ServerClock */
/** @typedef {import("../../state/shapes.js").Playback} Playback */
/** @typedef {import("../engine.js").ListenerEngine} ListenerEngine */
/** @typedef {import("./player.js").SpotifyPlayer} SpotifyPlayer */
/** @typedef {import("./state.js").PlayerState} PlayerState */

/** What was to play and is not heard within this is asked for once more. */
const HEARD_WITHIN_MS = 5_000;
/** Somebody has stopped what was heard: not a breath between two looks. */
const STOPPED_MS = 1_000;
/** A nudge waits for the next tap. */
const NUDGED_MS = 1_000;
/** A page that was not run for 5 s has slept. */
const SLEPT_MS = 5_000;

/**
 * A listener's own Spotify: this page starts the device, the device gives way to the room's clock, and nobody but its owner
 * hears what stands in the way. Only a track that the device does not have yet takes a call; pausing, going on and moving
 * are the player's own. How well it keeps its position is what the player says, which nobody can measure by ear.
 * @implements {ListenerEngine}
 */
export class SpotifyListenerEngine extends SpotifyEngine {
  #commands;
  #nudge = 0;
  /** A jump or a request is under way; only one is, and what holds by its end is done next. */
  #isBusy = false;
  /** Has it been requested a second time, because nothing was heard? */
  #isRequestedAgain = false;
  #lookedAt = -Infinity;
  /** @type {{how: "seek", at: number}|null} */
  #corrected = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #nudged;

  /** @param {{code: string, clock: ServerClock, player: SpotifyPlayer, api?: Api}} options  player: the one of this page */
  constructor({ code, clock, player, api = defaultApi }) {
    const path = `/api/rooms/${code}/spotify/along`;
    super({ clock, player, api, path });
    this.#commands = new StartCommands({ api, path, player });
    player.addEventListener("gone", () => this.#gone());
    player.addEventListener("denied", (event) => this.#denied(/** @type {CustomEvent} */ (event).detail.message));
  }

  /**
   * How far it is from the room, by what the player says; `error_ms`: at most about this far, null before it is known.
   * @returns {import("../sync-controller.js").DeviceSyncFacts}
   */
  get sync() {
    const { ahead_ms, spread_ms, known } = this.samples;
    const uncertainty_ms = this.clock.uncertainty_ms + this.answered_ms / 2;
    const error = Math.abs(ahead_ms) + spread_ms + uncertainty_ms;
    const isHeard = this.state === "playing";
    const error_ms = isHeard && known && Number.isFinite(error) ? error : null;
    const heard = isHeard ? "estimated" : "catching_up";
    const state = this.blocked ? "blocked" : this.trouble ? "quiet" : heard;
    return { state, mode: "pocket", offset_ms: ahead_ms, jitter_ms: spread_ms, uncertainty_ms, corrected: this.#corrected, error_ms };
  }

  /** By how much it sounds earlier. A jump is heard, so it is made when the hand has come to rest. */
  set nudge_ms(/** @type {number} */ nudge) {
    if (nudge === this.#nudge) return;
    this.#nudge = nudge;
    this.samples.forget();
    clearTimeout(this.#nudged);
    this.#nudged = setTimeout(() => this.#start(), NUDGED_MS);
  }

  /** Goes to where the room is, however near it may be already. */
  resync() {
    this.#start();
  }

  leave() {
    if (this.playback === null) return;
    this.#commands.playId = null;
    this.player.pause();
    super.leave();
  }

  /** Another device may have it by now. @protected */
  resumeBlocked() {
    this.#commands.playId = null;
    this.beginMoment();
  }

  /** An owner who stopped it, or took the account elsewhere, wants a tap whatever comes next. @protected */
  resetPlay() {
    super.resetPlay();
    if (this.blockedBy === "browser") this.blockedBy = null;
    if (this.trouble?.kind === "refused") this.setTrouble(null);
    this.#isRequestedAgain = false;
    this.#commands.renew();
  }

  /** @protected */
  handleReady() {
    super.handleReady();
    this.#commands.renewDevice();
    if (this.playback !== null) this.beginMoment();
  }

  /** @protected */
  beginMoment() {
    super.beginMoment();
    clearTimeout(this.#timer);
    clearTimeout(this.#nudged);
    this.#lookedAt = this.clock.local();
    if (!this.playback) return;
    const { starts_at_ms, state } = this.playback;
    if (this.spotifyPlayback()) this.#after((starts_at_ms ?? 0) - this.#commands.latency_ms - this.#nudge, () => this.#start());
    // Until the next track begins elsewhere, what is on may play to its end.
    else this.#after(state === "playing" ? starts_at_ms ?? 0 : -Infinity, () => this.#silence());
  }

  /** @protected */
  async checkPlayer() {
    const now = this.clock.local();
    if (now - this.#lookedAt > SLEPT_MS) this.#interrupt();
    this.#lookedAt = now;
    await super.checkPlayer();
  }

  /** @param {PlayerState|null} state @param {number|null} [at] @protected */
  handleState(state, at = null) {
    // It was told before the room turned to something else.
    if (this.playback && !this.spotifyPlayback() && state !== null && !state.paused && this.target_ms >= 0) this.player.pause();
    else if (this.#isTold && (at === null || !this.#isBusy)) super.handleState(state, at);
  }

  /** Where the device is wrong, it jumps to where the room is. @protected */
  correctDrift() {
    this.#commands.learn(this.samples.ahead_ms);
    if (!this.samples.mend(this.clock.local())) return;
    this.#corrected = { how: "seek", at: this.clock.now() };
    this.#start();
  }

  /** What somebody has stopped goes on by their tap alone; what was never heard is asked for once more. @param {number} at @param {PlayerState|null} state @protected */
  noteSilence(at, state) {
    // It loads: what comes of that is a start.
    if (state !== null && !state.paused) this.#interrupt();
    if (state !== null && (!state.paused || isAtEnd(state))) return;
    if (this.blockedBy !== null || this.trouble !== null) return;
    this.silentSince ??= at;
    const silent = at - this.silentSince;
    if (silent >= (this.soundsSince === null ? HEARD_WITHIN_MS : STOPPED_MS)) this.#endSilence();
  }

  /** @protected */
  handleTrackRefused() {
    this.#refuse(say("listen.not_to_you"));
  }

  /** @param {"browser"|"owner"} by @protected */
  block(by) {
    this.#interrupt();
    super.block(by);
  }

  /** @protected */
  get target_ms() {
    return super.target_ms + this.#nudge;
  }

  /** Was the device told to sound what the room plays? */
  get #isTold() {
    return this.#commands.playId !== null && this.#commands.playId === this.spotifyPlayback()?.play_id;
  }

  /** Has this device sound what the room plays, where the room is. */
  async #start() {
    const playback = this.spotifyPlayback();
    const { deviceId } = this.player;
    if (!playback || this.#isBusy || this.blockedBy !== null || deviceId === null) return;
    this.#isBusy = true;
    this.silentSince = null;
    this.forgetSound();
    this.arrivesBy = this.clock.local() + ARRIVES_WITHIN_MS;
    try {
      const room = { target: () => this.target_ms, goesOn: () => this.isStillPlaying(playback) };
      if (!this.#isTold || !(await this.#commands.jump(playback, room))) await this.#request(playback, deviceId);
    } finally {
      this.#isBusy = false;
    }
    // Meanwhile the room has gone on, or this is another device: what counts is now.
    const isOther = deviceId !== this.player.deviceId;
    if (isOther) this.#commands.playId = null;
    if (this.playback && (isOther || !this.isStillPlaying(playback))) this.beginMoment();
  }

  /** @param {Playback} playback @param {string} deviceId */
  async #request({ play_id }, deviceId) {
    const outcome = await this.#commands.request(play_id, { deviceId, nudge_ms: this.#nudge });
    if (outcome.how === "started") this.silentSince = null;
    else if (outcome.how === "retry") this.#after(this.clock.now() + outcome.after_ms, () => this.#start());
    else if (outcome.how === "reconnect") this.player.reconnect();
    else if (outcome.how === "refused") {
      this.#refuse(outcome.message);
      this.player.pause();
    }
  }

  #endSilence() {
    const wasHeard = this.soundsSince !== null;
    if (wasHeard || this.#isRequestedAgain) this.block("owner");
    if (wasHeard) return;
    this.#isRequestedAgain = true;
    this.#commands.playId = null;
    this.#start();
  }

  /** What was measured before says nothing about what is heard from now on. */
  #interrupt() {
    this.silentSince = null;
    this.forgetSound();
    this.setState("quiet");
  }

  #gone() {
    this.#commands.playId = null;
    this.#interrupt();
  }

  /** @param {number} server_ms @param {() => void} then */
  #after(server_ms, then) {
    clearTimeout(this.#timer);
    const wait = server_ms - this.clock.now();
    if (wait > 0) this.#timer = setTimeout(then, wait);
    else then();
  }

  async #silence() {
    const state = await this.player.state();
    if (state && !state.paused && !this.spotifyPlayback()) this.player.pause();
  }

  /** The server gives no token: it says why. @param {string} message */
  #denied(message) {
    if (this.playback !== null) this.#refuse(message);
  }

  /** @param {string} message */
  #refuse(message) {
    this.setTrouble({ kind: "refused", message });
  }
}
