// @ts-check
import { LOOK_EVERY_MS, DriftSamples, NEAR_MS, OFF_BY_MS } from "./drift-samples.js";
import { SPOTIFY } from "../../state/spotify/spotify-source.js";
import { isOf } from "./state.js";

/** @typedef {import("../../net/api.js").Api} Api */
/** @typedef {import("../../net/server-clock.js").ServerClock} ServerClock */
/** @typedef {import("../../state/shapes.js").Playback} Playback */
/** @typedef {import("./player.js").SpotifyPlayer} SpotifyPlayer */
/** @typedef {import("./state.js").PlayerState} PlayerState */
/** @typedef {{kind: import("./player.js").Trouble|"refused", message: string}} Trouble  message: of the server, if refused */

/**
 * Spotify's player of this page as an engine. The player is a device of the account while somebody wants its sound, and is
 * asked twice a second where it is. Two engines extend this: that of the room and that of a listener. They differ in who
 * starts the device, in who gives way to its drift, and in what follows from silence. Events: one for each state, "blocked",
 * "trouble".
 */
export class SpotifyEngine extends EventTarget {
  /** @protected */
  clock;
  /** @protected */
  player;
  /** What the room plays; null: nobody wants it here. @type {Playback|null} @protected */
  playback = null;
  /** @protected */
  samples = new DriftSamples();
  /** Who wants a tap first. @type {"browser"|"owner"|null} @protected */
  blockedBy = null;
  /** When the sound of this moment of the play began. @type {number|null} @protected */
  soundsSince = null;
  /** Since when nothing sounds though it should. @type {number|null} @protected */
  silentSince = null;
  /** Until when a position far from the room's may be that of before a jump. @protected */
  arrivesBy = -Infinity;
  /** The last true position, and when that was. @type {{position_ms: number, at: number}|null} @protected */
  lastHeard = null;
  /** How long the player took to answer. @protected */
  answered_ms = 0;
  #api;
  #path;
  /** @type {Trouble|null} */
  #trouble = null;
  /** @type {"quiet"|"playing"|"stalled"|"ended"|"error"} */
  #state = "quiet";
  /** What the player said last, as long as it plays. @type {number|null} */
  #position = null;
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #watch;

