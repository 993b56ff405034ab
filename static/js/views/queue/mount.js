// @ts-check
import { part } from "../elements/pieces.js";
import { LiveRegion } from "../room/live-region.js";
import { ordinal } from "../words/words.js";
import { EarlyVotes } from "./early-votes.js";
import { QueueHead } from "./queue-head.js";
import { QueueKeys } from "./queue-keys.js";
import { QueueList } from "./queue-list.js";
import { QueueRemote } from "./queue-remote.js";
import { canRemove } from "./queue-row.js";
import { say } from "../../words/queue/say.js";

/** @typedef {import("../../state/shapes.js").Item} Item */
/** @typedef {import("../room/context.js").RoomContext} RoomContext */

/** What waits, and what may be done with it. @param {RoomContext} context */
export function mountQueue(context) {
  const { actions, api, code, toast, announcer, renderer, root, storage } = context;
  const remote = new QueueRemote({ api, code, toast, announcer, refused: (error) => actions.showRefusal(error) });
  const list = mountList(context);
  Object.assign(actions, itemActions(context, { remote, list }), {
    openItem: itemSheet(context, remote),
    withdraw: (/** @type {{id: string}} */ item) => remote.withdraw(item),
    withdrawAll: (/** @type {any[]} */ items) => remote.withdrawAll(items),
    orderQueue: (/** @type {string[]} */ ids) => remote.order(ids),
  });
  const head = new QueueHead(/** @type {HTMLElement} */ (part(root, "queue-list").closest("section")), {
    find: () => actions.openSearch(),
    invite: () => actions.invite(),
    clear: () => remote.clear(),
  });
  const early = new EarlyVotes({ take: /** @type {any} */ (globalThis).earlyVotes, vote: (item, way) => actions.vote(item, way) });
  renderer.put(list, head, new LiveRegion(announcer, list), early);
  new QueueKeys({ list, actions, storage });
  voteAnswers(context);
}

/** @param {RoomContext} context */
function mountList({ root, renderer, hostOrder, announcer, actions }) {
  const list = part(root, "queue-list");
  const ownScroller = part(root, "queue-scroll");
  const wide = matchMedia("(min-width: 56.25em)");
  return new QueueList({
    list,
    scroller: () => (wide.matches ? ownScroller : document.scrollingElement),
    edges: () => (wide.matches ? ownScroller.getBoundingClientRect() : edgesOfWindow(root)),
    vote: (item, way) => actions.vote(item, way),
    place(item, to) {
      if (!renderer.viewModel || !hostOrder.move(renderer.viewModel.queue, item.id, to)) return;
      renderer.draw();
      const at = renderer.viewModel.queue.findIndex(({ id }) => id === item.id);
      announcer.say(say("row.moved", { title: item.track.title, nth: ordinal(at + 1) }));
    },
    open: (item, opener) => actions.openItem(item, opener),
    gone: (title) => announcer.say(say("row.gone", { title })),
  });
}

/** @param {RoomContext} context @param {{remote: QueueRemote, list: QueueList}} parts */
function itemActions({ store, renderer, votes, actions }, { remote, list }) {
  const removeItem = (/** @type {Item} */ item) => {
    const { can, me } = renderer.viewModel ?? {};
    if (can && me && canRemove(item, can, me.id)) remote.remove(item);
  };
  const moveItem = (/** @type {Item} */ item, /** @type {1|-1} */ by) => {
    const { queue = [], can } = renderer.viewModel ?? {};
    if (can?.order) list.place(item, queue.findIndex(({ id }) => id === item.id) + by);
  };
  return {
    removeItem,
    moveItem,
    vote(/** @type {Item} */ item, /** @type {1|-1} */ way) {
      const { can } = renderer.viewModel ?? {};
      if (item.locked) return;
      if (!can?.vote || (way === -1 && !can.downvote)) {
        actions.showRefusal({ message: can?.vote ? say("vote.no_down") : say("vote.not_here") });
        return;
      }
      // What is drawn may lag behind: a tap goes by what is known.
      const { queue, me } = store.state;
      const known = queue.find(({ id }) => id === item.id) ?? item;
      votes.press(known, way, me?.votes ?? {});
      list.drawVote(known);
      renderer.ask("votes");
    },
  };
}

/** Opens the sheet of an item, loaded with the first. @param {RoomContext} context @param {QueueRemote} remote */
function itemSheet({ sheet, actions, renderer, load }, remote) {
  /** @type {import("./item-sheet.js").ItemSheet|null} */
  let made = null;
  return async (/** @type {Item} */ item, /** @type {HTMLElement} */ opener) => {
    const loaded = await load(() => import("./item-sheet.js"));
    if (!loaded) return;
    if (!made) {
      made = new loaded.ItemSheet({
        sheet,
        acts: {
          vote: (item, way) => actions.vote(item, way),
          remove: (item) => actions.removeItem(item),
          pin: (item, pinned) => remote.pin(item, pinned),
          countHeld: (item) => remote.countHeld(item),
          move: (item, by) => actions.moveItem(item, by),
          moreLike: (track) => actions.moreLike(track),
          stopAutofill: () => remote.stopAutofill(),
        },
      });
      renderer.put(made);
    }
    made.open(item, opener);
  };
}

/** What became of a vote that was sent. @param {RoomContext} context */
function voteAnswers({ outbox, renderer, actions }) {
  outbox.addEventListener("change", () => renderer.ask("votes"));
  outbox.addEventListener("refused", (event) => {
    const { entry, error } = /** @type {CustomEvent} */ (event).detail;
    if (entry.kind === "vote") actions.showRefusal(error);
  });
  outbox.addEventListener("kept", (event) => {
    const { entry, error } = /** @type {CustomEvent} */ (event).detail;
    if (entry.kind === "vote" && error?.status) actions.showRefusal(error);
    renderer.ask("votes");
  });
}

/** Between which lines of the window the queue is seen, where the whole page scrolls. @param {HTMLElement} root */
function edgesOfWindow(root) {
  const top = part(root, "now-playing")?.getBoundingClientRect().bottom ?? 0;
  const bottom = root.querySelector(".dock")?.getBoundingClientRect().top ?? innerHeight;
  return { top: Math.max(0, top), bottom };
}
