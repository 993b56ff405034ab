import assert from "node:assert/strict";
import { test } from "node:test";

import { awayOf, linkedSource, linkOf } from "../../../static/js/state/sources.js";
import { missesPlayer, spotifyOf } from "../../../static/js/state/spotify/spotify-source.js";
import { item, playing, spotify, streamed, track } from "../cast.mjs";

test("tracks wait for a source that is away, not for one that is only slow to search", () => {
  assert.deepEqual([...awayOf([spotify({ state: "away" })])], ["spotify"]);
  assert.deepEqual([...awayOf([spotify({ state: "degraded" })]), ...awayOf([])], []);
});

test("a room without Spotify has none", () => {
  assert.equal(spotifyOf([]), null);
  assert.equal(spotifyOf([spotify()]).name, "spotify");
});

test("a track leads to its source by a safe address only, a library track nowhere", () => {
  assert.equal(linkOf(streamed(1)), streamed(1).link);
  assert.equal(linkOf({ ...streamed(1), link: "javascript:alert(1)" }), null);
  assert.equal(linkOf({ ...track(1), link: "https://example.org/" }), null);
});

test("a player of Spotify is missed once a track of it is there and none sounds it, unless that was chosen", () => {
  const away = spotify({ state: "away", cause: "spotify_no_device" });
  const song = item(2, { track: streamed(2) });
  const misses = (source, facts) => missesPlayer({ sources: [source], queue: [item(1)], playback: playing(1, 0), ...facts });
  assert.ok(!misses(away));
  assert.ok(misses(away, { queue: [item(1), song] }));
  assert.ok(misses(away, { playback: playing(2, 0, { track: song.track }) }));
  assert.ok(misses({ ...away, output: "Kitchen" }, { queue: [song] }));
  const shelf = { key: "list-1", title: "Slow", source: "spotify", tracks: 1, duration_ms: 1 };
  assert.ok(misses(away, { playback: playing(1, 0, { shelf }) }));
  assert.ok(!misses(away, { playback: playing(1, 0, { shelf: { ...shelf, source: "library" } }) }));
  assert.ok(!misses(spotify({ output: "Kitchen" }), { queue: [song] }));
  assert.ok(!misses({ ...away, cause: "spotify_off" }, { queue: [song] }));
});

test("a link to a source is told from words", () => {
  const links = ["https://open.spotify.com/track/1", "open.spotify.com/intl-de/album/1", "spotify:track:1", "https://spotify.link/a", "Hear this: https://open.spotify.com/track/1"];
  for (const link of links) assert.ok(linkedSource([spotify()], link), link);
  for (const words of ["spotify", "spotify: a song", "https://open.spotify.example/track/1", "rain"]) assert.ok(!linkedSource([spotify()], words), words);
});
