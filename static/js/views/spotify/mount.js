// @ts-check
import { IN_USE, spotifyOf, SPOTIFY } from "../../state/spotify/spotify-source.js";
import { deviceWord } from "../words/words.js";
import { SpotifyRows } from "./rows.js";

/** @typedef {import("../room/context.js").RoomContext} RoomContext */

/** Where Spotify sounds, in the panel of the sound; and the ways to its page. @param {RoomContext} context */
export function mountSpotify(context) {
  const { root, renderer, speaker, actions } = context;
  const choose = (/** @type {HTMLElement} */ opener) => choosePlayer(context, opener);
  actions.choosePlayer = choose;
  renderer.put(new SpotifyRows(root, { speaker, choose }));
}

/** @param {RoomContext} context @param {HTMLElement} opener */
async function choosePlayer({ api, code, sheet, store, speaker, actions, load }, opener) {
  const loaded = await load(() => import("./players.js"));
  const player = speaker.engineOf(SPOTIFY);
  /** Inside a tap: Spotify sounds in this page from now on. */
  const take = () => {
    player?.need();
    speaker.unlock();
    player?.take({ takeover: spotifyOf(store.state.sources)?.cause === IN_USE });
    if (!speaker.speaking) actions.hearHere();
  };
  loaded?.openPlayers({
    sheet,
    api,
    code,
    opener,
    some: spotifyOf(store.state.sources)?.output != null,
    own: player && { id: () => player.deviceId, word: deviceWord(speaker.name), take },
  });
}
