// @ts-check
import { part } from "../elements/pieces.js";
import { audioHere } from "../sound/audio-here.js";
import { NowPlaying } from "./now-playing.js";
import { Reactions } from "./reactions.js";
import { Remote } from "./remote.js";
import { Start } from "./start.js";

/** @typedef {import("../room/context.js").RoomContext} RoomContext */

/** What plays, and what starts, stops and skips it. @param {RoomContext} context */
export function mountNowPlaying(context) {
  const { boot, clock, renderer, root, speaker, sheet, actions, load } = context;
  const remote = mountPlayback(context);
  const nowPlaying = new NowPlaying(part(root, "now-playing"), {
    clock,
    audioHere: audioHere(context),
    remote,
    play: () => actions.start(null),
    skip: () => actions.skip(),
    openVolume: async (opener) => (await load(() => import("../sound/volume.js")))?.openVolume({ sheet, speaker, opener }),
    openItem(opener) {
      const item = renderer.viewModel?.playback.item;
      if (item) actions.openItem(item, opener);
    },
    say: (words) => actions.showMessage(words),
  });
  Object.assign(actions, {
    askSkip: () => nowPlaying.askSkip(),
    showNowPlaying() {
      actions.showView("queue");
      nowPlaying.focus();
    },
  });
  renderer.put(nowPlaying, reactionsOf(context), new Start(part(root, "start"), { shelves: boot.shelves ?? [], start: (shelf) => actions.start(shelf) }));
}

/** @param {RoomContext} context */
function reactionsOf({ root, api, code, actions }) {
  // A reaction that does not arrive is not sent again: late, it would mean something else.
  const react = (/** @type {string} */ subject, /** @type {string} */ reaction) =>
    api.put(`/api/rooms/${code}/reactions/${subject}`, { reaction }).catch((error) => actions.showRefusal(error));
  return new Reactions(part(root, "reactions"), { key: part(root, "react-key"), react });
}

/** @param {RoomContext} context */
function mountPlayback({ api, code, store, renderer, actions }) {
  const playback = () => store.state.playback;
  const remote = new Remote({ api, code, playback, refused: (error) => actions.showRefusal(error) });
  const isPlaying = () => playback()?.state === "playing";
  Object.assign(actions, {
    play: () => remote.play(),
    pause: () => remote.pause(),
    async start(/** @type {string|null} */ shelf) {
      await actions.claimToStart();
      const isOther = shelf && renderer.viewModel?.can.govern && shelf !== playback()?.shelf?.key;
      if (isOther && !(await remote.chooseShelf(shelf))) return;
      await remote.play();
    },
    /** In a pause a skip starts the next track. */
    async skip() {
      if (!isPlaying()) await actions.claimToStart();
      await remote.skip();
    },
    togglePlayback: () => (isPlaying() ? remote.pause() : actions.start(null)),
  });
  return remote;
}
