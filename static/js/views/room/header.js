// @ts-check
import { isInside } from "../../state/members-in-view.js";
import { keyed, arrange } from "../elements/keyed.js";
import { paint } from "../elements/person.js";
import { part, setShown, setText } from "../elements/pieces.js";
import { clockTime, people } from "../words/words.js";
import { say } from "../../words/room/say.js";
import { say as sayCommon } from "../../words/common/say.js";

/** @typedef {import("./renderer.js").ViewModel} ViewModel */

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

  /** @param {ViewModel} viewModel */
  draw(viewModel) {
    const { room, stale, now } = viewModel;
    if (!stale) this.#staleSince = now;
    const { hereCount } = viewModel;
    setText(part(this.#root, "room-name"), room.name);
    const code = this.#code;
    const offline = stale ? say("top.offline", { time: clockTime(this.#staleSince) }) : null;
    setText(part(this.#root, "top-note"), offline ?? (hereCount ? say("top.here", { n: hereCount, code }) : say("top.code", { code })));
    setText(part(this.#root, "top-note-wide"), offline ?? this.#whose(viewModel));
    for (const element of document.querySelectorAll("[data-people-count]")) setText(element, String(hereCount));
    this.#drawFaces(viewModel);
  }

  /** @param {ViewModel} viewModel */
  #whose({ room, me, members, now }) {
    if (me.id === room.host) {
      const isNew = now - room.created_at < JUST_OPENED_MS;
      return isNew ? say("top.you_host_new") : say("top.you_host", { time: clockTime(room.created_at) });
    }
    const host = members.get(room.host ?? "")?.name ?? sayCommon("person.somebody");
    return say("top.hosted", { host, name: me.name });
  }

  /** In a crowd nobody knows who is here: then anybody's face stands for it. @param {ViewModel} viewModel */
  #drawFaces({ members, hereCount, room: { host } }) {
    const faces = [...members.values()].filter((member) => member.here !== false && isInside(member));
    const shown = faces.sort((one, other) => Number(other.id === host) - Number(one.id === host)).slice(0, FACES);
    const marks = keyed(this.#faces, shown, ({ id }) => id, face);
    shown.forEach((member, index) => paint(marks[index].firstElementChild, member));
    arrange(part(this.#root, "faces-list"), marks);
    setShown(part(this.#root, "faces"), shown.length > 0);
    const away = [...members.values()].filter((member) => member.here === false && isInside(member)).length;
    setText(part(this.#root, "faces-more"), peopleBesideFaces({ here: hereCount, away, faces: shown.length }));
  }
}

function face() {
  const item = document.createElement("li");
  const mark = document.createElement("span");
  mark.className = "person";
  item.append(mark);
  return item;
}

/**
 * Beside `faces` shown: "+8 people", "14 people", "Just you so far", "Just you here, 14 away"
 * @param {{here: number, away: number, faces: number}} counts  here: with the reader; away: joined, and not here now
 */
export function peopleBesideFaces({ here, away, faces }) {
  if (here > faces) return say("people.more", { n: here - faces });
  if (here > 1) return people(here);
  return away === 0 ? say("people.only_you") : say("people.only_you_here", { n: away });
}
