// @ts-check
/** @typedef {import("../net/server-clock.js").ServerClock} ServerClock */
/** @typedef {import("../state/shapes.js").Playback} Playback */
/** @typedef {import("./local-player.js").LocalPlayer} LocalPlayer */
/** @typedef {import("./media-session.js").MediaCard} MediaCard */
/** @typedef {import("./media-session.js").MediaKeys} MediaKeys */

/** @typedef {import("./engine.js").RoomEngine} RoomEngine */
/** @typedef {import("./engine.js").ListenerEngine} ListenerEngine */

/**
 * The engines of this page as the speaker or the listener uses them: one for files, one for each source that brings its
 * own, and the card of the lock screen. The file engine and the card belong to both users.
 * @template {RoomEngine|ListenerEngine} Own
 */
export class Engines {
  #clock;
  #card;
  #keys;
  #local;
  /** By source. @type {Map<string, Own>} */
  #own = new Map();
  /** Has a tap allowed this page to sound? An engine that is loaded after it is unlocked with it. */
  #isUnlocked = false;

  /** @param {{clock: ServerClock, localPlayer: LocalPlayer, card: MediaCard, keys: MediaKeys}} options  keys: of the lock screen */
  constructor({ clock, localPlayer, card, keys }) {
    this.#clock = clock;
    this.#local = localPlayer;
    this.#card = card;
    this.#keys = keys;
  }

  /** A source's own engine is loaded later than the page. @param {string} source @param {Own} engine */
  attach(source, engine) {
    this.#own.set(source, engine);
    if (this.#isUnlocked) engine.unlock();
  }

  get local() {
    return this.#local;
  }

  /** The sources' own ones. */
  get own() {
    return [...this.#own.values()];
  }

  /** Those with the names of their sources. */
  get bySource() {
    return [...this.#own];
  }

  /** The own one of a source, if it is loaded. @param {string|undefined} source @returns {Own|null} */
  ownOf(source) {
    return this.#own.get(source ?? "") ?? null;
  }

  /** @returns {(LocalPlayer|Own)[]} */
  get all() {
    return [this.#local, ...this.#own.values()];
  }

  /** The one that sounds what the room plays. @param {Playback|null} playback @returns {LocalPlayer|Own} */
  engineOf(playback) {
    return this.ownOf(playback?.track?.source) ?? this.#local;
  }

  set volume(/** @type {number} */ volume) {
    for (const engine of this.all) engine.volume = volume;
  }

  /** Call inside a tap: afterwards this page may sound. */
  unlock() {
    this.#isUnlocked = true;
    for (const engine of this.all) engine.unlock();
  }

  /** Each is silent during what is not its own, and ready for what comes. @param {Playback} playback */
  follow(playback) {
    for (const engine of this.all) engine.follow(playback, this);
    this.show(playback);
  }

  /** Puts the track and its position on the lock screen. @param {Playback} playback */
  show(playback) {
    const { state, starts_at_ms, position_ms } = playback;
    const isPlaying = state === "playing" && starts_at_ms !== null;
    this.#card.show(playback, isPlaying ? this.#clock.now() - starts_at_ms : position_ms, this.#keys);
  }

  /** This user wants no sound any more. */
  leave() {
    for (const engine of this.all) engine.leave(this);
    this.#card.clear(this.#keys);
  }
}
