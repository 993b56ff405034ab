// @ts-check

/** @typedef {import("../../net/api.js").Api} Api */
/** @typedef {import("./player.js").SpotifyPlayer} SpotifyPlayer */
/** @typedef {import("./player.js").Trouble} Trouble */

/**
 * Spotify's player of this page for one engine: loaded where a track of Spotify can come to sound, and a device of the account
 * as long as somebody wants sound of it. Tells the server, and in the event "trouble" the engine, what keeps it from that.
 */
export class PlayerConnection extends EventTarget {
  /** What keeps this page from being a device of Spotify. @type {Trouble|null} */
  trouble = null;
  #player;
  #api;
  #path;
  /** Before that nothing of Spotify is loaded. */
  #isNeeded = false;
  #isWanted = false;

  /** @param {{player: SpotifyPlayer, api: Api, path: string}} options  path: of the engine's calls at the server */
  constructor({ player, api, path }) {
    super();
    this.#player = player;
    this.#api = api;
    this.#path = path;
    player.addEventListener("trouble", (event) => this.#report(/** @type {CustomEvent} */ (event).detail.kind));
  }

  /** A track of Spotify can come to sound here: the player is there when it does. */
  need() {
    if (this.#isNeeded) return;
    this.#isNeeded = true;
    this.#player.prepare();
    if (this.#isWanted) this.#player.connect();
  }

  /** Does somebody want sound of this device? */
  get isWanted() {
    return this.#isWanted;
  }

  set isWanted(isWanted) {
    this.#isWanted = isWanted;
    if (!isWanted) this.#player.disconnect();
    else if (this.#isNeeded) this.#player.connect();
  }

  /** @param {Trouble} kind */
  async #report(kind) {
    this.trouble = kind;
    this.dispatchEvent(new Event("trouble"));
    // The server has found that out.
    if (kind === "lost") return;
    try {
      await this.#api.put(`${this.#path}/trouble`, { kind });
    } catch {
      // It is told again with the next try.
    }
  }
}