  /** @param {{clock: ServerClock, player: SpotifyPlayer, api: Api, path: string}} options  path: of the engine's calls at the server */
  constructor({ clock, player, api, path }) {
    super();
    this.clock = clock;
    this.player = player;
    this.#api = api;
    this.#path = path;
    player.addEventListener("ready", () => this.handleReady());
    player.addEventListener("state", (event) => this.handleState(/** @type {CustomEvent} */ (event).detail.state));
    player.addEventListener("refused", () => this.#checkRefusedTrack());
    player.addEventListener("blocked", () => this.block("browser"));
    player.addEventListener("trouble", (event) => this.#reportTrouble(/** @type {CustomEvent} */ (event).detail.kind));
  }

  get state() {
    return this.#state;
  }

  /** Does it take a tap to hear what the room plays of Spotify now? */
  get blocked() {
    return this.blockedBy !== null && this.spotifyPlayback() !== null;
  }

  /** Why this page cannot sound, where only a person can help. */
  get trouble() {
    return this.#trouble;
  }

  /** Where in the track it is, as far as anybody knows. */
  get position_ms() {
    if (!this.lastHeard) return 0;
    const passed = this.#state === "playing" ? this.clock.local() - this.lastHeard.at : 0;
    return Math.max(0, Math.round(this.lastHeard.position_ms + passed));
  }

  set volume(/** @type {number} */ volume) {
    this.player.volume = volume;
  }

  /** A track of Spotify can come to sound here: the player is loaded, and there when it does. */
  need() {
    this.player.prepare();
  }

  /** The room plays this from now on; the same again does nothing. @param {Playback} playback */
  follow(playback) {
    const before = this.playback;
    this.playback = playback;
    this.player.connect();
    if (before && isUnchanged(before, playback)) return;
    if (before?.play_id !== playback.play_id) this.resetPlay();
    this.samples.forget();
    if (!before || !this.isThere(before)) this.beginMoment();
  }

  /** Silent, and no device any more. */
  leave() {
    if (this.playback === null) return;
    this.playback = this.blockedBy = this.#trouble = null;
    this.beginMoment();
    this.player.disconnect();
  }

  /** Call inside a tap: afterwards this page may sound. */
  unlock() {
    this.player.activate();
    if (this.blockedBy === null) return;
    this.blockedBy = null;
    this.resumeBlocked();
  }

  /** What was blocked sounds again: meanwhile the room has gone on. @protected */
  resumeBlocked() {}

  /** Another play, of which nothing is known yet. @protected */
  resetPlay() {
    this.samples.renew();
    this.setState("quiet");
  }

  /** It is a device now, perhaps another one than before. @protected */
  handleReady() {
    if (this.#trouble) this.setTrouble(null);
  }

  /** Another moment of the room, of which nothing has been heard yet. @protected */
  beginMoment() {
    clearInterval(this.#watch);
    this.silentSince = this.lastHeard = this.#position = null;
    this.forgetSound();
    this.setState("quiet");
    if (this.spotifyPlayback()) this.#watch = setInterval(() => this.checkPlayer(), LOOK_EVERY_MS);
  }

  /** How it went before says nothing about how it goes from now on. @protected */
  forgetSound() {
    this.soundsSince = null;
    this.samples.forget();
  }

  /** Events tell when something changes; what is true is asked. @protected */
  async checkPlayer() {
    const playback = this.spotifyPlayback();
    if (!playback || this.target_ms < 0) return;
    const asked = this.clock.local();
    const state = await this.player.state();
    if (!this.isStillPlaying(playback)) return;
    const arrived = this.clock.local();
    this.answered_ms = arrived - asked;
    this.handleState(state, (asked + arrived) / 2);
  }

  /** @param {PlayerState|null} state @param {number|null} [at]  when it was asked for; null: told without being asked @protected */
  handleState(state, at = null) {
    if (!this.spotifyPlayback()) return;
    const isOurs = this.isOurs(state);
    const runs = isOurs && !state.paused && !state.loading;
    if (at === null) {
      // Positions in events have been seen in seconds, and old.
      if (runs && this.soundsSince === null) this.checkPlayer();
    } else if (runs && state.position_ms !== this.#position) {
      this.#noteSound(state.position_ms, at);
    } else {
      this.noteSilence(at, isOurs ? state : null, { isElsewhere: state === null });
    }
  }

  /** @param {number} position_ms @param {number} at */
  #noteSound(position_ms, at) {
    this.#position = position_ms;
    const ahead_ms = position_ms - this.target_ms + this.clock.local() - at;
    // After a jump it may be that of before.
    if (this.soundsSince === null && Math.abs(ahead_ms) >= NEAR_MS && this.clock.local() <= this.arrivesBy) return;
    this.lastHeard = { position_ms, at };
    this.soundsSince ??= at;
    this.silentSince = null;
    this.setState("playing");
    this.samples.add(ahead_ms, at - this.soundsSince);
    if (this.samples.known) this.correctDrift();
  }

  /** The last looks agree how far it is off. @protected */
  correctDrift() {}

  /**
   * A look has found nothing that sounds.
   * @param {number} _at @param {PlayerState|null} _state  of the room's track; null: it has none, or another one
   * @param {{isElsewhere: boolean}} _device  isElsewhere: another device plays with this account, or none
   * @protected
   */
  noteSilence(_at, _state, _device) {}

  /** It says so of what it has: which may be the track before, or none of ours. */
  async #checkRefusedTrack() {
    const playback = this.spotifyPlayback();
    const state = await this.player.state();
    if (playback && this.isStillPlaying(playback) && this.isOurs(state)) this.handleTrackRefused(state);
  }

  /** The player will not play what the room plays: perhaps it is not there in this country. @param {PlayerState} _state @protected */
  handleTrackRefused(_state) {}

  /** @param {"browser"|"owner"} by @protected */
  block(by) {
    if (this.blockedBy || !this.spotifyPlayback()) return;
    this.blockedBy = by;
    this.dispatchEvent(new Event("blocked"));
  }

  /** @param {import("./player.js").Trouble} kind */
  async #reportTrouble(kind) {
    this.setTrouble({ kind, message: "" });
    // The server has found that out.
    if (kind === "lost") return;
    try {
      await this.#api.put(`${this.#path}/trouble`, { kind });
    } catch {
      // It is told again with the next try.
    }
  }

  /** @param {Trouble|null} trouble @protected */
  setTrouble(trouble) {
    this.#trouble = trouble;
    this.dispatchEvent(new Event("trouble"));
  }

  /** @param {"quiet"|"playing"|"stalled"|"ended"|"error"} state @protected */
  setState(state) {
    if (this.#state === state) return;
    // Until here it has moved with the time; what stalls stands where it was heard last.
    if (this.lastHeard && state !== "stalled") this.lastHeard = { position_ms: this.position_ms, at: this.clock.local() };
    this.#state = state;
    this.dispatchEvent(new Event(state));
  }

  /** @returns {Playback|null} the playback, while it plays a track of Spotify @protected */
  spotifyPlayback() {
    return playsSpotify(this.playback);
  }

  /**
   * Does the player have the track that the room plays?
   * @param {PlayerState|null} state @returns {state is PlayerState} @protected
   */
  isOurs(state) {
    const track = this.spotifyPlayback()?.track ?? null;
    return state !== null && track !== null && isOf(state, track);
  }

  /** Where in the track this device has to be now, in ms. @protected */
  get target_ms() {
    return this.clock.now() - (this.playback?.starts_at_ms ?? 0);
  }

  /** Has the room turned to where this device is already? @param {Playback} before @protected */
  isThere(before) {
    return this.isStillPlaying(before);
  }

  /**
   * Does the room still play that, about there? Its clock is put right by what sounds for it: that is no jump.
   * @param {Playback} before @protected
   */
  isStillPlaying(before) {
    const now = this.spotifyPlayback();
    if (now === null || playsSpotify(before)?.play_id !== now.play_id) return false;
    return Math.abs((before.starts_at_ms ?? 0) - (now.starts_at_ms ?? 0)) <= OFF_BY_MS;
  }
}

/** @param {Playback|null} playback @returns {Playback|null} */
function playsSpotify(playback) {
  return playback?.state === "playing" && playback.track?.source === SPOTIFY ? playback : null;
}

/** @param {Playback} one @param {Playback} other */
function isUnchanged(one, other) {
  return (
    one.play_id === other.play_id &&
    one.state === other.state &&
    one.starts_at_ms === other.starts_at_ms &&
    one.position_ms === other.position_ms
  );
}
