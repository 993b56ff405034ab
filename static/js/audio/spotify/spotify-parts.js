// @ts-check
import { pageName } from "../../browser/device.js";
import { hasTracksOf } from "../../state/sources.js";
import { SPOTIFY, missesPlayer, spotifyOf } from "../../state/spotify/spotify-source.js";

/** @typedef {import("./room-engine.js").SpotifyRoomEngine} SpotifyRoomEngine */
/** @typedef {import("./listener-engine.js").SpotifyListenerEngine} SpotifyListenerEngine */

/** After a load that failed, the next change of the room tries again, but not before. */
const RETRY_AFTER_MS = 30_000;

/**
 * What sounds Spotify's tracks in this page: for the room, where this browser has connected the account of the room, or for
 * a listener alone, on an account of their own. Loaded after the page, and only where it is of use.
 */
export class SpotifyParts {
  #options;
  /** @type {SpotifyRoomEngine|null} */
  #forRoom = null;
  /** @type {SpotifyListenerEngine|null} */
  #forListener = null;
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

  /** @param {import("../../state/shapes.js").State} state */
  follow(state) {
    if (!this.#forRoom && !this.#forListener) this.#loadOnce(state);
    if (missesPlayer(state)) this.#forRoom?.need();
    if (hasTracksOf(SPOTIFY, state)) this.#forListener?.need();
    this.#forRoom?.attend(state.sources);
  }

  /** @param {import("../../state/shapes.js").State} state */
  async #loadOnce({ sources }) {
    const { spotifySdk, alongSdk } = this.#scripts;
    if (!(spotifySdk || alongSdk) || !spotifyOf(sources) || this.#isLoading || Date.now() < this.#retryAt) return;
    this.#isLoading = true;
    if (spotifySdk) await this.#loadForRoom(spotifySdk);
    else if (alongSdk) await this.#loadForListener(alongSdk);
    this.#isLoading = false;
    if (this.#forRoom || this.#forListener) this.follow(this.#options.store.state);
    else this.#retryAt = Date.now() + RETRY_AFTER_MS;
  }

  /** @param {string} url */
  async #loadForRoom(url) {
    const { code, clock, speaker, load } = this.#options;
    const player = await this.#loadPlayer(url, "token");
    const loaded = player && (await load(() => import("./room-engine.js")));
    if (!loaded) return;
    this.#forRoom = new loaded.SpotifyRoomEngine({ code, clock, player, page: () => speaker.device });
    speaker.attach(SPOTIFY, this.#forRoom);
  }

  /** @param {string} url */
  async #loadForListener(url) {
    const { code, clock, along, load } = this.#options;
    const player = await this.#loadPlayer(url, "along/token");
    const loaded = player && (await load(() => import("./listener-engine.js")));
    if (!loaded) return;
    this.#forListener = new loaded.SpotifyListenerEngine({ code, clock, player });
    along.attach(SPOTIFY, this.#forListener);
  }

  /** @param {string} url @param {string} path  to where the server gives tokens */
  async #loadPlayer(url, path) {
    const { code, api, load } = this.#options;
    const loaded = await load(() => import("./player.js"));
    const token = async () => (await api.put(`/api/rooms/${code}/spotify/${path}`)).access_token;
    return loaded && new loaded.SpotifyPlayer({ url, name: pageName(), token });
  }
}
