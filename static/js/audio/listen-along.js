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
  #code;
  #clock;
  #api;
  #speaker;
  #storage;
  #tab;
  #listening = false;
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
    super({ device: deviceId, name, clock, localPlayer, card, keys: { onPause: () => this.off() } });
    this.#code = code;
    this.#clock = clock;
    this.#api = api;
    this.#speaker = speaker;
    this.#storage = storage;
    this.#tab = new JsonStorage(tabStorage);
    this.#listening = this.#tab.read(this.#key) === true;
    localPlayer.nudge_ms = bounded(this.#storage.read(NUDGE_KEY), NUDGES);
    this.#listen(localPlayer);
    speaker.addEventListener("change", () => this.#speakerChanged());
    this.#keepTelling();
  }

  /** What sounds the tracks of a source for a listener alone is loaded later than the page. @param {string} source @param {ListenerEngine} engine */
  attach(source, engine) {
    this.engines.attach(source, engine);
    engine.nudge_ms = this.nudge_ms;
    engine.volume = this.#speaker.volume;
    this.#listen(engine);
    this.sound();
    this.changed();
  }

  /** @param {LocalPlayer|ListenerEngine} engine */
  #listen(engine) {
    for (const name of ["quiet", "playing", "stalled", "ended", "error", "blocked", "trouble"]) {
      engine.addEventListener(name, () => this.changed());
    }
  }

  get listening() {
    return this.#listening;
  }

  /** Does the browser want a tap before it lets us listen? */
  get blocked() {
    return this.#listening && this.engines.all.some(({ blocked }) => blocked);
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
    return (this.#listening && this.#own?.trouble) || null;
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
    if (this.#listening && this.#own) return this.#own.sync;
    return { ...sync, state: this.#speaker.blocked ? "blocked" : "estimated" };
  }

  /** Can it be told to go where the room is, by a jump that is heard? */
  get resyncs() {
    return this.streams && this.#listening && this.#own !== null;
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
    if (this.#listening || this.#speaker.speaking) return;
    this.#listening = true;
    this.#tab.write(this.#key, true);
    this.sound();
    this.#keepTelling();
    this.changed();
  }

  off() {
    if (!this.#listening) return;
    this.#listening = false;
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

  get #key() {
    return `beatsync:along:${this.#code}`;
  }

  /** The speaker is heard anyway, so it does not listen along as well. */
  #speakerChanged() {
    for (const engine of this.engines.own) engine.volume = this.#speaker.volume;
    if (this.#speaker.speaking && this.#listening) this.off();
    if (this.#speaker.speaking !== this.#telling) this.#keepTelling();
  }

  /** @protected */
  sound() {
    if (this.#listening) super.sound();
  }

  #keepTelling() {
    clearTimeout(this.#timer);
    this.#telling = this.#listening || this.#speaker.speaking;
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
      along: this.#listening,
      mode,
      offset_ms: told(offset_ms),
      jitter_ms: told(jitter_ms),
      uncertainty_ms: told(uncertainty_ms),
      corrected_ms: corrected && told(this.#clock.now() - corrected.at),
    };
    try {
      await this.#api.put(`/api/rooms/${this.#code}/playback/device`, facts);
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
