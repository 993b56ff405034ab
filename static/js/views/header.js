// @ts-check
import { keyed, arrange } from "./keyed.js";
import { paint } from "./person.js";
import { part, setShown, setText } from "./pieces.js";
import { clockTime, count } from "./words.js";

/** @typedef {import("./scene.js").Show} Show */

const FACES = 6;
const JUST_OPENED_MS = 60_000;

/** Whose room this is, who is in it, and the name this person goes by. */
export class Header {
  #root;
  #code;
  #staleSince = 0;
  #faces = new Map();

  /** @param {HTMLElement} root @param {{code: string}} options */
  constructor(root, { code }) {
    this.#root = root;
    this.#code = `${code.slice(0, 3)} ${code.slice(3)}`;
  }

  /** @param {Show} show */
  draw(show) {
    const { room, stale, now } = show;
    if (!stale) this.#staleSince = now;
    const here = [...show.members.values()].filter((member) => member.here && !member.banned);
    setText(part(this.#root, "room-name"), room.name);
    const people = here.length ? `${here.length} here, ` : "";
    setText(part(this.#root, "top-note"), stale ? `Offline since ${clockTime(this.#staleSince)}` : `${people}code ${this.#code}`);
    setText(part(this.#root, "top-note-wide"), stale ? `Offline since ${clockTime(this.#staleSince)}` : this.#whose(show));
    this.#drawFaces(here, room.host);
  }

  /** @param {Show} show */
  #whose({ room, me, members, now }) {
    if (me.id === room.host) {
      const opened = now - room.created_at < JUST_OPENED_MS ? "just opened" : `open since ${clockTime(room.created_at)}`;
      return `You host, ${opened}`;
    }
    return `${members.get(room.host)?.name ?? "Somebody"} hosts, you are ${me.name}`;
  }

  /** @param {import("../shapes.js").Member[]} here @param {string} host */
  #drawFaces(here, host) {
    const shown = [...here].sort((one, other) => Number(other.id === host) - Number(one.id === host)).slice(0, FACES);
    const marks = keyed(this.#faces, shown, ({ id }) => id, face);
    shown.forEach((member, index) => paint(marks[index].firstElementChild, member));
    arrange(part(this.#root, "faces-list"), marks);
    setShown(part(this.#root, "faces"), here.length > 0);
    const more = here.length - shown.length;
    setText(part(this.#root, "faces-more"), more > 0 ? `+${count(more, "person", "people")}` : here.length === 1 ? "Just you so far" : count(here.length, "person", "people"));
  }
}

function face() {
  const item = document.createElement("li");
  const mark = document.createElement("span");
  mark.className = "person";
  item.append(mark);
  return item;
}
