// @ts-check
import { Engines } from "./engines.js";

/** @typedef {import("../net/api.js").Api} Api */
/** @typedef {import("../net/server-clock.js").ServerClock} ServerClock */
/** @typedef {import("./local-player.js").LocalPlayer} LocalPlayer */
/** @typedef {import("../state/shapes.js").Playback} Playback */

const ENGINE_EVENTS = ["quiet", "playing", "stalled", "ended", "error", "blocked", "trouble"];

/**
 * This device in a room, as the speaker or as one that listens along: its id and name, what the room plays, and the engines
 * that sound it. Event: "change" (any property).
 * @template {import("./engine.js").RoomEngine|import("./engine.js").ListenerEngine} Own
 */
export class RoomDevice extends EventTarget {
  /** Its id among the room's devices. */
  device;
  /** What people call this device. */
  name;
  /** @type {Engines<Own>} @protected */
  engines;
  /** What the room plays. @type {Playback|null} @protected */
  playback = null;
  /** Does it sound what the room plays? @protected */
  isOn = false;
  /** @protected */
  api;
  /** @protected */
  clock;
  /** Of its calls at the server. @protected */
  path;

  /**
   * @param {{device: string, name: string, code: string, api: Api, clock: ServerClock, localPlayer: LocalPlayer,
   *   card: import("./media-session.js").MediaCard, keys: import("./media-session.js").MediaKeys}} options  keys: of the lock screen
   */
  constructor({ device, name, code, api, clock, ...sounding }) {
    super();
    this.device = device;
    this.name = name;
    this.api = api;
    this.clock = clock;
    this.path = `/api/rooms/${code}/playback`;
    this.engines = new Engines({ clock, ...sounding });
  }

  /** What sounds the tracks of a source is loaded later than the page. @param {string} source @param {Own} engine */
  attach(source, engine) {
    this.engines.attach(source, engine);
    this.listenTo(engine);
    this.sound();
    this.changed();
  }

  /** Call inside a tap, before anything asynchronous: afterwards this page may sound. */
  unlock() {
    this.engines.unlock();
    this.changed();
  }

  /** Has the engines sound what the room plays: `Engines.follow`, then the `follow` of each engine. @protected */
  sound() {
    if (this.isOn && this.playback) this.engines.follow(this.playback);
  }

  /** @param {LocalPlayer|Own} engine @protected */
  listenTo(engine) {
    for (const name of ENGINE_EVENTS) engine.addEventListener(name, () => this.changed());
  }

  /** @protected */
  changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {unknown} value @param {{least: number, most: number, otherwise: number}} bounds  otherwise: of what is no number */
export function bounded(value, { least, most, otherwise }) {
  const number = Number(value);
  return Number.isFinite(number) ? Math.max(least, Math.min(most, number)) : otherwise;
}
