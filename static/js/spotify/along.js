// @ts-check
import { api as defaultApi } from "../api.js";
import { ARRIVES_WITHIN_MS, LOOK_EVERY_MS, Looks, NEAR_MS, OFF_BY_MS } from "./looks.js";
import { playsSpotify, sameMoment } from "./moment.js";
import { isAtEnd, isOf } from "./state.js";

/** @typedef {import("../api.js").Api} Api */
/** @typedef {import("../api.js").ApiError} ApiError */
/** @typedef {import("../clock.js").ServerClock} ServerClock */
/** @typedef {import("../shapes.js").Playback} Playback */
/** @typedef {import("../shapes.js").Track} Track */
/** @typedef {import("./player.js").SpotifyPlayer} SpotifyPlayer */
/** @typedef {import("./state.js").PlayerState} PlayerState */
/** @typedef {{kind: import("./player.js").Trouble|"refused", message: string}} Trouble  message: of the server, if refused */

/** From being told to play to its sound it takes about so long, until this device knows better. */
const LATENCY_MS = 300;
const MOST_LATENCY_MS = 5_000;
/** So much of what a start or a jump missed counts for the next one: a single one may be a bad one. */
const LEARNS = 0.5;
/** What was to play and is not heard within this is asked for once more. */
const HEARD_WITHIN_MS = 5_000;
/** Somebody has stopped what was heard: not a breath between two looks. */
const STOPPED_MS = 1_000;
/** This close to the end a jump could go beyond it. */
const TAIL_MS = 2_000;
/** A page that was not run for so long has slept. */
const SLEPT_MS = 5_000;
/** Refused for a reason that passes, it asks again, later and later, so often in a track. */
const AGAIN_MS = 1_000;
const TRIES = 5;
/** A device that has just come is not known everywhere at once. */
const KNOWN_AFTER_MS = [300, 700, 1_500];
/** A nudge waits for the next tap. */
const NUDGED_MS = 1_000;

/**
 * A listener's own Spotify in this page: it follows the room, and tells nobody but its owner what stands in the way.
 * Only a track that it has not yet takes a call; pausing, going on and moving are the player's own. How well it keeps
 * the place is what the player says, which nobody can measure by ear. Event: "change" (any property).
 */
export class SpotifyAlong extends EventTarget {
  #path;
  #clock;
  #player;
  #api;
  #wanted = false;
  /** @type {Playback|null} */
  #playback = null;
  /** @type {"quiet"|"starting"|"playing"} */
  #state = "quiet";
  /**
   * Who wants a tap first. An owner who stopped it, or took the account elsewhere, wants that whatever comes next.
   * @type {"browser"|"owner"|null}
   */
  #blocked = null;
  /** Something of Spotify may have to sound here: until then nothing of it is loaded. */
  #needed = false;
  /** @type {Trouble|null} */
  #trouble = null;
  /** The play that this device was told to sound. @type {string|null} */
  #told = null;
  /** A call or a command is under way; only one is, and what holds by its end is done next. */
  #busy = false;
  /** Has it been told a second time, because nothing was heard? */
  #toldAgain = false;
  /** Has it become a device anew in this track, because Spotify had lost sight of it? */
  #renewed = false;
  #tries = 0;
  #nudge = 0;
  #latency = LATENCY_MS;
  #cost = 0;
  /** What the next measure tells about. @type {"start"|"jump"|null} */
  #learns = null;
  #looks = new Looks();
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
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #watch;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #nudged;

