// @ts-check
import { ARRIVES_WITHIN_MS, LOOK_EVERY_MS, DriftSamples, NEAR_MS, OFF_BY_MS } from "./drift-samples.js";
import { playsSpotify, sameMoment } from "./moment.js";
import { isAtEnd, isOf } from "./state.js";

/** @typedef {import("../../net/server-clock.js").ServerClock} ServerClock */
/** @typedef {import("../../state/shapes.js").Playback} Playback */
/** @typedef {import("../../state/shapes.js").Track} Track */
/** @typedef {import("./player.js").SpotifyPlayer} SpotifyPlayer */
/** @typedef {import("./start-commands.js").StartCommands} StartCommands */
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
 * Keeps one device of Spotify where the room is, by what its player says. Events: "change"; "stopped" (its owner has
 * stopped it, or plays elsewhere); "refused" (detail {message}).
 */
export class DeviceSync extends EventTarget {
  #clock;
  #player;
  #commands;
  #isBlocked;
  #hasTrouble;
  /** What the room plays; null: nobody wants it here. @type {Playback|null} */
  #playback = null;
  /** @type {"quiet"|"starting"|"playing"} */
  #state = "quiet";
  /** A jump or a request is under way; only one is, and what holds by its end is done next. */
  #isBusy = false;
  /** Has it been requested a second time, because nothing was heard? */
  #isRequestedAgain = false;
  #nudge = 0;
  #samples = new DriftSamples();
  #lookedAt = -Infinity;
  /** How long the player took to answer. */
  #answered = 0;
  /** @type {number|null} */
  #position = null;
  /** Since when it sounds, and since when it does not though it should. @type {number|null} */
  #since = null;
  /** @type {number|null} */
  #silentSince = null;
  #arrivesBy = -Infinity;
  /** @type {{how: "seek", at: number}|null} */
  #corrected = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #nudged;
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #watch;

  /**
   * @param {{clock: ServerClock, player: SpotifyPlayer, commands: StartCommands, isBlocked: () => boolean, hasTrouble: () => boolean}} options
   * isBlocked: does a tap have to come first? hasTrouble: is it known why nothing is heard?
   */
  constructor({ clock, player, commands, isBlocked, hasTrouble }) {
    super();
    this.#clock = clock;
    this.#player = player;
    this.#commands = commands;
    this.#isBlocked = isBlocked;
    this.#hasTrouble = hasTrouble;
  }

  /** The play that the room wants here. */
  get playId() {
    return this.#playback?.play_id ?? null;
  }

  /** Is there something of Spotify to sound? */
  get isPlaying() {
    return this.#playing() !== null;
  }

