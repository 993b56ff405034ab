// @ts-check

/** @typedef {import("./shapes.js").Playback} Playback */
/** @typedef {{onPlay?: () => void, onPause?: () => void, onNext?: () => void}} MediaKeys */

/** What the lock screen shows and what its keys do, where the browser has such a thing. */
export class MediaCard {
  #session;
  #Metadata;
  #keys;
  /** @type {string|null} */
  #shown = null;

  /** @param {{session?: any, Metadata?: any, keys?: MediaKeys}} [options] */
  constructor({
    session = globalThis.navigator?.mediaSession,
    Metadata = globalThis.MediaMetadata,
    keys = {},
  } = {}) {
    this.#session = Metadata ? session : undefined;
    this.#Metadata = Metadata;
    this.#keys = keys;
  }

  /** @param {Playback|null} playback @param {number} position_ms */
  show(playback, position_ms) {
    if (!this.#session) return;
    if (!playback?.track || playback.state === "idle") {
      this.clear();
      return;
    }
    if (this.#shown !== playback.play_id) this.#describe(playback);
    this.#session.playbackState = playback.state;
    const duration = playback.track.duration_ms / 1000;
    const position = Math.max(0, Math.min(duration, position_ms / 1000));
    this.#session.setPositionState?.({ duration, position, playbackRate: 1 });
  }

  clear() {
    if (!this.#session || this.#shown === null) return;
    this.#shown = null;
    this.#session.metadata = null;
    this.#session.playbackState = "none";
    this.#handle({});
  }

  /** @param {Playback} playback */
  #describe({ play_id, track }) {
    if (!track) return;
    this.#shown = play_id;
    const { title, artists, album, cover } = track;
    const artwork = cover ? [{ src: cover }] : [];
    this.#session.metadata = new this.#Metadata({ title, artist: artists.join(", "), album, artwork });
    this.#handle(this.#keys);
  }

  /** @param {MediaKeys} keys */
  #handle({ onPlay, onPause, onNext }) {
    for (const [action, act] of Object.entries({ play: onPlay, pause: onPause, nexttrack: onNext })) {
      try {
        this.#session.setActionHandler(action, act ? () => act() : null);
      } catch {
        // This browser does not know the action.
      }
    }
  }
}
