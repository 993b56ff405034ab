// @ts-check
import { pageName } from "../../browser/device.js";
import { hasTracksOf } from "../../state/sources.js";
import { SPOTIFY, missesPlayer, spotifyOf } from "../../state/spotify/spotify-source.js";

/** @typedef {import("../../state/shapes.js").State} State */

/** After a load that failed, the next change of the room tries again, but not before. */
const RETRY_AFTER_MS = 30_000;

/**
 * What sounds Spotify's tracks in this page: for the room, where this browser has connected the account of the room, or for
 * a listener alone, on an account of their own. Loaded after the page, and only where it is of use.
 */
export class SpotifyParts {
  #options;
  /** What an engine that is loaded makes of the room's state. @type {((state: State) => void)|null} */
  #attend = null;
  /** @type {{spotifySdk?: string, alongSdk?: string}} */
  #scripts = {};
  #isLoading = false;
  #retryAt = 0;

  /** @param {import("../../views/source-in-page.js").SourceServices} options  load: says where a part did not load */
  constructor(options) {
    this.#options = options;
  }

  /** @param {{spotifySdk?: string, alongSdk?: string}} scripts  addresses of Spotify's own script, at most one of them */
  load({ spotifySdk, alongSdk }) {
    this.#scripts = { spotifySdk, alongSdk };
    this.follow(this.#options.store.state);
  }

  /** @param {State} state */
  follow(state) {
    if (this.#attend) this.#attend(state);
    else this.#loadOnce(state);
  }

  /** @param {State} state */
  async #loadOnce({ sources }) {
    const { spotifySdk, alongSdk } = this.#scripts;
    if (!(spotifySdk || alongSdk) || !spotifyOf(sources) || this.#isLoading || Date.now() < this.#retryAt) return;
    this.#isLoading = true;
    this.#attend = spotifySdk ? await this.#loadForRoom(spotifySdk) : await this.#loadForListener(alongSdk ?? "");
    this.#isLoading = false;
    if (this.#attend) this.#attend(this.#options.store.state);
    else this.#retryAt = Date.now() + RETRY_AFTER_MS;
  }

  /** @param {string} url @returns {Promise<((state: State) => void)|null>} */
  async #loadForRoom(url) {
    const { code, clock, speaker, load } = this.#options;
    const player = await this.#loadPlayer(url, "token");
    const loaded = player && (await load(() => import("./room-engine.js")));
    if (!loaded) return null;
    const engine = new loaded.SpotifyRoomEngine({ code, clock, player, page: () => speaker.device });
    speaker.attach(SPOTIFY, engine);
    return (state) => {
      if (missesPlayer(state)) engine.need();
      engine.attend(state.sources);
    };
  }

  /** @param {string} url @returns {Promise<((state: State) => void)|null>} */
  async #loadForListener(url) {
    const { code, clock, along, load } = this.#options;
    const player = await this.#loadPlayer(url, "along/token");
    const loaded = player && (await load(() => import("./listener-engine.js")));
    if (!loaded) return null;
    const engine = new loaded.SpotifyListenerEngine({ code, clock, player });
    along.attach(SPOTIFY, engine);
    return (state) => hasTracksOf(SPOTIFY, state) && engine.need();
  }

  /** @param {string} url @param {string} path  to where the server gives tokens */
  async #loadPlayer(url, path) {
    const { code, api, load } = this.#options;
    const loaded = await load(() => import("./player.js"));
    const token = async () => (await api.put(`/api/rooms/${code}/spotify/${path}`)).access_token;
    return loaded && new loaded.SpotifyPlayer({ url, name: pageName(), token });
  }
}
