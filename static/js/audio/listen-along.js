// @ts-check
import { api as defaultApi } from "../net/api.js";
import { MediaCard } from "./media-session.js";
import { JsonStorage } from "../browser/json-storage.js";
import { soundsOnDevice } from "../state/sources.js";
import { RoomDevice, bounded } from "./room-device.js";

/** @typedef {import("../net/api.js").Api} Api */
/** @typedef {import("../net/api.js").ApiError} ApiError */
/** @typedef {import("../net/server-clock.js").ServerClock} ServerClock */
/** @typedef {import("./local-player.js").LocalPlayer} LocalPlayer */
/** @typedef {import("./sync-controller.js").Sync} Sync */
/** @typedef {import("../state/shapes.js").Playback} Playback */
/** @typedef {import("./speaker.js").Speaker} Speaker */
/** @typedef {import("./engine.js").ListenerEngine} ListenerEngine */

const TELL_EVERY_MS = 10_000;
/** Long enough to have found the step, soon enough for a host who waits for it to be seen. */
const FIRST_TELL_MS = 3_000;
const NUDGE_KEY = "beatsync:nudge";
const NUDGES = { least: -500, most: 500, otherwise: 0 };
/** More says no more, and the server takes no more. */
const TOLD = { least: -600_000, most: 600_000, otherwise: 0 };

/**
 * This device listening along: it sounds what the room plays without being the one that plays it. Beside that it tells
 * the room how well it keeps time, also while it is the speaker. Event: "change" (any property).
 * @extends {RoomDevice<ListenerEngine>}
 */
export class ListenAlong extends RoomDevice {
  #key;
  #speaker;
  #storage;
  #tab;
  #telling = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /**
   * @param {{code: string, clock: ServerClock, localPlayer: LocalPlayer, speaker: Speaker,
   *   storage: JsonStorage, deviceId?: string, name?: string, card?: MediaCard, api?: Api, tabStorage?: () => Storage}} options
   * localPlayer: the one of this page; storage: for what this device remembers
   */
  constructor({
    code,
    clock,
    localPlayer,
    speaker,
    storage,
    deviceId = speaker.device,
    name = speaker.name,
    card = new MediaCard(),
    api = defaultApi,
    tabStorage = () => globalThis.sessionStorage,
  }) {
    super({ device: deviceId, name, code, api, clock, localPlayer, card, keys: { onPause: () => this.off() } });
    this.#key = `beatsync:along:${code}`;
    this.#speaker = speaker;
    this.#storage = storage;
    this.#tab = new JsonStorage(tabStorage);
    this.isOn = this.#tab.read(this.#key) === true;
    localPlayer.nudge_ms = bounded(this.#storage.read(NUDGE_KEY), NUDGES);
    this.listenTo(localPlayer);
    speaker.addEventListener("change", () => this.#speakerChanged());
    this.#keepTelling();
  }

  /** @param {string} source @param {ListenerEngine} engine */
  attach(source, engine) {
    engine.nudge_ms = this.nudge_ms;
    engine.volume = this.#speaker.volume;
    super.attach(source, engine);
  }

  get listening() {
    return this.isOn;
  }

  /** Does the browser want a tap before it lets us listen? */
  get blocked() {
    return this.isOn && this.engines.all.some(({ blocked }) => blocked);
  }

  /** Does the room play what a device of its source sounds? Then nobody measures what is heard. */
  get streams() {
    return this.playback?.state === "playing" && soundsOnDevice(this.playback.track);
  }

  /** Can this page sound what the room plays by itself, through an account of the listener's own? */
  get hasOwnPlayer() {
    return this.#own !== null;
  }

  /** Why it is not heard through that. */
  get ownTrouble() {
    return (this.isOn && this.#own?.trouble) || null;
  }

  /** The own engine of what is on. */
  get #own() {
    return this.engines.ownOf(this.playback?.track?.source);
  }

  /**
   * How well this device keeps time, be it along or the speaker.
   * @returns {import("./sync-controller.js").DeviceSyncFacts}
   */
  get sync() {
    const { sync } = this.engines.local;
    if (!this.streams) return sync;
    if (this.isOn && this.#own) return this.#own.sync;
    return { ...sync, state: this.#speaker.blocked ? "blocked" : "estimated" };
  }

  /** Can it be told to go where the room is, by a jump that is heard? */
  get resyncs() {
    return this.streams && this.isOn && this.#own !== null;
  }

  resync() {
    this.#own?.resync();
  }

  /** By how much this device sounds earlier than it would, for a delay that nobody but ears can measure. */
  get nudge_ms() {
    return this.engines.local.nudge_ms;
  }

  set nudge_ms(value) {
    for (const engine of this.engines.all) engine.nudge_ms = bounded(value, NUDGES);
    this.#storage.write(NUDGE_KEY, this.engines.local.nudge_ms);
    this.changed();
  }

  /** Call inside a tap. Remembered for this tab. */
  on() {
    this.engines.unlock();
    if (this.isOn || this.#speaker.speaking) return;
    this.isOn = true;
    this.#tab.write(this.#key, true);
    this.sound();
    this.#keepTelling();
    this.changed();
  }

  off() {
    if (!this.isOn) return;
    this.isOn = false;
    this.#tab.remove(this.#key);
    this.engines.leave();
    // The speaker tells of itself.
    if (!this.#speaker.speaking) this.#tell();
    this.#keepTelling();
    this.changed();
  }

  /** The room plays this now; call it on every change, the same again costs nothing. @param {Playback|null} playback */
  follow(playback) {
    if (!playback || playback === this.playback) return;
    this.playback = playback;
    this.sound();
  }

  /** The speaker is heard anyway, so it does not listen along as well. */
  #speakerChanged() {
    for (const engine of this.engines.own) engine.volume = this.#speaker.volume;
    if (this.#speaker.speaking && this.isOn) this.off();
    if (this.#speaker.speaking !== this.#telling) this.#keepTelling();
  }

  #keepTelling() {
    clearTimeout(this.#timer);
    this.#telling = this.isOn || this.#speaker.speaking;
    if (this.#telling) this.#timer = setTimeout(() => this.#tellAgain(), FIRST_TELL_MS);
  }

  #tellAgain() {
    this.#timer = setTimeout(() => this.#tellAgain(), TELL_EVERY_MS);
    this.#tell();
  }

  /** Lost or refused, it changes nothing here. */
  async #tell() {
    const { mode, offset_ms, jitter_ms, uncertainty_ms, corrected } = this.sync;
    const facts = {
      device: this.device,
      name: this.name,
      along: this.isOn,
      mode,
      offset_ms: told(offset_ms),
      jitter_ms: told(jitter_ms),
      uncertainty_ms: told(uncertainty_ms),
      corrected_ms: corrected && told(this.clock.now() - corrected.at),
    };
    try {
      await this.api.put(`${this.path}/device`, facts);
    } catch (error) {
      // Gone from the room: nobody there wants to know any more.
      if ([401, 403, 404, 409].includes(/** @type {ApiError} */ (error).status)) clearTimeout(this.#timer);
    }
  }
}

/** @param {number} ms */
function told(ms) {
  return Math.round(bounded(ms, TOLD));
}
