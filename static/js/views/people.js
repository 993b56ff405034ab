// @ts-check
import { arrange, keyed } from "./keyed.js";
import { paint } from "./person.js";
import { part, piece, setAttribute, setFlag, setShown, setText } from "./pieces.js";
import { count } from "./words.js";

/** @typedef {import("./scene.js").Show} Show */
/** @typedef {import("../shapes.js").Member} Member */

const ROLE_WORDS = { host: "Host", cohost: "Co-host", listener: "listener" };
const ROLE_ORDER = { host: 0, cohost: 1, listener: 2 };

/** Who is in the room, and one's own card. */
export class People {
  #root;
  #open;
  #rows = new Map();

  /** @param {HTMLElement} root @param {{rename: (opener: HTMLElement) => void, open: (member: Member, opener: HTMLElement) => void}} intents */
  constructor(root, { rename, open }) {
    this.#root = root;
    this.#open = open;
    const key = part(root, "rename");
    key.addEventListener("click", () => rename(key));
  }

  /** @param {Show} show */
  draw(show) {
    const members = [...show.members.values()].filter(({ banned }) => !banned);
    const here = members.filter((member) => member.here || member.id === show.me.id);
    const away = members.length - here.length;
    this.#drawYou(show);
    setText(part(this.#root, "people-title"), `${here.length} here`);
    setText(part(this.#root, "people-away"), away > 0 ? `${away} more ${away === 1 ? "is" : "are"} away` : "");
    for (const place of document.querySelectorAll("[data-people-count]")) setText(place, String(here.length));
    setShown(part(this.#root, "lonely"), members.length === 1);

    const sorted = members.sort((one, other) => rank(one) - rank(other) || Number(other.here) - Number(one.here));
    const rows = keyed(this.#rows, sorted, ({ id }) => id, () => this.#make());
    sorted.forEach((member, index) => this.#drawRow(rows[index], member, show));
    const list = part(this.#root, "members");
    const focused = /** @type {HTMLElement|null} */ (document.activeElement?.closest("[data-members] > *") ?? null);
    arrange(list, rows, focused);
  }

  /** @param {Show} show */
  #drawYou({ me, queue }) {
    const waiting = queue.filter((item) => item.added_by === me.id).length;
    const votes = Object.keys(me.votes).length;
    setShown(part(this.#root, "you"), true);
    paint(part(this.#root, "you-person"), me);
    setText(part(this.#root, "you-name"), me.name);
    const role = ROLE_WORDS[/** @type {keyof typeof ROLE_WORDS} */ (me.role)].toLowerCase();
    setText(part(this.#root, "you-note"), `You, ${role}. ${count(waiting, "track")}, ${count(votes, "vote")}${me.muted ? ". Muted: votes still count" : ""}`);
  }

  #make() {
    const row = piece("piece-member");
    const menu = part(row, "menu");
    menu.addEventListener("click", () => this.#open(/** @type {any} */ (row).member, menu));
    return row;
  }

  /** @param {HTMLElement} row @param {Member} member @param {Show} show */
  #drawRow(row, member, show) {
    /** @type {any} */ (row).member = member;
    const me = member.id === show.me.id;
    const here = member.here || me;
    paint(part(row, "person"), member);
    setFlag(part(row, "person"), "away", !here);
    setFlag(row, "away", !here);
    setText(part(row, "name"), member.name);
    setShown(part(row, "role"), member.role !== "listener");
    setText(part(row, "role-word"), ROLE_WORDS[member.role]);
    setShown(part(row, "muted"), member.muted);
    setText(part(row, "note"), note(member, here, me, show));
    setShown(part(row, "menu"), mayHandle(member, show));
    setAttribute(part(row, "menu"), "aria-label", `More for ${member.name}`);
  }
}

/** Whom this person may mute, ban or make co-host. @param {Member} member @param {Show} show */
function mayHandle(member, { me, hosts, rules }) {
  if (member.id === me.id || member.role === "host") return false;
  return hosts || (rules && member.role === "listener");
}

/** @param {Member} member @param {boolean} here @param {boolean} me @param {Show} show */
function note(member, here, me, { playback, queue }) {
  const waiting = queue.filter((item) => item.added_by === member.id);
  const facts = [];
  if (me) facts.push("you");
  if (playback.speaker?.member === member.id) facts.push("plays the sound");
  else if (member.along) facts.push("listens along");
  if (playback.item?.added_by === member.id && playback.state !== "idle") facts.push("on now");
  else if (waiting.some(({ locked }) => locked)) facts.push("plays next");
  else if (waiting.length > 0) facts.push(`${waiting.length} waiting`);
  if (!here) facts.push("away");
  return facts.join(", ");
}

/** @param {Member} member */
function rank({ role }) {
  return ROLE_ORDER[role];
}
