// @ts-check

/** @typedef {import("../../state/shapes.js").Playback} Playback */

/** What may be done to the playing track: much by host and co-host, something by everybody. Each call names the play it means. */
export class Remote {
  #api;
  #path;
  #playback;
  #refused;

  /**
   * @param {{api: import("../../net/api.js").Api, code: string, playback: () => Playback|null,
   *   refused: (error: import("../../net/api.js").ApiError) => void}} options
   */
  constructor({ api, code, playback, refused }) {
    this.#api = api;
    this.#path = `/api/rooms/${code}/playback`;
    this.#playback = playback;
    this.#refused = refused;
  }

  /** In an idle room this starts the top track, else the shelf. */
  play() {
    return this.#post("play", this.#playback()?.state === "paused");
  }

  pause() {
    return this.#post("pause");
  }

  skip() {
    return this.#post("skip");
  }

  /** Asks the room to skip, as a listener. @returns {Promise<boolean>} whether it was heard */
  askSkip() {
    return this.#post("skip-vote");
  }

  /** @param {number} position_ms */
  seek(position_ms) {
    return this.#post("seek", true, { position_ms });
  }

  /** @param {string} key @returns {Promise<boolean>} */
  async chooseShelf(key) {
    return this.#try(() => this.#api.put(`${this.#path}/shelf`, { shelf: key }));
  }

  /** @param {string} verb @param {boolean} [named] @param {object} [more] */
  #post(verb, named = true, more = {}) {
    const play_id = this.#playback()?.play_id;
    return this.#try(() => this.#api.post(`${this.#path}/${verb}`, named && play_id ? { ...more, play_id } : more));
  }

  /** @param {() => Promise<unknown>} call */
  async #try(call) {
    try {
      await call();
      return true;
    } catch (error) {
      this.#refused(/** @type {any} */ (error));
      return false;
    }
  }
}
