// @ts-check
import { IN_USE, asksForDevice, spotifyOf } from "../../state/spotify/spotify-source.js";

/** @typedef {import("../../net/api.js").Api} Api */
/** @typedef {import("../../net/server-clock.js").ServerClock} ServerClock */
/** @typedef {import("../../state/shapes.js").RoomSource} RoomSource */
/** @typedef {import("./player.js").SpotifyPlayer} SpotifyPlayer */

const NO_DEVICE = "spotify_no_device";
/** Where Spotify has lost sight of this device, it registers anew; not all the time, though. */
const REGISTER_EVERY_MS = 20_000;

/** This page as the device on which the server starts what the room plays of Spotify. */
export class DeviceRegistration {
  #path;
  #clock;
  #player;
  #page;
  #api;
  #onOffer;
  /** @type {RoomSource|null} */
  #source = null;
  /** Somebody has just said that the sound is to come from here. */
  #isChosenNow = false;
  /** … and that another room gives the account up for it. */
  #takeover = false;
  #readyAt = -Infinity;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #registering;

  /**
   * @param {{path: string, clock: ServerClock, player: SpotifyPlayer, page: () => string, api: Api, onOffer: () => void}} options
   * path: of the room's Spotify; page: the id of this tab among the room's devices; onOffer: the server is about to tell this
   * device what to play
   */
  constructor({ path, clock, player, page, api, onOffer }) {
    this.#path = path;
    this.#clock = clock;
    this.#player = player;
    this.#page = page;
    this.#api = api;
    this.#onOffer = onOffer;
    player.addEventListener("ready", () => this.#ready());
  }

  /** Does the room hear Spotify from here? Somebody may have chosen another device of the account. */
  get isChosen() {
    return this.#source?.output === this.#player.name;
  }

  /** Is Spotify away for the room? */
  get isAway() {
    return this.#source?.state === "away";
  }

  /** Nobody wants this device to sound any more, and nobody has chosen it for the next time. */
  cancel() {
    this.#isChosenNow = this.#takeover = false;
    clearTimeout(this.#registering);
  }

  /** The sound is to come from here, whichever device had it. @param {{takeover: boolean}} options */
  choose({ takeover }) {
    this.#isChosenNow = true;
    this.#takeover ||= takeover;
    this.#player.revive();
    this.offer();
  }

  /** Lets the server tell this device what to play. */
  async offer() {
    const { deviceId, name } = this.#player;
    if (!deviceId || !this.#player.isWanted) return;
    const takeover = this.#takeover;
    this.#isChosenNow = this.#takeover = false;
    this.#onOffer();
    const choice = { kind: "browser", device_id: deviceId, name, page: this.#page(), ...(takeover && { takeover }) };
    try {
      await this.#api.put(`${this.#path}/output`, choice);
    } catch {
      // The room says that Spotify has no device, and that is where it is tried again.
    }
  }

  /** The sources of the room are these; call it on every change. @param {readonly RoomSource[]} sources */
  attend(sources) {
    const before = this.#source;
    this.#source = spotifyOf(sources);
    if (before?.state === "away" && before.cause !== this.#source?.cause) this.#reconnectIfGone();
    // The other room has given the account up.
    if (before?.cause === IN_USE && this.#source?.cause === NO_DEVICE) this.offer();
    // Nobody can tell this device any more to be silent.
    if (before && !this.#source) this.#player.reconnect();
    this.#registerIfLost();
  }

  /** It is a device now, perhaps another one than before. What others have chosen stays. */
  #ready() {
    this.#readyAt = this.#clock.local();
    const { output = null, state = "away" } = this.#source ?? {};
    const isFree = output === null || this.isChosen || state === "away";
    if (this.#isChosenNow || (isFree && !asksForDevice(this.#source))) this.offer();
  }

  /** What was in the way has been put right: no need to wait for the next try. */
  #reconnectIfGone() {
    if (this.#player.isWanted && this.#player.deviceId === null) this.#player.reconnect();
  }

  /** The room misses its device while this is one: Spotify may have lost sight of it, or the server of this page. */
  #registerIfLost() {
    clearTimeout(this.#registering);
    // Where nobody wants it to sound any more, it is not missed.
    const isLost = this.isChosen && this.isAway && this.#source?.cause === NO_DEVICE;
    if (!isLost || !this.#player.isWanted || this.#player.deviceId === null) return;
    const wait = this.#readyAt + REGISTER_EVERY_MS - this.#clock.local();
    this.#registering = setTimeout(() => this.#player.reconnect(), Math.max(0, wait));
  }
}
