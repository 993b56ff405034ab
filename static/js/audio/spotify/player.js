// @ts-check
import { loadSdk } from "./sdk.js";
import { readState } from "./state.js";

/** @typedef {import("./state.js").PlayerState} PlayerState */
/** @typedef {import("../../net/api.js").ApiError} ApiError */
/** @typedef {"premium"|"unsupported"|"token"|"lost"} Trouble  what only a person, or the server, can do something about */

/** From one try to be a device to the next; the last one for ever. */
const AGAIN_AFTER_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000];
/** A player that neither comes nor fails has failed. */
const READY_WITHIN_MS = 15_000;
/** A device that was lost sight of mostly comes back by itself. */
const BACK_WITHIN_MS = 5_000;
/** A player object can go stale: it connects, and Spotify does not know its device. After so many connects that led to
 * nothing another object takes its place, so often at most until one has played. */
const MOST_CONNECTS = 2;
const MOST_RENEWALS = 3;
/** For a token it is asked so often, before the player has to go without. */
const TOKEN_TRIES = 3;
const TOKEN_AGAIN_MS = 1_000;
/** The server believes a second "no Premium" that comes at least a minute after the first, and so does this. */
const PREMIUM_AGAIN_MS = 65_000;
const DENIALS_BELIEVED = 2;

/**
 * This page as a device of a Spotify account. It plays what the account is told to play on it; here it is only kept
 * alive, and heard. Events: "ready" (deviceId is known, perhaps another one than before), "gone", "state" (detail
 * {state}: a PlayerState or null), "refused" (it will not play what it was told to), "blocked" (the browser wants a tap
 * first), "trouble" (detail {kind}), "denied" (detail {message}: why there is no token for it).
 */
export class SpotifyPlayer extends EventTarget {
  #name;
  #askToken;
  #load;
  #volume = 1;
  /** @type {any} */
  #player = null;
  /** @type {Promise<any>|null} */
  #made = null;
  /** Before that nothing of Spotify is loaded. */
  #isNeeded = false;
  #wanted = false;
  #touched = false;
  /** Spotify may be wrong about Premium for a moment, so it is believed when it says so again. */
  #denials = 0;
  /** How often this object was connected, and how many were made in its place, since one has played. */
  #connects = 0;
  #renewals = 0;
  /** Spotify does not find this page, whatever object it makes: only a person can help. */
  #isLost = false;
  /** @type {string|null} */
  #deviceId = null;
  #tries = 0;
  /** The last token could not be had, which is not the fault of any token. */
  #tokenless = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /**
   * @param {{url: string, name: string, token: () => Promise<string>, load?: typeof loadSdk}} options
   * url: of the SDK's script; name: as people see it among their Spotify devices; token: gives a fresh one
   */
  constructor({ url, name, token, load = loadSdk }) {
    super();
    this.#name = name;
    this.#askToken = token;
    this.#load = () => load(url);
  }

  /** What people call this device, here and in their Spotify apps. */
  get name() {
    return this.#name;
  }

  /** By which this device can be told to play; null while it is none. */
  get deviceId() {
    return this.#deviceId;
  }

  set volume(/** @type {number} */ volume) {
    this.#volume = volume;
    this.#player?.setVolume(volume)?.catch?.(() => {});
  }

  /** Does somebody want this page to be a device? */
  get isWanted() {
    return this.#wanted;
  }

