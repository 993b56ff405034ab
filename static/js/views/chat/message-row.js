// @ts-check
import { paint } from "../elements/person.js";
import { part, setAttribute, setFlag, setShown, setText } from "../elements/pieces.js";
import { clockTime } from "../words/words.js";
import { textParts } from "./text-parts.js";
import { say } from "../../words/chat/say.js";
import { say as sayCommon } from "../../words/common/say.js";

/** @typedef {import("./timeline.js").Row} Row */
/** @typedef {import("./timeline.js").People} People */
/** @typedef {{people: People, me: {id: string, name: string}, isStale: boolean, reported: ReadonlyMap<string, number>, mayOpen: (row: Row) => boolean}} Surroundings */

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
/** What each row shows now: an unchanged row is not touched. @type {WeakMap<HTMLElement, Record<string, unknown>>} */
const drawn = new WeakMap();

/** @param {HTMLElement} node @param {Row} row @param {Surroundings} surroundings */
export function drawRow(node, row, surroundings) {
  const facts = factsOf(row, surroundings);
  if (isSame(drawn.get(node), facts)) return;
  drawn.set(node, facts);
  if (facts.words !== undefined) drawLine(node, facts);
  else drawMessage(node, facts);
}

/** Thousands of rows are compared whenever one comes: all facts are simple values. @param {Record<string, unknown>|undefined} before @param {Record<string, unknown>} facts */
function isSame(before, facts) {
  if (before === undefined) return false;
  for (const name in facts) if (before[name] !== facts[name]) return false;
  return true;
}

/** As many names as a message mentions, in one value. @param {readonly string[]} mentions @param {People} people */
function namesOf(mentions, people) {
  return mentions.length === 0 ? "" : mentions.flatMap((id) => people.get(id)?.name ?? []).join("\n");
}

/** @param {Row} row @param {Surroundings} surroundings @returns {any} */
function factsOf(row, { people, me, isStale, reported, mayOpen }) {
  const canOpen = mayOpen(row);
  if (row.kind === "activity") return { words: row.words, icon: row.icon, canOpen };
  if (row.kind === "gone") return { words: row.words, icon: "hidden", canOpen };
  if (row.kind === "pending") {
    const note = isStale ? say("message.kept") : say("message.on_its_way");
    return { author: me.id, authorName: me.name, text: row.text, names: "", isFirst: true, isMine: true, isPending: true, at: null, note, canOpen };
  }
  const { message: { id, member, text, mentions, at_ms: at }, isFirst, isMine, mentionsMe } = row;
  const authorName = people.get(member)?.name ?? sayCommon("person.somebody");
  const reports = reported.get(id) ?? 0;
  const note = reports === 0 ? "" : say("reports.by", { n: reports });
  return { author: member, authorName, text, names: namesOf(mentions, people), isFirst, isMine, mentionsMe, at, note, canOpen };
}

/** @param {HTMLElement} node @param {any} facts */
function drawMessage(node, { author, authorName, text, names, isFirst, isMine, isPending = false, mentionsMe = false, at, note, canOpen }) {
  const name = isMine ? sayCommon("person.you") : authorName;
  for (const [flag, on] of Object.entries({ first: isFirst, mine: isMine, pending: isPending, mentioned: mentionsMe })) setFlag(node, flag, on);
  setShown(part(node, "person"), isFirst);
  setShown(part(node, "head"), isFirst);
  paint(part(node, "person"), { id: author, name: authorName });
  setText(part(node, "name"), name);
  const time = part(node, "time");
  setText(time, at === null ? "" : clockTime(at));
  setAttribute(time, "datetime", at === null ? null : new Date(at).toISOString());
  setAttribute(node, "title", at === null ? null : moment.format(at));
  part(node, "text").replaceChildren(...textParts(text, names === "" ? [] : names.split("\n")).map(nodeOf));
  setText(part(node, "note"), note);
  setShown(part(node, "note"), note !== "");
  setShown(part(node, "more"), canOpen);
  setAttribute(part(node, "more"), "aria-label", say("message.more", { name }));
}

/** @param {HTMLElement} node @param {{words: string, icon: string, canOpen: boolean}} facts */
function drawLine(node, { words, icon, canOpen }) {
  setAttribute(/** @type {Element} */ (node.querySelector("use")), "href", `#icon-${icon}`);
  setText(part(node, "words"), words);
  setShown(part(node, "show-again"), canOpen);
}

/** Made of nodes, never of markup. @param {import("./text-parts.js").TextPart} textPart */
function nodeOf({ text, href, isMention }) {
  if (href !== undefined) {
    const link = document.createElement("a");
    link.href = href;
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
    link.textContent = text;
    return link;
  }
  if (!isMention) return document.createTextNode(text);
  const mark = document.createElement("b");
  mark.textContent = text;
  return mark;
}
