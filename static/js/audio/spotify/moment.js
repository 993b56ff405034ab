// @ts-check
/** What the room plays, as far as Spotify is concerned. Pure. */

import { SPOTIFY } from "../../state/spotify/spotify-source.js";

/** @typedef {import("../../state/shapes.js").Playback} Playback */

/** @param {Playback|null} playback @returns {Playback|null} the playback, while it plays a track of Spotify */
export function playsSpotify(playback) {
  return playback?.state === "playing" && playback.track?.source === SPOTIFY ? playback : null;
}

/** @param {Playback} one @param {Playback} other */
export function sameMoment(one, other) {
  return (
    one.play_id === other.play_id &&
    one.state === other.state &&
    one.starts_at_ms === other.starts_at_ms &&
    one.position_ms === other.position_ms
  );
}