  /** A track can come to sound here: there is something to touch when the tap comes, and a device where one is wanted. */
  prepare() {
    if (this.#isNeeded) return;
    this.#isNeeded = true;
    this.#making().catch(() => {});
    if (this.#wanted) this.#connect();
  }

  /** Call inside a tap, before anything asynchronous: afterwards it may sound. */
  activate() {
    this.#touched = true;
    this.#player?.activateElement()?.catch?.(() => {});
  }

  /** Becomes a device once it is prepared, and again whenever it ceases to be one. */
  connect() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#isLost = false;
    this.#denials = 0;
    this.#tries = 0;
    this.#connect();
  }

  /** Is no device any more. */
  disconnect() {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#lose();
    this.#player?.disconnect();
  }

  /** Becomes a device anew: Spotify has lost sight of this one, or somebody has put right what was in the way. */
  reconnect() {
    if (!this.#wanted) return;
    if (this.#isExhausted) {
      this.#fail("lost");
      return;
    }
    this.disconnect();
    this.connect();
  }

  /** Somebody wants it to be tried once more, though it was given up. */
  revive() {
    if (!this.#wanted || !this.#isHopeless) return;
    this.#connects = this.#renewals = 0;
    this.disconnect();
    this.connect();
  }

  /** What it does just now; null when another device plays, or none. @returns {Promise<PlayerState|null>} */
  async state() {
    try {
      return readState(await this.#player?.getCurrentState());
    } catch {
      return null;
    }
  }

  /** Stops what it plays, for now. */
  pause() {
    return this.#ask("pause");
  }

  /** Goes on where it was paused. */
  resume() {
    return this.#ask("resume");
  }

  /** @param {number} position_ms  within its track: beyond the end it would go on with something else */
  seek(position_ms) {
    return this.#ask("seek", Math.max(0, Math.round(position_ms)));
  }

  /** What comes of it is heard, not answered. @param {string} method @param {...number} values */
  async #ask(method, ...values) {
    try {
      await this.#player?.[method](...values);
    } catch {
      // It has nothing to play any more; the next look sees that.
    }
  }

  async #connect() {
    if (!this.#isNeeded) return;
    this.#within(READY_WITHIN_MS);
    if (this.#connects >= MOST_CONNECTS && this.#renewals < MOST_RENEWALS) this.#renew();
    try {
      const player = await this.#making();
      if (!this.#wanted) return;
      this.#connects += 1;
      if (!(await player.connect())) this.#tryAgain();
    } catch {
      this.#tryAgain();
    }
  }

  get #isHopeless() {
    return this.#isLost || this.#denials >= DENIALS_BELIEVED;
  }

  get #isExhausted() {
    return this.#connects >= MOST_CONNECTS && this.#renewals >= MOST_RENEWALS;
  }

  /** Another player object takes the place of this one. */
  #renew() {
    this.#player?.disconnect();
    this.#player = this.#made = null;
    this.#connects = 0;
    this.#renewals += 1;
  }

  /** @param {number} ms  to become a device in */
  #within(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), ms);
  }

  #tryAgain() {
    if (!this.#wanted || this.#deviceId || this.#isHopeless) return;
    if (this.#denials > 0) {
      this.#within(PREMIUM_AGAIN_MS);
      return;
    }
    this.#within(AGAIN_AFTER_MS[Math.min(this.#tries, AGAIN_AFTER_MS.length - 1)]);
    this.#tries += 1;
  }

  /** The player of this page, made once; failing that, tried anew with the next call. */
  #making() {
    this.#made ??= this.#make().catch((error) => {
      this.#made = null;
      throw error;
    });
    return this.#made;
  }

  async #make() {
    const { Player } = await this.#load();
    const player = new Player({
      name: this.#name,
      volume: this.#volume,
      getOAuthToken: (/** @type {(token: string) => void} */ give) => this.#give(give),
    });
    this.#player = player;
    this.#listen(player);
    if (this.#touched) this.activate();
    return player;
  }

  /** @param {any} player */
  #listen(player) {
    /** @type {Record<string, (said: any) => void>} */
    const hears = {
      ready: ({ device_id }) => this.#ready(device_id),
      not_ready: ({ device_id }) => this.#unready(device_id),
      player_state_changed: (state) => this.#changed(readState(state)),
      autoplay_failed: () => this.#tell("blocked"),
      playback_error: () => this.#tell("refused"),
      account_error: () => this.#fail("premium"),
      initialization_error: () => this.#fail("unsupported"),
      authentication_error: () => this.#fail("token"),
    };
    for (const [event, hear] of Object.entries(hears)) {
      // Of one that was replaced, nothing is news.
      player.addListener(event, (/** @type {any} */ said) => player === this.#player && hear(said));
    }
  }

  /** @param {PlayerState|null} state */
  #changed(state) {
    // It is told what to play, so it is not stale.
    if (state !== null) this.#connects = this.#renewals = 0;
    this.#tell("state", { state });
  }

  /** @param {string} id */
  #ready(id) {
    if (!this.#wanted) return;
    clearTimeout(this.#timer);
    this.#tries = this.#denials = 0;
    this.#deviceId = id;
    // What was set while there was no device yet.
    this.volume = this.#volume;
    this.#tell("ready");
  }

  /** Of an id that it no longer has, nothing is news. @param {string} id */
  #unready(id) {
    if (id !== this.#deviceId) return;
    this.#lose();
    if (this.#wanted) this.#within(BACK_WITHIN_MS);
  }

  /** @param {Trouble} kind */
  #fail(kind) {
    if (!this.#wanted) return;
    if (kind !== "token" || !this.#tokenless) this.#tell("trouble", { kind });
    this.#lose();
    if (kind === "premium") {
      clearTimeout(this.#timer);
      this.#denials += 1;
    }
    this.#isLost = kind === "lost";
    if (this.#isLost) clearTimeout(this.#timer);
    else this.#tryAgain();
  }

  #lose() {
    const had = this.#deviceId !== null;
    this.#deviceId = null;
    if (had) this.#tell("gone");
  }

  /** A fresh one each time: they live for an hour. @param {(token: string) => void} give */
  async #give(give) {
    this.#tokenless = false;
    for (let tries = 1; ; tries += 1) {
      try {
        give(await this.#askToken());
        return;
      } catch (error) {
        const { status = 0, message } = /** @type {ApiError} */ (error);
        const passes = status === 0 || status >= 500;
        if (!passes) this.#tell("denied", { message });
        if (!passes || tries === TOKEN_TRIES) break;
        await new Promise((resolve) => setTimeout(resolve, TOKEN_AGAIN_MS));
      }
    }
    // Then it fails, and is tried again later; without an answer it would wait for ever.
    this.#tokenless = true;
    give("");
  }

  /** @param {string} name @param {object} [detail] */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
