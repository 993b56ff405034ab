// @ts-check
import { SpotifyParts } from "../../audio/spotify/spotify-parts.js";
import { SPOTIFY } from "../../state/spotify/spotify-source.js";
import { sayOf } from "../../words/spotify/say.js";
import { mountSpotify } from "./mount.js";
import { UNABLE, UNABLE_ALONG, failedWords, searchWords, spotifyTroubleOf } from "./spotify-words.js";

/** Spotify in the page of a room. @type {import("../source-in-page.js").SourceInPage} */
export const spotify = {
  name: SPOTIFY,
  mount: mountSpotify,
  startParts: (services) => new SpotifyParts(services),
  troubleOf: spotifyTroubleOf,
  searchWords,
  failedWords,
  unable: UNABLE,
  unableAlong: UNABLE_ALONG,
  sayRefusal: sayOf,
};
