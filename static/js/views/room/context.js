// @ts-check
import { Announcer } from "../elements/announcer.js";
import { part } from "../elements/pieces.js";
import { Sheet } from "../elements/sheet.js";
import { Toast } from "../elements/toast.js";
import { HostOrder } from "../queue/host-order.js";
import { OptimisticVotes } from "../queue/optimistic-votes.js";
import { Renderer } from "./renderer.js";
import { say } from "../../words/room/say.js";

/** @typedef {import("../../state/shapes.js").Item} Item */
/** @typedef {{code?: string, message: string}} Refusal */
/**
 * @typedef {object} Services  what a page of a room is made of before anything is drawn
 * @property {any} boot  what the server wrote into the page
 * @property {import("../../net/api.js").Api} api
 * @property {import("../../net/server-clock.js").ServerClock} clock
 * @property {import("../../state/store.js").Store} store
 * @property {import("../../net/socket.js").RoomSocket} socket
 * @property {import("../../net/outbox.js").Outbox} outbox
 * @property {import("../../audio/speaker.js").Speaker} speaker
 * @property {import("../../audio/listen-along.js").ListenAlong} along
 * @property {import("../../browser/json-storage.js").JsonStorage} storage
 */
/**
 * @typedef {object} OwnContext
 * @property {string} code
 * @property {HTMLElement} root  holds the markup of all panels
 * @property {Renderer} renderer
 * @property {OptimisticVotes} votes
 * @property {HostOrder} hostOrder
 * @property {Sheet} sheet
 * @property {Toast} toast
 * @property {Announcer} announcer
 * @property {RoomActions} actions
 * @property {<Part>(load: () => Promise<Part>) => Promise<Part|null>} load  a part of the page when it is first of use, null
 *   where it did not load: that is said, and the same may be tried again
 */
/** @typedef {Services & OwnContext} RoomContext  what the panels of a page share; a panel knows no other panel */
/**
 * What a panel asks of the page. The panel that can do it offers it when it mounts; until then it does nothing.
 * @typedef {object} RoomActions
 * @property {(words: string) => void} showMessage  for eyes and ears, when there is a pause
 * @property {(refusal: Refusal) => void} showRefusal  for eyes and ears, at once
 * @property {(item: Item, way: 1|-1) => void} vote
 * @property {(item: Item) => void} removeItem
 * @property {(item: Item, by: 1|-1) => void} moveItem
 * @property {(item: Item, opener: HTMLElement) => void} openItem
 * @property {(item: {id: string}) => Promise<boolean>} withdraw  removes it without a word
 * @property {(items: any[]) => Promise<{gone: number, left: number}>} withdrawAll
 * @property {(ids: string[]) => Promise<boolean>} orderQueue
 * @property {(shelf: string|null) => Promise<void>} start  makes music play, inside a tap
 * @property {() => void} play
 * @property {() => void} pause
 * @property {() => void} skip  inside a tap
 * @property {() => void} togglePlayback  inside a tap
 * @property {() => void} askSkip
 * @property {() => void} showNowPlaying
 * @property {() => boolean} canHearHere  may this device become the speaker?
 * @property {() => void} hearHere  makes this device the speaker, inside a tap
 * @property {() => void} toggleSound  inside a tap
 * @property {() => Promise<void>} claimToStart  inside a tap that makes music start
 * @property {() => void} claimToAdd  inside a tap that adds
 * @property {(opener: HTMLElement) => void} choosePlayer
 * @property {() => void} openSearch
 * @property {(track: {uri: string, title: string}) => void} moreLike  shows what goes with a track
 * @property {(track: import("../../state/shapes.js").Track, opener: HTMLElement) => void} openTrack  all about a track that does
 *   not wait
 * @property {() => boolean} clearSearch
 * @property {() => void} openChat
 * @property {(opener: HTMLElement) => void} openReports
 * @property {() => void} invite
 * @property {(view: string) => void} showView  queue, add, chat or room
 * @property {(words: string, ms: number) => void} showJoinDelay
 * @property {() => void} showLeft  the room is left for good: the page says so and lets go of it
 */

/** @param {Partial<Services> & {root?: HTMLElement}} services @returns {RoomContext} */
export function createContext({ root = document.body, ...services }) {
  const { boot, clock, outbox, store } = /** @type {Services} */ (services);
  const toast = new Toast(part(root, "toast"));
  const announcer = new Announcer({ polite: part(root, "polite"), assertive: part(root, "assertive") });
  const actions = createActions({ toast, announcer });
  const votes = new OptimisticVotes(outbox);
  const hostOrder = new HostOrder({ send: (ids) => actions.orderQueue(ids), changed: () => renderer.ask() });
  const renderer = new Renderer({ store, clock, votes, placing: hostOrder });
  for (const name of ["pointerdown", "keydown"]) root.addEventListener(name, () => renderer.rest(), { capture: true, passive: true });
  const sheet = new Sheet(part(root, "sheet"));
  const load = loader(actions);
  return { ...(/** @type {Services} */ (services)), code: boot.code, root, renderer, votes, hostOrder, sheet, toast, announcer, actions, load };
}

/** @param {Pick<RoomActions, "showRefusal">} actions @returns {OwnContext["load"]} */
function loader({ showRefusal }) {
  return async (load) => {
    try {
      return await load();
    } catch {
      showRefusal({ message: say("load.failed") });
      return null;
    }
  };
}

/** @param {{toast: Toast, announcer: Announcer}} voices @returns {RoomActions} */
function createActions({ toast, announcer }) {
  const nothing = () => {};
  return {
    showMessage(words) {
      toast.say(words);
      announcer.say(words);
    },
    showRefusal({ message }) {
      toast.say(message);
      announcer.now(message);
    },
    vote: nothing,
    removeItem: nothing,
    moveItem: nothing,
    openItem: nothing,
    withdraw: async () => false,
    withdrawAll: async (items) => ({ gone: 0, left: items.length }),
    orderQueue: async () => false,
    start: async () => {},
    play: nothing,
    pause: nothing,
    skip: nothing,
    togglePlayback: nothing,
    askSkip: nothing,
    showNowPlaying: nothing,
    canHearHere: () => false,
    hearHere: nothing,
    toggleSound: nothing,
    claimToStart: async () => {},
    claimToAdd: nothing,
    choosePlayer: nothing,
    openSearch: nothing,
    moreLike: nothing,
    openTrack: nothing,
    clearSearch: () => false,
    openChat: nothing,
    openReports: nothing,
    invite: nothing,
    showView: nothing,
    showJoinDelay: nothing,
    showLeft: nothing,
  };
}
