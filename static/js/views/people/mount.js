// @ts-check
import { isTyping, LastInput } from "../../browser/input.js";
import { part } from "../elements/pieces.js";
import { FirstVote } from "../queue/first-vote.js";
import { whenSeen } from "../elements/when-seen.js";
import { sourceName } from "../words/words.js";
import { hostNews } from "./host-words.js";

/** @typedef {import("../../state/shapes.js").Member} Member */

/** Who is in the room, and the name of this person there. @param {import("../room/context.js").RoomContext} context */
export function mountPeople(context) {
  const { root, renderer, api, code, store, sheet, actions, load } = context;
  const path = `/api/rooms/${code}/members`;
  const save = async (/** @type {string} */ name) => {
    await api.patch(`${path}/${store.state.me?.id}`, { name });
  };
  const change = async (/** @type {Member} */ member, /** @type {object} */ facts) => {
    try {
      await api.patch(`${path}/${member.id}`, facts);
    } catch (error) {
      actions.showRefusal(/** @type {any} */ (error));
      throw error;
    }
  };
  const countOthers = async (/** @type {Member} */ member) => (await api.get(`${path}/${member.id}/network`)).others;
  const { askHandOver, openLeave } = hosting(context);
  // From the first moment: the form alone would leave, and a host's room would have no host.
  part(root, "leave-form").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    openLeave(/** @type {HTMLElement} */ (event.submitter));
  });
  const section = /** @type {HTMLElement} */ (part(root, "members").closest("section"));
  whenSeen(part(root, "people-title"), async () => {
    const loaded = await load(() => import("./people.js"));
    if (!loaded) return false;
    const people = new loaded.People(section, {
      async rename(opener) {
        const loaded = await load(() => import("./name-sheet.js"));
        if (renderer.viewModel) loaded?.openName({ sheet, me: renderer.viewModel.me, save, opener });
      },
      async open(member, opener) {
        const loaded = await load(() => import("./member-sheet.js"));
        if (renderer.viewModel) loaded?.openMember({ sheet, member, viewModel: renderer.viewModel, opener, change, countOthers, askHandOver });
      },
      openReports: (opener) => actions.openReports(opener),
    });
    renderer.put(people);
    return true;
  });
  store.addEventListener("change", (event) => {
    const { previous, state } = /** @type {CustomEvent} */ (event).detail;
    const news = hostNews(previous, state);
    if (news !== "") actions.showMessage(news);
  });
  askNameAfterVote(context, save);
}

/** Handing the room over, and leaving it. @param {import("../room/context.js").RoomContext} context */
function hosting(context) {
  const { renderer, api, code, sheet, load } = context;
  const askHandOver = async (/** @type {Member} */ member, /** @type {HTMLElement} */ opener) => {
    const loaded = await load(() => import("./hand-over-sheet.js"));
    const sources = renderer.viewModel?.state.sources ?? [];
    const titles = sources.flatMap(({ name, title, can }) => (can?.personal ? [title ?? sourceName(name)] : []));
    const handOver = (/** @type {Member} */ heir) => api.put(`/api/rooms/${code}/host`, { member: heir.id });
    loaded?.askHandOver({ sheet, member, titles, opener, handOver });
  };
  const openLeave = async (/** @type {HTMLElement} */ opener) => {
    const loaded = await load(() => import("./leave-sheet.js"));
    loaded?.openLeave(context, { opener, choose: (member) => askHandOver(member, opener) });
  };
  return { askHandOver, openLeave };
}

/** @param {import("../room/context.js").RoomContext} context @param {(name: string) => Promise<void>} save */
function askNameAfterVote({ root, renderer, outbox, sheet, storage, actions, load }, save) {
  const lastInput = new LastInput(document);
  const queue = part(root, "queue-list");
  new FirstVote({
    outbox,
    renderer,
    sheet,
    storage,
    moment: () => ({ isQueueSeen: queue.getClientRects().length > 0, isTyping: isTyping(), isKeyLast: lastInput.isKey }),
    showMessage: (words) => actions.showMessage(words),
    async loadName() {
      const loaded = await load(() => import("./name-sheet.js"));
      return loaded && ((options) => loaded.openName({ sheet, save, ...options }));
    },
  });
}
