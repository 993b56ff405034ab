// @ts-check
import { isInside } from "../../state/members-in-view.js";
import { canModerate } from "../../state/permissions.js";
import { arrange, keyed } from "../elements/keyed.js";
import { paint } from "../elements/person.js";
import { part, piece, setAttribute, setFlag, setShown, setText } from "../elements/pieces.js";
import { votes as votesWords } from "../words/words.js";
import { hostAwayWords } from "./host-words.js";
import { say, sayOf } from "../../words/sheets/say.js";
import { say as sayCommon } from "../../words/common/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */
/** @typedef {import("../../state/members-in-view.js").MemberInView} Member */

const ROLE_ORDER = { host: 0, cohost: 1, listener: 2 };

/** Who is in the room, and one's own card. */
export class People {
  #root;
  #open;
  #rows = new Map();

  /**
   * @param {HTMLElement} root
   * @param {{rename: (opener: HTMLElement) => void, open: (member: Member, opener: HTMLElement) => void,
   *   openReports: (opener: HTMLElement) => void}} intents
   */
  constructor(root, { rename, open, openReports }) {
    this.#root = root;
    this.#open = open;
    for (const [name, act] of Object.entries({ rename, "reports-way": openReports })) {
      const key = part(root, name);
      key.addEventListener("click", () => act(key));
    }
  }

  /** @param {ViewModel} viewModel */
  draw(viewModel) {
    const members = [...viewModel.members.values()].filter(isInside);
    const { hereCount } = viewModel;
    const away = viewModel.state.presence.here === null ? 0 : members.length - hereCount;
    this.#drawYou(viewModel);
    setText(part(this.#root, "people-title"), say("members.here", { n: hereCount }));
    setText(part(this.#root, "people-away"), away > 0 ? say("members.away", { n: away }) : "");
    setShown(part(this.#root, "lonely"), members.length === 1);
    this.#drawModeration(viewModel);
    const hostAway = hostAwayWords(viewModel.room.host, members, viewModel.me.id);
    setText(part(this.#root, "host-away"), hostAway);
    setShown(part(this.#root, "host-away"), hostAway !== "");

    const sorted = members.sort((one, other) => rank(one) - rank(other) || Number(other.here) - Number(one.here));
    const rows = keyed(this.#rows, sorted, ({ id }) => id, () => this.#make());
    sorted.forEach((member, index) => this.#drawRow(rows[index], member, viewModel));
    const list = part(this.#root, "members");
    const focused = /** @type {HTMLElement|null} */ (document.activeElement?.closest("[data-members] > *") ?? null);
    arrange(list, rows, focused);
  }

  /** @param {ViewModel} viewModel */
  #drawModeration({ can, state: { reports } }) {
    setShown(part(this.#root, "log-way"), can.moderate);
    setShown(part(this.#root, "reports-way"), can.moderate && reports.length > 0);
    setText(part(this.#root, "reports-word"), say("members.reported", { n: reports.length }));
  }

  /** @param {ViewModel} viewModel */
  #drawYou({ me, queue }) {
    setShown(part(this.#root, "you"), true);
    paint(part(this.#root, "you-person"), me);
    setText(part(this.#root, "you-name"), me.name);
    setText(part(this.#root, "you-note"), ownNote(me, queue));
  }

  #make() {
    const row = piece("piece-member");
    const menu = part(row, "menu");
    menu.addEventListener("click", () => this.#open(/** @type {any} */ (row).member, menu));
    return row;
  }

  /** @param {HTMLElement} row @param {Member} member @param {ViewModel} viewModel */
  #drawRow(row, member, viewModel) {
    /** @type {any} */ (row).member = member;
    const isAway = member.here === false;
    paint(part(row, "person"), member);
    setFlag(part(row, "person"), "away", isAway);
    setFlag(row, "away", isAway);
    setText(part(row, "name"), member.name);
    setShown(part(row, "role"), member.role !== "listener");
    setText(part(row, "role-word"), sayOf("role", member.role, {}, member.role));
    setShown(part(row, "muted"), member.muted);
    setText(part(row, "note"), memberNote(member, viewModel));
    setShown(part(row, "menu"), canModerate(viewModel, member));
    setAttribute(part(row, "menu"), "aria-label", sayCommon("more.for", { name: member.name }));
  }
}

/** "You, listener. 2 tracks waiting, 1 vote" @param {Pick<ViewModel["me"], "id"|"role"|"votes"|"muted">} me @param {ViewModel["queue"]} queue */
export function ownNote({ id, role, votes, muted }, queue) {
  const [waiting, voted] = [queue.filter((item) => item.added_by === id).length, Object.keys(votes).length];
  const counts = [waiting > 0 ? say("member.tracks_waiting", { n: waiting }) : "", voted > 0 ? votesWords(voted) : ""].filter(Boolean);
  return [sayOf("you", role, {}, sayCommon("person.you")), counts.join(", "), muted ? say("you.muted") : ""].filter(Boolean).join(". ");
}

/** In a crowd nobody is said to be away. @param {Member} member @param {Pick<ViewModel, "me"|"playback"|"queue">} viewModel */
export function memberNote(member, { me, playback, queue }) {
  const waiting = queue.filter((item) => item.added_by === member.id);
  const facts = [];
  if (member.id === me.id) facts.push(say("member.you"));
  if (playback.speaker?.member === member.id) facts.push(say("member.sounds"));
  else if (member.along) facts.push(say("member.listens"));
  if (member.tv) facts.push(say("member.tv"));
  if (member.acting) facts.push(say("member.stands_in"));
  if (playback.item?.added_by === member.id && playback.state !== "idle") facts.push(say("member.on_now"));
  else if (waiting.some(({ locked }) => locked)) facts.push(say("member.plays_next"));
  else if (waiting.length > 0) facts.push(say("member.waiting", { n: waiting.length }));
  if (member.here === false) facts.push(say("member.away"));
  return facts.join(", ");
}

/** One with a role that this page does not know yet stands among the listeners. @param {Member} member */
function rank({ role }) {
  return ROLE_ORDER[role] ?? ROLE_ORDER.listener;
}