  /** @param {{code: string, clock: ServerClock, player: SpotifyPlayer, api?: Api}} options  player: the one of this page */
  constructor({ code, clock, player, api = defaultApi }) {
    super();
    this.#path = `/api/rooms/${code}/spotify/along`;
    this.#clock = clock;
    this.#player = player;
    this.#api = api;
    player.addEventListener("ready", () => this.#ready());
    player.addEventListener("gone", () => this.#gone());
    player.addEventListener("state", (event) => this.#hear(/** @type {CustomEvent} */ (event).detail.state));
    player.addEventListener("refused", () => this.#refused());
    player.addEventListener("blocked", () => this.#block("browser"));
    player.addEventListener("denied", (event) => this.#denied(/** @type {CustomEvent} */ (event).detail.message));
    player.addEventListener("trouble", (event) => this.#cannot(/** @type {CustomEvent} */ (event).detail.kind));
  }

  /** There is something of Spotify to hear in this room: what plays it is loaded, so that it is there when the tap comes. */
  need() {
    if (this.#needed) return;
    this.#needed = true;
    this.#player.prepare();
    if (this.#wanted) this.#player.connect();
  }

  /** Does it take a tap to hear what the room plays of Spotify now? */
  get blocked() {
    return this.#blocked !== null && this.#playing() !== null;
  }

  /** Why nothing is heard, where only its owner can help. */
  get trouble() {
    return this.#trouble;
  }

  /**
   * How far it is from the room, by what the player says; `error_ms`: at most about so far, null before it is known.
   * @returns {import("../views/badge.js").Sync}
   */
  get sync() {
    const { ahead_ms, spread_ms, known } = this.#looks;
    const uncertainty_ms = this.#clock.uncertainty_ms + this.#answered / 2;
    const error = Math.abs(ahead_ms) + spread_ms + uncertainty_ms;
    const heard = this.#state === "playing";
    return {
      state: this.blocked ? "blocked" : this.#trouble ? "quiet" : heard ? "estimated" : "catching_up",
      mode: "pocket",
      offset_ms: ahead_ms,
      jitter_ms: spread_ms,
      uncertainty_ms,
      corrected: this.#corrected,
      error_ms: heard && known && Number.isFinite(error) ? error : null,
    };
  }

  set volume(/** @type {number} */ volume) {
    this.#player.volume = volume;
  }

  /** By how much it sounds earlier. A jump is heard, so it is made when the hand has come to rest. */
  set nudge_ms(/** @type {number} */ nudge) {
    if (nudge === this.#nudge) return;
    this.#nudge = nudge;
    this.#looks.forget();
    clearTimeout(this.#nudged);
    this.#nudged = setTimeout(() => this.resync(), NUDGED_MS);
  }

  /** Goes to where the room is, however near it may be already. */
  resync() {
    if (!this.#blocked) this.#sound();
  }

  /** The room plays this from now on; the same again does nothing. @param {Playback} playback */
  follow(playback) {
    const before = this.#playback;
    this.#wanted = true;
    this.#playback = playback;
    if (this.#needed) this.#player.connect();
    if (!before || !sameMoment(before, playback)) this.#turn(before);
  }

  /** Silent, and no device any more. */
  leave() {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#playback = this.#told = this.#trouble = this.#blocked = null;
    this.#rest();
    this.#player.pause();
    this.#player.disconnect();
  }

  /** Call inside a tap: afterwards this page may sound. */
  unlock() {
    this.#player.activate();
    if (!this.#blocked) return;
    this.#blocked = null;
    // Another device may have it by now.
    this.#told = null;
    this.#begin();
  }

  // --- Following the room ---------------------------------------------------------------------------

  /** @param {Playback|null} before */
  #turn(before) {
    if (before?.play_id !== this.#playback?.play_id) {
      this.#looks.renew();
      this.#toldAgain = this.#renewed = false;
      if (this.#blocked === "browser") this.#blocked = null;
      this.#tries = 0;
      if (this.#trouble?.kind === "refused") this.#trouble = null;
    }
    this.#looks.forget();
    if (!before || !this.#goesOn(before)) this.#begin();
  }

  /** Another moment of the room, of which nothing has been heard here yet. */
  #begin() {
    this.#rest();
    const playback = this.#playing();
    const starts_at_ms = this.#playback?.starts_at_ms ?? 0;
    if (playback) {
      this.#become("starting");
      this.#lookedAt = this.#clock.local();
      this.#watch = setInterval(() => this.#look(), LOOK_EVERY_MS);
      this.#after(starts_at_ms - this.#latency - this.#nudge, () => this.#sound());
    } else {
      // Until the next track begins elsewhere, what is on may play to its end.
      const next = this.#playback?.state === "playing" ? starts_at_ms : -Infinity;
      this.#after(next, () => this.#silence());
    }
  }

  #rest() {
    clearTimeout(this.#timer);
    clearTimeout(this.#nudged);
    clearInterval(this.#watch);
    this.#since = this.#silentSince = this.#position = null;
    this.#looks.forget();
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

  /** Lets this device sound what the room plays, where the room is. */
  async #sound() {
    const playback = this.#playing();
    const { deviceId } = this.#player;
    if (!playback || this.#busy || this.#blocked || deviceId === null) return;
    this.#busy = true;
    this.#since = this.#silentSince = null;
    this.#looks.forget();
    try {
      if (this.#told !== playback.play_id || !(await this.#jump(playback))) await this.#tell(playback, deviceId);
    } finally {
      this.#busy = false;
    }
    // Meanwhile the room has gone on, or this is another device: what counts is now.
    const other = deviceId !== this.#player.deviceId;
    if (other) this.#told = null;
    if (this.#wanted && (other || !this.#goesOn(playback))) this.#begin();
  }

  /** Within the track that it has. @param {Playback} playback @returns {Promise<boolean>} whether it has it */
  async #jump(playback) {
    const state = await this.#player.state();
    const track = /** @type {Track} */ (playback.track);
    if (state === null || !isOf(state, track)) return false;
    if (!this.#goesOn(playback)) return true;
    const position_ms = this.#target() + this.#cost;
    if (position_ms > track.duration_ms - TAIL_MS) return true;
    this.#expect("jump");
    await this.#player.seek(position_ms);
    if (state.paused) await this.#player.resume();
    return true;
  }

  /** @param {Playback} playback @param {string} deviceId */
  async #tell({ play_id }, deviceId) {
    const ahead_ms = Math.round(this.#latency + this.#nudge);
    this.#expect("start");
    try {
      await this.#api.put(this.#path, { device_id: deviceId, play_id, ahead_ms });
      this.#told = play_id;
      this.#silentSince = null;
    } catch (error) {
      this.#refuse(/** @type {ApiError} */ (error));
    }
  }

  /** @param {"start"|"jump"} learns */
  #expect(learns) {
    this.#learns = learns;
    this.#arrivesBy = this.#clock.local() + ARRIVES_WITHIN_MS;
    this.#position = null;
  }

  /** @param {ApiError} error */
  #refuse({ status, code, message, retryAfter }) {
    const passes = status === 0 || status === 429 || status >= 500;
    const unknown = code === "spotify_no_device";
    if (unknown && this.#tries < KNOWN_AFTER_MS.length) {
      this.#again(/** @type {number} */ (KNOWN_AFTER_MS[this.#tries]));
    } else if (passes && this.#tries < TRIES) {
      this.#again(Math.max((retryAfter ?? 0) * 1_000, AGAIN_MS * 2 ** this.#tries));
    } else if (unknown && !this.#renewed) {
      this.#renewed = true;
      this.#player.reconnect();
    } else if (code !== "stale_play") {
      // Of another play the room tells by itself.
      this.#fail({ kind: "refused", message });
      this.#player.pause();
    }
  }

  /** @param {number} ms */
  #again(ms) {
    this.#tries += 1;
    this.#after(this.#clock.now() + ms, () => this.#sound());
  }

  // --- Being a device -------------------------------------------------------------------------------

  /** It is a device now, perhaps another one than before. */
  #ready() {
    this.#told = this.#trouble = null;
    this.#tries = 0;
    if (this.#wanted) this.#begin();
  }

  #gone() {
    this.#told = null;
    this.#since = null;
    if (this.#playing()) this.#become("starting");
  }

  /** @param {import("./player.js").Trouble} kind */
  async #cannot(kind) {
    this.#fail({ kind, message: "" });
    if (kind === "lost") return; // the server has found that out
    try {
      await this.#api.put(`${this.#path}/trouble`, { kind });
    } catch {
      // It is told again with the next try.
    }
  }

  /** The server gives no token: it says why. @param {string} message */
  #denied(message) {
    if (this.#wanted) this.#fail({ kind: "refused", message });
  }

  /** @param {Trouble} trouble */
  #fail(trouble) {
    this.#trouble = trouble;
    this.#changed();
  }

  // --- Hearing it -----------------------------------------------------------------------------------

  async #look() {
    const playback = this.#playing();
    const asked = this.#clock.local();
    const slept = asked - this.#lookedAt > SLEPT_MS;
    this.#lookedAt = asked;
    if (!playback || this.#target() < 0) return;
    // What was measured before says nothing, nor how long it has sounded.
    if (slept) this.#lose();
    const state = await this.#player.state();
    if (!this.#goesOn(playback) || this.#busy) return;
    const arrived = this.#clock.local();
    this.#answered = arrived - asked;
    this.#hear(state, (asked + arrived) / 2);
  }

  /** @param {PlayerState|null} state @param {number|null} [at]  when it was asked for; null: told without being asked */
  #hear(state, at = null) {
    const playback = this.#playing();
    if (!playback) {
      // It was told before the room turned to something else.
      if (this.#wanted && state !== null && !state.paused && this.#target() >= 0) this.#player.pause();
      return;
    }
    const ours = this.#told === playback.play_id && state !== null && isOf(state, /** @type {Track} */ (playback.track));
    const runs = ours && !state.paused && !state.loading;
    if (at === null) {
      // Positions in events have been seen in seconds, and old.
      if (runs && this.#since === null) this.#look();
    } else if (runs && state.position_ms !== this.#position) {
      this.#position = state.position_ms;
      this.#sounds(state.position_ms, at);
    } else if (ours && !state.paused) {
      // It loads: what comes of that is a start.
      this.#lose();
    } else if (!ours || !isAtEnd(state)) {
      this.#isSilent(at);
    }
  }

  /** @param {number} position_ms @param {number} at */
  #sounds(position_ms, at) {
    const ahead_ms = position_ms - this.#target() + this.#clock.local() - at;
    // After a jump it may be that of before.
    if (this.#since === null && Math.abs(ahead_ms) > NEAR_MS && at < this.#arrivesBy) return;
    this.#since ??= at;
    this.#silentSince = null;
    this.#become("playing");
    this.#looks.add(ahead_ms, at - this.#since);
    if (!this.#looks.known) return;
    this.#learn();
    if (this.#looks.mend(this.#clock.local())) {
      this.#corrected = { how: "seek", at: this.#clock.now() };
      this.#sound();
    }
  }

  /** How long a start takes here, and what a jump costs: the next one begins as much earlier. */
  #learn() {
    const late_ms = -this.#looks.ahead_ms * LEARNS;
    const learns = Math.abs(late_ms) > NEAR_MS ? null : this.#learns;
    this.#learns = null;
    if (learns === "start") this.#latency = learnt(this.#latency + late_ms);
    else if (learns === "jump") this.#cost = learnt(this.#cost + late_ms);
  }

  #lose() {
    this.#since = this.#silentSince = null;
    this.#looks.forget();
    if (this.#state === "playing") this.#become("starting");
  }

  /** What somebody has stopped goes on by their tap alone; what was never heard is asked for once more. @param {number} at */
  #isSilent(at) {
    if (this.#busy || this.#blocked || this.#trouble || this.#told !== this.#playback?.play_id) return;
    this.#silentSince ??= at;
    const silent = at - this.#silentSince;
    if (this.#since !== null) {
      if (silent >= STOPPED_MS) this.#block("owner");
    } else if (silent >= HEARD_WITHIN_MS) {
      if (this.#toldAgain) this.#block("owner");
      this.#toldAgain = true;
      this.#told = null;
      this.#sound();
    }
  }

  /** The player will not play a track: perhaps it is not there in this country. */
  async #refused() {
    const playback = this.#playing();
    const state = await this.#player.state();
    if (!playback || !this.#goesOn(playback) || state === null) return;
    if (!isOf(state, /** @type {Track} */ (playback.track))) return;
    this.#fail({ kind: "refused", message: "Spotify does not play this track to you." });
  }

  /** @param {"browser"|"owner"} by */
  #block(by) {
    if (this.#blocked || !this.#playing()) return;
    this.#blocked = by;
    this.#since = null;
    this.#changed();
  }

  /** @param {"quiet"|"starting"|"playing"} state */
  #become(state) {
    if (this.#state === state) return;
    this.#state = state;
    this.#changed();
  }

  /** @returns {Playback|null} the playback, if there is something of Spotify to sound */
  #playing() {
    return this.#wanted ? playsSpotify(this.#playback) : null;
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

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {number} ms */
function learnt(ms) {
  return Math.max(0, Math.min(MOST_LATENCY_MS, ms));
}
