// @ts-check
import { Along } from "./along.js";
import { api } from "./api.js";
import { ServerClock } from "./clock.js";
import { pageName } from "./device.js";
import { Follower } from "./follow.js";
import { MediaCard } from "./media-session.js";
import { Outbox } from "./outbox.js";
import { RoomSocket } from "./socket.js";
import { SPOTIFY, hasTracksOf, missesPlayer } from "./sources.js";
import { Speaker } from "./speaker.js";
import { Drawer } from "./storage.js";
import { Store } from "./store.js";
import { showRoom } from "./tabs.js";
import { openRoom } from "./views/page.js";
import { writeTimesByDevice } from "./views/words.js";

/** Wires the parts of a room's page; each of them says itself what it does. */
const boot = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("boot")).textContent ?? "{}");
const { code } = boot;

const drawer = new Drawer(() => localStorage);
const clock = new ServerClock({ serverMs: boot.server_ms });
writeTimesByDevice(clock.now());
clock.addEventListener("step", () => writeTimesByDevice(clock.now()));
const store = new Store({ onGap: () => socket.resync() });
const socket = new RoomSocket({ code, clock });
const outbox = new Outbox({ code, store });
const card = new MediaCard();
/** The one that makes this page's sound. */
export const follower = new Follower({ clock });
const { spotifySdk, alongSdk } = document.body.dataset;
/** The one that makes its Spotify sound, where this browser has connected the account of the room. */
export const spotify = spotifySdk ? await spotifyFrom(spotifySdk) : null;
export const speaker = new Speaker({
  code,
  clock,
  follower,
  spotify,
  card,
  onPlay: () => page.remote.play(),
  onPause: () => page.remote.pause(),
  onNext: () => page.remote.skip(),
});
/** What makes Spotify sound here for a listener, through an account of their own. */
const ownSpotify = alongSdk ? await ownSpotifyFrom(alongSdk) : null;
export const along = new Along({ code, clock, follower, spotify: ownSpotify, speaker, card, drawer });
const page = openRoom({ boot, api, clock, store, socket, outbox, speaker, along, drawer, spotify });

socket.addEventListener("frame", (event) => store.receive(/** @type {CustomEvent} */ (event).detail));
store.addEventListener("change", () => {
  if (missesPlayer(store.state)) spotify?.need();
  if (hasTracksOf(SPOTIFY, store.state)) ownSpotify?.need();
  spotify?.attend(store.state.sources);
  speaker.follow(store.state.playback);
  along.follow(store.state.playback);
});
outbox.addEventListener("kept", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.error?.status === 0) socket.doubt();
});
page.enter();
showRoom(code);

/** Loaded only where it is of use. @param {string} url  of Spotify's own script */
async function spotifyFrom(url) {
  const [player, { SpotifySound }] = await Promise.all([playerFrom(url, "token"), import("./spotify/sound.js")]);
  return new SpotifySound({ code, clock, player, page: () => speaker.device });
}

/** @param {string} url  of Spotify's own script */
async function ownSpotifyFrom(url) {
  const [player, { SpotifyAlong }] = await Promise.all([playerFrom(url, "along/token"), import("./spotify/along.js")]);
  return new SpotifyAlong({ code, clock, player });
}

/** @param {string} url  of Spotify's own script @param {string} path  to where the server gives tokens */
async function playerFrom(url, path) {
  const { SpotifyPlayer } = await import("./spotify/player.js");
  const token = async () => (await api.put(`/api/rooms/${code}/spotify/${path}`)).access_token;
  return new SpotifyPlayer({ url, name: pageName(), token });
}
