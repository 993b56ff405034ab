// @ts-check
import { Engines } from "./engines.js";

/** @typedef {import("../net/server-clock.js").ServerClock} ServerClock */
/** @typedef {import("../state/shapes.js").Playback} Playback */

/**
 * This device in a room, as the speaker or as one that listens along: its id and name, what the room plays, and the engines
 * that sound it. Event: "change" (any property).
 * @template {import("./engine.js").DeviceEngine|import("./engine.js").ListenerEngine} Own
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

  /**
   * @param {{device: string, name: string, clock: ServerClock, localPlayer: import("./local-player.js").LocalPlayer,
   *   card: import("./media-session.js").MediaCard, keys: import("./media-session.js").MediaKeys}} options  keys: of the lock screen
   */
  constructor({ device, name, ...sounding }) {
    super();
    this.device = device;
    this.name = name;
    this.engines = new Engines(sounding);
  }

  /** Call inside a tap, before anything asynchronous: afterwards this page may sound. */
  unlock() {
    this.engines.unlock();
    this.changed();
  }

  /** Has the engines sound what the room plays: `Engines.follow`, then the `follow` of each engine. @protected */
  sound() {
    if (this.playback) this.engines.follow(this.playback);
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
