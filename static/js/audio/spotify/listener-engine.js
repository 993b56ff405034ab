// @ts-check
import { api as defaultApi } from "../../net/api.js";
import { DeviceSync } from "./device-sync.js";
import { PlayerConnection } from "./player-connection.js";
import { StartCommands } from "./start-commands.js";
import { say } from "../../words/spotify/say.js";

/** @typedef {import("../../net/api.js").Api} Api */
/** @typedef {import("../../net/server-clock.js").ServerClock} ServerClock */
/** @typedef {import("../../state/shapes.js").Playback} Playback */
/** @typedef {import("../engine.js").ListenerEngine} ListenerEngine */
/** @typedef {import("./player.js").SpotifyPlayer} SpotifyPlayer */
/** @typedef {{kind: import("./player.js").Trouble|"refused", message: string}} Trouble  message: of the server, if refused */

/**
 * A listener's own Spotify in this page: it follows the room, and tells nobody but its owner what stands in the way.
 * Only a track that it has not yet takes a call; pausing, going on and moving are the player's own. How well it keeps
 * its position is what the player says, which nobody can measure by ear. Event: "change" (any property).
 * @implements {ListenerEngine}
 */
export class SpotifyListenAlong extends EventTarget {
  #player;
  #connection;
  #commands;
  #device;
  /**
   * Who wants a tap first. An owner who stopped it, or took the account elsewhere, wants that whatever comes next.
   * @type {"browser"|"owner"|null}
   */
  #blocked = null;
  /** @type {Trouble|null} */
  #trouble = null;

  /** @param {{code: string, clock: ServerClock, player: SpotifyPlayer, api?: Api}} options  player: the one of this page */
  constructor({ code, clock, player, api = defaultApi }) {
    super();
    const path = `/api/rooms/${code}/spotify/along`;
    this.#player = player;
    this.#connection = new PlayerConnection({ player, api, path });
    this.#connection.addEventListener("trouble", () => this.#cannot());
    this.#commands = new StartCommands({ api, path, player });
    this.#device = new DeviceSync({
      clock,
      player,
      commands: this.#commands,
      isBlocked: () => this.#blocked !== null,
      hasTrouble: () => this.#trouble !== null,
    });
    this.#device.addEventListener("change", () => this.#changed());
    this.#device.addEventListener("stopped", () => this.#block("owner"));
    this.#device.addEventListener("refused", (event) => this.#refuse(/** @type {CustomEvent} */ (event).detail.message));
    player.addEventListener("ready", () => this.#ready());
    player.addEventListener("gone", () => this.#gone());
    player.addEventListener("state", (event) => this.#device.hear(/** @type {CustomEvent} */ (event).detail.state));
    player.addEventListener("refused", () => this.#trackRefused());
    player.addEventListener("blocked", () => this.#block("browser"));
    player.addEventListener("denied", (event) => this.#denied(/** @type {CustomEvent} */ (event).detail.message));
  }

  /** There is something of Spotify to hear in this room: what plays it is loaded, so that it is there when the tap comes. */
  need() {
    this.#connection.need();
  }

  /** Does it take a tap to hear what the room plays of Spotify now? */
  get blocked() {
    return this.#blocked !== null && this.#device.isPlaying;
  }

  /** Why nothing is heard, where only its owner can help. */
  get trouble() {
    return this.#trouble;
  }

  /**
   * How far it is from the room, by what the player says; `error_ms`: at most about this far, null before it is known.
   * @returns {import("../sync-controller.js").DeviceSyncFacts}
   */
  get sync() {
    const { isHeard, ...measured } = this.#device.measured;
    const heard = isHeard ? "estimated" : "catching_up";
    return { state: this.blocked ? "blocked" : this.#trouble ? "quiet" : heard, mode: "pocket", ...measured };
  }

  set volume(/** @type {number} */ volume) {
    this.#player.volume = volume;
  }

  /** By how much it sounds earlier. */
  set nudge_ms(/** @type {number} */ nudge) {
    this.#device.nudge_ms = nudge;
  }

  /** Goes to where the room is, however near it may be already. */
  resync() {
    this.#device.start();
  }

  /** The room plays this from now on; the same again does nothing. @param {Playback} playback */
  follow(playback) {
    this.#connection.isWanted = true;
    if (this.#device.playId !== playback.play_id) this.#renew();
    this.#device.follow(playback);
  }

  /** Silent, and no device any more. */
  leave() {
    if (!this.#connection.isWanted) return;
    this.#commands.playId = this.#trouble = this.#blocked = null;
    this.#device.leave();
    this.#player.pause();
    this.#connection.isWanted = false;
  }

  /** Call inside a tap: afterwards this page may sound. */
  unlock() {
    this.#player.activate();
    if (!this.#blocked) return;
    this.#blocked = null;
    // Another device may have it by now.
    this.#commands.playId = null;
    this.#device.begin();
  }

  /** Another play, of which nothing is known yet. */
  #renew() {
    if (this.#blocked === "browser") this.#blocked = null;
    if (this.#trouble?.kind === "refused") this.#trouble = null;
  }

  /** It is a device now, perhaps another one than before. */
  #ready() {
    this.#trouble = null;
    this.#commands.renewDevice();
    if (this.#connection.isWanted) this.#device.begin();
  }

  #gone() {
    this.#commands.playId = null;
    this.#device.interrupt();
  }

  #cannot() {
    const kind = this.#connection.trouble;
    if (kind !== null) this.#fail({ kind, message: "" });
  }

  /** The server gives no token: it says why. @param {string} message */
  #denied(message) {
    if (this.#connection.isWanted) this.#refuse(message);
  }

  /** The player will not play a track: perhaps it is not there in this country. */
  async #trackRefused() {
    if (await this.#device.hasRoomsTrack()) this.#refuse(say("listen.not_to_you"));
  }

  /** @param {string} message */
  #refuse(message) {
    this.#fail({ kind: "refused", message });
  }

  /** @param {Trouble} trouble */
  #fail(trouble) {
    this.#trouble = trouble;
    this.#changed();
  }

  /** @param {"browser"|"owner"} by */
  #block(by) {
    if (this.#blocked || !this.#device.isPlaying) return;
    this.#blocked = by;
    this.#device.interrupt();
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
