// @ts-check
import { join } from "../join.js";
import { IN_USE, spotifyOf } from "../sources.js";
import { Add } from "./add.js";
import { Announcer } from "./announcer.js";
import { Banner } from "./banner.js";
import { FirstVote } from "./first-vote.js";
import { Hand } from "./hand.js";
import { Header } from "./header.js";
import { openIncidents } from "./incidents.js";
import { openItem } from "./item-sheet.js";
import { farewell, leave } from "./left.js";
import { Lit } from "./lit.js";
import { openMember } from "./member-sheet.js";
import { openName } from "./name-sheet.js";
import { People } from "./people.js";
import { part, setAttribute, setShown } from "./pieces.js";
import { Placing } from "./placing.js";
import { openPlayed } from "./played.js";
import { openPlayers } from "./players.js";
import { Queue } from "./queue.js";
import { QueueRemote } from "./queue-remote.js";
import { Rack } from "./rack.js";
import { openRefusal } from "./refusal-sheet.js";
import { Remote } from "./remote.js";
import { RulesWay } from "./rules-way.js";
import { Scene } from "./scene.js";
import { Share } from "./share.js";
import { Sheet } from "./sheet.js";
import { Shortcuts } from "./shortcuts.js";
import { Sound } from "./sound.js";
import { Start } from "./start.js";
import { openSync } from "./sync.js";
import { wireThemeKey } from "./theme-key.js";
import { Toast } from "./toast.js";
import { Views } from "./views.js";
import { Voice } from "./voice.js";
import { openVolume } from "./volume.js";
import { deviceOf, deviceWord, ordinal } from "./words.js";

/** @typedef {import("../shapes.js").Item} Item */
/** @typedef {import("../shapes.js").Member} Member */

const BADGE_EVERY_MS = 1_000;
/** Incidents that everybody is told of at once; the others are in the log. */
const TOLD = new Set(["would_not_play", "stalled", "speaker_back"]);
/** The close code that joining again can heal. */
const NO_MEMBER = 4401;

/**
 * Puts the views of a room together and turns what people do into calls.
 * @param {{boot: any, api: import("../api.js").Api, clock: import("../clock.js").ServerClock,
 *   store: import("../store.js").Store, socket: import("../socket.js").RoomSocket, outbox: import("../outbox.js").Outbox,
 *   speaker: import("../speaker.js").Speaker, along: import("../along.js").Along,
 *   drawer: import("../storage.js").Drawer, spotify?: import("../spotify/sound.js").SpotifySound|null}} parts
 * spotify: what this page sounds of Spotify, where it can
 */
