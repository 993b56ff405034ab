// @ts-check
/** What stands in the chat, from top to bottom. Pure. */
import { say } from "../../words/chat/say.js";
import { say as sayCommon } from "../../words/common/say.js";
import { listed } from "../../words/say.js";


/** @typedef {import("../../state/shapes.js").ChatMessage} ChatMessage */
/** @typedef {import("../../state/shapes.js").ActivityLine} ActivityLine */
/** @typedef {{id: string, name: string}} Person */
/** @typedef {ReadonlyMap<string, Person>} People */
/**
 * @typedef {{kind: "message", key: string, message: ChatMessage, isFirst: boolean, isMine: boolean, mentionsMe: boolean}} MessageRow
 *   isFirst: names its author, as the first of a group
 * @typedef {{kind: "pending", key: string, text: string}} PendingRow  not answered by the server yet
 * @typedef {{kind: "activity", key: string, icon: string, words: string}} ActivityRow
 * @typedef {{kind: "gone", key: string, message: ChatMessage, words: string}} GoneRow  hidden or deleted
 * @typedef {MessageRow|PendingRow|ActivityRow|GoneRow} Row
 */

/** A message this long after the one before names its author again. */
const GROUP_MS = 5 * 60_000;
/** Names in a line. */
const NAMED = 2;
const ICONS = { joined: "people", added: "plus", skipped: "skip", plays: "note" };

/**
 * @param {{messages: readonly ChatMessage[], activity: readonly ActivityLine[], pending: readonly {key: string, text: string}[], people: People, me: string}} facts
 * @returns {Row[]}
 */
export function timeline({ messages, activity, pending, people, me }) {
  /** @type {Row[]} */
  const rows = [];
  const lines = linesByMessage(activity);
  const addLines = (/** @type {string|null} */ after) => {
    for (const line of lines.get(after) ?? []) {
      rows.push({ kind: "activity", key: `${line.kind}:${after}`, icon: ICONS[line.kind], words: activityWords(line, people) });
    }
  };
  addLines(null);
  for (const message of messages) {
    if (message.state === "shown") {
      const isFirst = !continues(rows.at(-1), message);
      rows.push({ kind: "message", key: message.id, message, isFirst, isMine: message.member === me, mentionsMe: message.mentions.includes(me) });
    } else {
      rows.push({ kind: "gone", key: `gone:${message.id}`, message, words: goneWords(message, people) });
    }
    addLines(message.id);
  }
  for (const { key, text } of pending) rows.push({ kind: "pending", key, text });
  return rows;
}

/** @param {readonly ActivityLine[]} activity @returns {Map<string|null, ActivityLine[]>} */
function linesByMessage(activity) {
  const lines = new Map();
  for (const line of activity) lines.set(line.after, [...(lines.get(line.after) ?? []), line]);
  return lines;
}

/** @param {Row|undefined} before @param {ChatMessage} message */
function continues(before, message) {
  if (before?.kind !== "message") return false;
  return before.message.member === message.member && message.at_ms - before.message.at_ms < GROUP_MS;
}

/** "Noor and Chen joined", "Noor, Chen and 3 others joined" @param {ActivityLine} line @param {People} people */
export function activityWords({ kind, members, titles, count: n }, people) {
  const names = members.map((id) => people.get(id)?.name ?? sayCommon("person.somebody"));
  const title = titles.at(-1) ?? say("activity.a_track");
  switch (kind) {
    case "joined":
      return say("activity.joined", { names: someOf(names, n), n });
    case "added":
      return n === 1 ? say("activity.added_title", { name: names[0], title }) : say("activity.added", { names: someOf(names, names.length), n });
    case "skipped":
      return n === 1 ? say("activity.skipped_title", { title }) : say("activity.skipped", { n });
    default:
      return say("activity.plays", { title });
  }
}

/** @param {readonly string[]} names @param {number} all */
function someOf(names, all) {
  const named = names.slice(0, NAMED);
  const others = all - named.length;
  if (others > 0) return listed([...named, say("activity.others", { n: others })]);
  return named.length > 0 ? listed(named) : sayCommon("person.somebody");
}

/** What stands in place of a text that is gone. @param {ChatMessage} message @param {People} people */
function goneWords({ state, member, hidden_by }, people) {
  if (state === "deleted") return say("gone.deleted", { who: people.get(member)?.name ?? sayCommon("person.somebody") });
  if (hidden_by === null) return say("gone.hidden");
  const who = people.get(hidden_by)?.name;
  return who === undefined ? say("gone.hidden_by_cohost") : say("gone.hidden_by", { who });
}
