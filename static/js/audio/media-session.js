// @ts-check

/** @typedef {import("../state/shapes.js").Playback} Playback */
/** @typedef {{onPlay?: () => void, onPause?: () => void, onNext?: () => void}} MediaKeys */

/** What the lock screen shows and what its keys do, where the browser has such a thing. One for all who sound here. */
export class MediaCard {
  #session;
  #Metadata;
  /** Whose keys they are. @type {MediaKeys|null} */
  #keys = null;
  /** @type {string|null} */
  #shown = null;

  /** @param {{session?: any, Metadata?: any}} [options] */
  constructor({ session = globalThis.navigator?.mediaSession, Metadata = globalThis.MediaMetadata } = {}) {
    this.#session = Metadata ? session : undefined;
    this.#Metadata = Metadata;
  }

  /** @param {Playback|null} playback @param {number} position_ms @param {MediaKeys} keys */
  show(playback, position_ms, keys) {
    if (!this.#session) return;
    if (!playback?.track || playback.state === "idle") {
      this.clear(keys);
      return;
    }
    if (this.#shown !== playback.play_id || this.#keys !== keys) this.#describe(playback, keys);
    this.#session.playbackState = playback.state;
    const duration = playback.track.duration_ms === null ? Infinity : playback.track.duration_ms / 1000;
    const position = Math.max(0, Math.min(duration, position_ms / 1000));
    this.#session.setPositionState?.({ duration, position, playbackRate: 1 });
  }

  /** Leaves the lock screen to others; a card that others have taken meanwhile stays. @param {MediaKeys} keys */
  clear(keys) {
    if (!this.#session || this.#keys !== keys) return;
    this.#shown = null;
    this.#keys = null;
    this.#session.metadata = null;
    this.#session.playbackState = "none";
    this.#handle({});
  }

  /** @param {Playback} playback @param {MediaKeys} keys */
  #describe({ play_id, track }, keys) {
    if (!track) return;
    this.#shown = play_id;
    this.#keys = keys;
    const { title, artists, album, cover } = track;
    const artwork = cover ? [{ src: cover }] : [];
    this.#session.metadata = new this.#Metadata({ title, artist: artists.join(", "), album, artwork });
    this.#handle(keys);
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
