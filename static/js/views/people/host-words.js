// @ts-check
/** Who has the host's powers. Pure. */

import { say as sayCommon } from "../../words/common/say.js";
import { say } from "../../words/room/say.js";

/** @typedef {import("../../state/shapes.js").State} State */
/** @typedef {import("../../state/shapes.js").Member} Member */
/** @typedef {Pick<State, "room"|"me"|"members">} People */

/**
 * "Mika is away. Ana has the host’s keys until they return."; "" while the host has them.
 * @param {string|null} host  id @param {Iterable<Member>} members @param {string} me  id
 */
export function hostAwayWords(host, members, me) {
  const all = [...members];
  const acting = all.find((member) => member.acting);
  if (!acting) return "";
  const name = nameIn(all, host);
  return acting.id === me ? say("host.away_you", { host: name }) : say("host.away", { host: name, acting: acting.name });
}

/**
 * What somebody is told at once when the host's powers pass: of a new host everybody, of an absence who has the keys meanwhile.
 * @param {People} before @param {People} now
 */
export function hostNews(before, now) {
  if (!before.room || !now.room || !now.me || (before.room === now.room && before.members === now.members)) return "";
  const [me, host] = [now.me.id, now.room.host];
  if (before.room.host !== host) return host === me ? say("host.now_you") : say("host.now", { host: nameIn(now.members, host) });
  const [had, has] = [before, now].map(({ members }) => members.some(({ id, acting }) => acting && id === me));
  if (had === has) return "";
  return hostAwayWords(host, now.members, me) || say("host.back", { host: nameIn(now.members, host) });
}

/** @param {readonly Member[]} members @param {string|null} id */
function nameIn(members, id) {
  return members.find((member) => member.id === id)?.name ?? sayCommon("person.host");
}