export function openRoom({ boot, api, clock, store, socket, outbox, speaker, along, drawer, spotify = null }) {
  const { code } = boot;
  const path = `/api/rooms/${code}`;
  const root = document.body;
  const toast = new Toast(part(root, "toast"));
  const announcer = new Announcer({ polite: part(root, "polite"), assertive: part(root, "assertive") });
  const sheet = new Sheet(part(root, "sheet"));
  const hand = new Hand(outbox);
  const placing = new Placing({ send: (ids) => waiting.order(ids), changed: () => scene.ask() });
  const scene = new Scene({ store, clock, hand, placing });
  const views = new Views({ room: root, side: part(root, "side") });

  const say = (/** @type {string} */ words) => {
    toast.say(words);
    announcer.now(words);
  };
  const refused = (/** @type {import("../api.js").ApiError} */ error) => {
    say(error.code === "stale_play" ? "The track has just changed." : error.message);
  };
  const remote = new Remote({ api, code, playback: () => store.state.playback, refused });
  const waiting = new QueueRemote({ api, code, toast, announcer, refused });

  const vote = (/** @type {Item} */ item, /** @type {1|-1} */ way) => {
    const { may } = scene.show ?? {};
    if (item.locked) return;
    if (!may?.vote || (way === -1 && !may.downvote)) {
      say(may?.vote ? "Down-votes are off in this room." : "Only the host and co-hosts vote here.");
      return;
    }
    hand.press(item, way, scene.show?.me.votes ?? {});
    scene.ask();
  };
  const mayRemove = (/** @type {Item} */ item) => !item.locked && (scene.show?.rules || item.added_by === scene.show?.me.id);
  const remove = (/** @type {Item} */ item) => {
    if (mayRemove(item)) waiting.remove(item);
  };
  const place = (/** @type {Item} */ item, /** @type {number} */ to) => {
    if (!scene.show || !placing.move(scene.show.queue, item.id, to)) return;
    scene.draw();
    const at = scene.show.queue.findIndex(({ id }) => id === item.id);
    announcer.say(`${item.track.title} is now ${ordinal(at + 1)}`);
  };
  const move = (/** @type {Item} */ item, /** @type {1|-1} */ by) => {
    const { queue = [], may } = scene.show ?? {};
    if (may?.order) rack.place(item, queue.findIndex(({ id }) => id === item.id) + by);
  };
  const openMenu = (/** @type {Item} */ item, /** @type {HTMLElement} */ opener) => {
    if (!mayRemove(item)) return;
    openItem({
      sheet,
      item,
      opener,
      show: () => /** @type {import("./scene.js").Show} */ (scene.show),
      acts: {
        remove: () => remove(item),
        pin: (pinned) => waiting.pin(item, pinned),
        countHeld: () => waiting.countHeld(item),
        move: (by) => move(item, by),
      },
    });
  };
  const saveName = async (/** @type {string} */ name) => {
    await api.patch(`${path}/members/${store.state.me?.id}`, { name });
  };
  const changeMember = async (/** @type {Member} */ member, /** @type {object} */ facts) => {
    try {
      await api.patch(`${path}/members/${member.id}`, facts);
    } catch (error) {
      refused(/** @type {any} */ (error));
      throw error;
    }
  };
  const search = () => {
    views.showAdd();
    add.focus();
  };

  const queue = part(root, "rack").closest("section");
  const wide = matchMedia("(min-width: 56.25em)");
  const rack = new Rack({
    list: part(root, "rack"),
    scroller: () => (wide.matches ? part(root, "queue-scroll") : document.scrollingElement),
    edges: () => edges(wide.matches, part(root, "queue-scroll")),
    vote,
    place,
    menu: openMenu,
    gone: (title) => announcer.say(`${title} has left the queue`),
  });
  const nameOf = (/** @type {string} */ id) => scene.show?.members.get(id)?.name ?? null;
  const adjust = (/** @type {HTMLElement} */ opener) =>
    openSync({ sheet, api, code, opener, along, helps: scene.show?.rules ?? false, nameOf });
  /** Inside a tap: Spotify sounds in this page from now on. */
  const playSpotifyHere = () => {
    spotify?.need();
    speaker.unlock();
    spotify?.take({ takeover: spotifyOf(store.state.sources)?.cause === IN_USE });
    if (!speaker.speaking) sound.here();
  };
  const choosePlayer = (/** @type {HTMLElement} */ opener) =>
    openPlayers({
      sheet,
      api,
      code,
      opener,
      some: spotifyOf(store.state.sources)?.output != null,
      own: spotify && { id: () => spotify.deviceId, word: deviceWord(speaker.name), take: playSpotifyHere },
    });
  const sound = new Sound(part(root, "sound"), { speaker, along, spotify, sheet, adjust, choosePlayer, refused });
  const ears = {
    get blocked() {
      return speaker.blocked || along.blocked;
    },
    get sounding() {
      return speaker.speaking || along.listening;
    },
    unlock: () => (along.listening ? along.unlock() : speaker.unlock()),
  };
  const add = new Add(part(root, "results").closest("section"), {
    api,
    code,
    outbox,
    announcer,
    vote,
    undo: (item) => waiting.withdraw(item),
    undoMany: (items) => waiting.withdrawAll(items),
    claimSound: () => sound.claimToAdd(),
    refused: (track, refusal, opener) => openRefusal({ sheet, code, track, refusal, opener }),
  });
  const share = new Share(part(root, "share-host").closest("section"), {
    url: boot.join_url,
    host: boot.public_host,
    name: () => store.state.room?.name ?? "BeatSync",
    said: (words) => toast.say(words),
  });
  const start = async (/** @type {string|null} */ shelf) => {
    await sound.claimToStart();
    if (shelf && scene.show?.hosts && shelf !== store.state.playback?.shelf?.key && !(await remote.chooseShelf(shelf))) return;
    await remote.play();
  };
  /** Inside a tap. In a pause a skip starts the next track. */
  const skip = async () => {
    if (store.state.playback?.state !== "playing") await sound.claimToStart();
    await remote.skip();
  };
  const toggle = () => (store.state.playback?.state === "playing" ? remote.pause() : start(null));

  const lit = new Lit(part(root, "lit"), {
    clock,
    ears,
    remote,
    play: () => start(null),
    skip,
    openVolume: (opener) => openVolume({ sheet, speaker, opener }),
    say: (words) => {
      toast.say(words);
      announcer.say(words);
    },
  });
  const banner = new Banner(part(root, "banner"), {
    socket,
    outbox,
    clock,
    announcer,
    onStale: (stale) => scene.setStale(stale),
    mayClaim: () => sound.may && !speaker.speaking,
    playHere: () => sound.here(),
    playOn: () => start(null),
    choosePlayer,
    spotify: `/r/${code}/spotify`,
    drawer,
    code,
  });

  scene.put(
    new Header(part(root, "room-name").closest("header"), { code }),
    lit,
    new Start(part(root, "start"), { shelves: boot.shelves ?? [], start }),
    sound,
    rack,
    new Queue(queue, { find: search, invite: () => share.share(), clear: () => waiting.clear() }),
    add,
    new People(part(root, "members").closest("section"), {
      rename: (opener) => scene.show && openName({ sheet, me: scene.show.me, save: saveName, opener }),
      open: (member, opener) => scene.show && openMember({ sheet, member, show: scene.show, opener, change: changeMember }),
    }),
    banner,
    new RulesWay(root, { sheet, ears, modes: boot.modes }),
    new Voice(announcer, rack),
  );
  const shortcuts = new Shortcuts({
    rack,
    drawer,
    acts: {
      search,
      clearSearch: () => add.clear(),
      nowPlaying: () => {
        views.show("queue");
        lit.focus();
      },
      skip: () => (scene.show?.rules ? skip() : lit.askSkip()),
      toggle: () => scene.show?.may.pause && toggle(),
      sound: () => sound.toggle(),
      help: () => shortcuts.openHelp(sheet),
      vote,
      menu: (item) => openMenu(item, /** @type {HTMLElement} */ (document.activeElement)),
      remove,
      move,
      undo: () => toast.undo(),
    },
  });
  new FirstVote({ outbox, scene, sheet, drawer, save: saveName });
  wireThemeKey();
  wireShareKey(root);
  wirePlayed();
  wireIncidents();

  window.addEventListener("online", () => add.retry());
  for (const name of ["change", "blocked"]) speaker.addEventListener(name, () => scene.ask());
  along.addEventListener("change", () => scene.ask());
  setInterval(() => sound.drawSync(), BADGE_EVERY_MS);
  speaker.addEventListener("lost", (event) => {
    const lease = /** @type {CustomEvent} */ (event).detail.speaker;
    if (lease) toast.say(`Sound moved to ${deviceOf(lease, scene.show?.members.get(lease.member)?.name ?? "another person")}`);
  });
  outbox.addEventListener("change", () => scene.ask());
  outbox.addEventListener("refused", (event) => {
    const { entry, error } = /** @type {CustomEvent} */ (event).detail;
    if (entry.kind === "vote") refused(error);
  });
  outbox.addEventListener("kept", (event) => {
    const { entry, error } = /** @type {CustomEvent} */ (event).detail;
    if (entry.kind === "vote" && error?.status) refused(error);
    scene.ask();
  });
  socket.addEventListener("status", (event) => {
    const { state, code: why } = /** @type {CustomEvent} */ (event).detail;
    if (state === "live" || state === "polling") add.retry();
    if (state !== "closed") return;
    if (why === NO_MEMBER) location.reload();
    else goodbye(why);
  });
  store.addEventListener("change", () => {
    if (store.state.room?.state === "ended" || store.state.me?.banned) goodbye(null);
  });

  /** @param {number|string|null} why */
  function goodbye(why) {
    const notice = farewell(why, store.state);
    if (!notice || document.querySelector(".notice")) return;
    if (speaker.speaking) speaker.release().catch(() => {});
    along.off();
    socket.close();
    leave(notice);
    announcer.now(notice.title);
  }

  function wirePlayed() {
    const key = part(root, "played-key");
    setShown(key, true);
    key.addEventListener("click", () => openPlayed({ sheet, api, code, opener: key, nameOf }));
  }

  /** Everybody hears what failed; the log of it is for those who can do something. */
  function wireIncidents() {
    const key = part(root, "incidents-key");
    scene.put({ draw: ({ rules }) => setShown(key, rules) });
    key.addEventListener("click", () => openIncidents({ sheet, api, code, opener: key }));
    store.addEventListener("change", (event) => {
      for (const { type, incident } of /** @type {CustomEvent} */ (event).detail.events) {
        if (type !== "incident.noted" || !TOLD.has(incident.kind)) continue;
        toast.say(incident.says);
        announcer.say(incident.says);
      }
    });
  }

  return {
    remote,

    /** Opening the link is joining, by a call of the page's own: previews of links are not people. */
    async enter() {
      if (boot.snapshot) store.receive({ type: "snapshot", ...boot.snapshot });
      const refused = boot.member ? null : await join({ api, code, waits: ({ code: why, message }, ms) => banner.waits(why === "offline" ? "No connection." : message, ms) });
      if (refused === null) socket.connect();
      else goodbye(refused);
    },
  };
}

/** Between which lines of the window the rack is seen. @param {boolean} wide @param {HTMLElement} scroller */
function edges(wide, scroller) {
  if (wide) return scroller.getBoundingClientRect();
  const lamp = part(document, "lit").getBoundingClientRect();
  const dock = /** @type {HTMLElement} */ (document.querySelector(".dock")).getBoundingClientRect();
  return { top: Math.max(0, lamp.bottom), bottom: dock.top };
}

/** On a tablet the code waits behind a key. @param {HTMLElement} room */
function wireShareKey(room) {
  const key = part(room, "share-key");
  const show = (/** @type {boolean} */ on) => {
    room.toggleAttribute("data-code", on);
    setAttribute(key, "aria-expanded", String(on));
  };
  setShown(key, true);
  key.addEventListener("click", () => show(!room.hasAttribute("data-code")));
  document.addEventListener("keydown", (event) => event.key === "Escape" && show(false));
  document.addEventListener("pointerdown", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (room.hasAttribute("data-code") && !target.closest("#share, [data-share-key]")) show(false);
  });
}
