// @ts-check
/** A live room for somebody of the staff who is no member: the page draws what everybody sees, and sends nothing. */
import "../browser/fills.js";

import { Store } from "../state/store.js";
import { countHere, membersInView } from "../state/members-in-view.js";
import { say, sayOf } from "../words/pages/say.js";

/** @typedef {import("../state/shapes.js").State} State */

const RETRY_MS = 2_000;
/** The room has ended, is gone, or this login may not look at it any more. */
const FINAL_CODES = new Set([4401, 4403, 4404, 4410]);

const root = /** @type {HTMLElement} */ (document.querySelector("[data-address]"));
const line = /** @type {HTMLElement} */ (document.querySelector("[data-line]"));
const store = new Store({ onGap: () => socket?.send(JSON.stringify({ type: "resync" })) });
/** @type {WebSocket|null} */
let socket = null;

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}${root.dataset.address}`);
  socket.onopen = () => tell(say("observe.live"));
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    if (frame.type !== "error") store.receive(frame);
  };
  socket.onclose = ({ code }) => {
    if (FINAL_CODES.has(code)) return tell(say("observe.over"));
    tell(say("observe.again"));
    setTimeout(connect, RETRY_MS);
  };
}

/** @param {string} words */
function tell(words) {
  if (line.textContent !== words) line.textContent = words;
}

/** @param {State} state */
function draw(state) {
  const { playback, queue, chat, members, presence } = state;
  const names = new Map(members.map(({ id, name }) => [id, name]));
  text("[data-playing]", playback?.track ? sayOf("observe_playback", playback.state, { title: playback.track.title }, "") : say("observe.nothing"));
  const here = countHere(membersInView(state, ""), presence);
  text("[data-here]", say("observe.here", { here, n: members.length }));
  rows("[data-queue]", queue.map(({ track, score }) => `${track.title}: ${score}`));
  rows("[data-chat]", chat.map((said) => `${names.get(said.member) ?? "–"}: ${said.state === "shown" ? said.text : sayOf("observe_message", said.state, {}, "")}`));
}

/** @param {string} selector @param {string} words */
function text(selector, words) {
  const element = /** @type {HTMLElement} */ (root.querySelector(selector));
  if (element.textContent !== words) element.textContent = words;
}

/** Rows that stay as they are keep their elements, so that what is being read does not move. @param {string} selector @param {readonly string[]} lines */
function rows(selector, lines) {
  const list = /** @type {HTMLElement} */ (root.querySelector(selector));
  while (list.children.length > lines.length) list.lastElementChild?.remove();
  lines.forEach((words, n) => {
    const row = list.children[n] ?? list.appendChild(Object.assign(document.createElement("li"), { dir: "auto" }));
    if (row.textContent !== words) row.textContent = words;
  });
}

store.addEventListener("change", () => draw(store.state));
connect();