  /** How far it is from the room; `error_ms`: at most about this far, null before it is known. */
  get measured() {
    const { ahead_ms, spread_ms, known } = this.#samples;
    const uncertainty_ms = this.#clock.uncertainty_ms + this.#answered / 2;
    const error = Math.abs(ahead_ms) + spread_ms + uncertainty_ms;
    const isHeard = this.#state === "playing";
    const error_ms = isHeard && known && Number.isFinite(error) ? error : null;
    return { isHeard, offset_ms: ahead_ms, jitter_ms: spread_ms, uncertainty_ms, corrected: this.#corrected, error_ms };
  }

  /** By how much it sounds earlier. A jump is heard, so it is made when the hand has come to rest. */
  set nudge_ms(/** @type {number} */ nudge) {
    if (nudge === this.#nudge) return;
    this.#nudge = nudge;
    this.#samples.forget();
    clearTimeout(this.#nudged);
    this.#nudged = setTimeout(() => this.start(), NUDGED_MS);
  }

  /** The room plays this from now on; the same again does nothing. @param {Playback} playback */
  follow(playback) {
    const before = this.#playback;
    this.#playback = playback;
    if (before && sameMoment(before, playback)) return;
    if (before?.play_id !== playback.play_id) {
      this.#samples.renew();
      this.#isRequestedAgain = false;
      this.#commands.renew();
    }
    this.#samples.forget();
    if (!before || !this.#goesOn(before)) this.begin();
  }

  /** Nobody wants it here any more. */
  leave() {
    this.#playback = null;
    this.#rest();
  }

  /** Another moment of the room, of which nothing has been heard here yet. */
  begin() {
    this.#rest();
    const playback = this.#playing();
    const starts_at_ms = this.#playback?.starts_at_ms ?? 0;
    if (playback) {
      this.#become("starting");
      this.#lookedAt = this.#clock.local();
      this.#watch = setInterval(() => this.#look(), LOOK_EVERY_MS);
      this.#after(starts_at_ms - this.#commands.latency_ms - this.#nudge, () => this.start());
    } else {
      // Until the next track begins elsewhere, what is on may play to its end.
      const next = this.#playback?.state === "playing" ? starts_at_ms : -Infinity;
      this.#after(next, () => this.#silence());
    }
  }

  /** Lets this device sound what the room plays, where the room is. */
  async start() {
    const playback = this.#playing();
    const { deviceId } = this.#player;
    if (!playback || this.#isBusy || this.#isBlocked() || deviceId === null) return;
    this.#isBusy = true;
    this.#since = this.#silentSince = this.#position = null;
    this.#samples.forget();
    this.#arrivesBy = this.#clock.local() + ARRIVES_WITHIN_MS;
    try {
      const room = { target: () => this.#target(), goesOn: () => this.#goesOn(playback) };
      if (this.#commands.playId !== playback.play_id || !(await this.#commands.jump(playback, room))) await this.#request(playback, deviceId);
    } finally {
      this.#isBusy = false;
    }
    // Meanwhile the room has gone on, or this is another device: what counts is now.
    const isOther = deviceId !== this.#player.deviceId;
    if (isOther) this.#commands.playId = null;
    if (this.#playback && (isOther || !this.#goesOn(playback))) this.begin();
  }

  /** What was measured before says nothing about what is heard from now on. */
  interrupt() {
    this.#since = this.#silentSince = null;
    this.#samples.forget();
    if (this.#state === "playing") this.#become("starting");
  }

  /** @param {PlayerState|null} state @param {number|null} [at]  when it was asked for; null: told without being asked */
  hear(state, at = null) {
    const playback = this.#playing();
    if (!playback) {
      // It was told before the room turned to something else.
      if (this.#playback && state !== null && !state.paused && this.#target() >= 0) this.#player.pause();
      return;
    }
    const isOurs = this.#commands.playId === playback.play_id && state !== null && isOf(state, /** @type {Track} */ (playback.track));
    const runs = isOurs && !state.paused && !state.loading;
    if (at === null) {
      // Positions in events have been seen in seconds, and old.
      if (runs && this.#since === null) this.#look();
    } else if (runs && state.position_ms !== this.#position) {
      this.#position = state.position_ms;
      this.#measure(state.position_ms, at);
    } else if (isOurs && !state.paused) {
      // It loads: what comes of that is a start.
      this.interrupt();
    } else if (!isOurs || !isAtEnd(state)) {
      this.#noteSilence(at);
    }
  }

  /** The player will not play what it has. @returns {Promise<boolean>} is that what the room plays? */
  async hasRoomsTrack() {
    const playback = this.#playing();
    const state = await this.#player.state();
    if (!playback || !this.#goesOn(playback) || state === null) return false;
    return isOf(state, /** @type {Track} */ (playback.track));
  }

  #rest() {
    clearTimeout(this.#timer);
    clearTimeout(this.#nudged);
    clearInterval(this.#watch);
    this.#since = this.#silentSince = this.#position = null;
    this.#samples.forget();
    this.#become("quiet");
  }

  /** @param {number} server_ms @param {() => void} then */
  #after(server_ms, then) {
    clearTimeout(this.#timer);
    const wait = server_ms - this.#clock.now();
    if (wait > 0) this.#timer = setTimeout(then, wait);
    else then();
  }

  async #silence() {
    const state = await this.#player.state();
    if (state && !state.paused && !this.#playing()) this.#player.pause();
  }

  /** @param {Playback} playback @param {string} deviceId */
  async #request({ play_id }, deviceId) {
    const outcome = await this.#commands.request(play_id, { deviceId, nudge_ms: this.#nudge });
    if (outcome.how === "started") this.#silentSince = null;
    else if (outcome.how === "retry") this.#after(this.#clock.now() + outcome.after_ms, () => this.start());
    else if (outcome.how === "reconnect") this.#player.reconnect();
    else if (outcome.how === "refused") {
      this.dispatchEvent(new CustomEvent("refused", { detail: { message: outcome.message } }));
      this.#player.pause();
    }
  }

  async #look() {
    const playback = this.#playing();
    const asked = this.#clock.local();
    const hasSlept = asked - this.#lookedAt > SLEPT_MS;
    this.#lookedAt = asked;
    if (!playback || this.#target() < 0) return;
    if (hasSlept) this.interrupt();
    const state = await this.#player.state();
    if (!this.#goesOn(playback) || this.#isBusy) return;
    const arrived = this.#clock.local();
    this.#answered = arrived - asked;
    this.hear(state, (asked + arrived) / 2);
  }

  /** @param {number} position_ms @param {number} at */
  #measure(position_ms, at) {
    const ahead_ms = position_ms - this.#target() + this.#clock.local() - at;
    // After a jump it may be that of before.
    if (this.#since === null && Math.abs(ahead_ms) > NEAR_MS && at < this.#arrivesBy) return;
    this.#since ??= at;
    this.#silentSince = null;
    this.#become("playing");
    this.#samples.add(ahead_ms, at - this.#since);
    if (!this.#samples.known) return;
    this.#commands.learn(this.#samples.ahead_ms);
    if (this.#samples.mend(this.#clock.local())) {
      this.#corrected = { how: "seek", at: this.#clock.now() };
      this.start();
    }
  }

  /** What somebody has stopped goes on by their tap alone; what was never heard is asked for once more. @param {number} at */
  #noteSilence(at) {
    const isTold = this.#commands.playId === this.#playback?.play_id;
    if (this.#isBusy || this.#isBlocked() || this.#hasTrouble() || !isTold) return;
    this.#silentSince ??= at;
    const silent = at - this.#silentSince;
    if (this.#since !== null) {
      if (silent >= STOPPED_MS) this.#tellStopped();
    } else if (silent >= HEARD_WITHIN_MS) {
      if (this.#isRequestedAgain) this.#tellStopped();
      this.#isRequestedAgain = true;
      this.#commands.playId = null;
      this.start();
    }
  }

  #tellStopped() {
    this.#since = null;
    this.dispatchEvent(new Event("stopped"));
  }

  /** @param {"quiet"|"starting"|"playing"} state */
  #become(state) {
    if (this.#state === state) return;
    this.#state = state;
    this.dispatchEvent(new Event("change"));
  }

  /** @returns {Playback|null} the playback, if there is something of Spotify to sound */
  #playing() {
    return playsSpotify(this.#playback);
  }

  /**
   * Does the room still play that, about there? Its clock is put right by what sounds for it: that is no jump.
   * @param {Playback} before
   */
  #goesOn(before) {
    const now = this.#playing();
    if (now === null || playsSpotify(before)?.play_id !== now.play_id) return false;
    return Math.abs((before.starts_at_ms ?? 0) - (now.starts_at_ms ?? 0)) <= OFF_BY_MS;
  }

  /** Where in the track this device has to be now. */
  #target() {
    return this.#clock.now() - (this.#playback?.starts_at_ms ?? 0) + this.#nudge;
  }
}
