// @ts-check
import { aheadOrBehind, badgeOf, milliseconds, nudgeWords } from "./badge.js";
import { part, piece, setAttribute, setShown, setText } from "./pieces.js";
import { clockTime, deviceWord } from "./words.js";

/** @typedef {import("./badge.js").Sync} Sync */
/** @typedef {import("./badge.js").Badge} Badge */

const REFRESH_MS = 1_000;
const ASK_EVERY_MS = 5_000;
const NUDGE_STEP_MS = 10;
const MOST_NUDGE_MS = 500;
const NO_SYNC = { state: "quiet", mode: /** @type {"pocket"} */ ("pocket"), offset_ms: 0, jitter_ms: 0, uncertainty_ms: 0, corrected: null };

/** Draws a badge onto a chip. @param {HTMLElement} chip @param {Badge} badge */
export function drawBadge(chip, { tone, icon, words }) {
  setAttribute(chip, "data-tone", tone);
  for (const mark of chip.querySelectorAll("[data-icon]")) {
    setShown(/** @type {HTMLElement} */ (mark), /** @type {HTMLElement} */ (mark).dataset.icon === icon);
  }
  setText(part(chip, "badge-words"), words);
}

/**
 * What this device measures, a hand to correct it where ears know better, and for the host all devices that sound.
 * @param {{sheet: import("./sheet.js").Sheet, api: import("../api.js").Api, code: string, opener: HTMLElement,
 *   along: import("../along.js").Along, helps: boolean, nameOf: (id: string) => string|null}} options
 */
export function openSync({ sheet, api, code, opener, along, helps, nameOf }) {
  /** @type {ReturnType<typeof setInterval>[]} */
  const timers = [];
  const body = sheet.show("sheet-sync", { opener, closed: () => timers.forEach((timer) => clearInterval(timer)) });
  const word = deviceWord(along.name);
  setText(part(body, "title"), `How this ${word} keeps time`);
  const draw = () => drawFacts(body, along);
  const nudge = (/** @type {number} */ by) => {
    along.nudge_ms = Math.max(-MOST_NUDGE_MS, Math.min(MOST_NUDGE_MS, by === 0 ? 0 : along.nudge_ms + by));
    draw();
  };
  part(body, "later").addEventListener("click", () => nudge(-NUDGE_STEP_MS));
  part(body, "earlier").addEventListener("click", () => nudge(NUDGE_STEP_MS));
  part(body, "measured").addEventListener("click", () => nudge(0));
  part(body, "resync").addEventListener("click", () => along.resync());
  setShown(part(body, "devices"), helps);
  const list = () => listDevices({ body, api, code, along, nameOf });
  draw();
  if (helps) list();
  timers.push(setInterval(draw, REFRESH_MS));
  if (helps) timers.push(setInterval(list, ASK_EVERY_MS));
}

/** @param {HTMLElement} body @param {import("../along.js").Along} along */
function drawFacts(body, { sync, nudge_ms, resyncs }) {
  setShown(part(body, "resync-row"), resyncs);
  drawBadge(part(body, "badge"), badgeOf(sync));
  const quiet = ["quiet", "blocked", "estimated"].includes(sync.state);
  setShown(part(body, "facts"), !quiet && !resyncs);
  setText(part(body, "offset"), aheadOrBehind(sync.offset_ms));
  setText(part(body, "jitter"), milliseconds(sync.jitter_ms));
  setText(part(body, "clock"), Number.isFinite(sync.uncertainty_ms) ? `±${milliseconds(sync.uncertainty_ms)}` : "not known yet");
  setText(part(body, "corrected"), correctedWords(sync));
  setText(part(body, "mode"), sync.mode === "precise" ? "To the sample" : "As a stream, for a locked screen or little memory");
  setText(part(body, "nudge"), nudgeWords(nudge_ms));
  setShown(part(body, "measured"), nudge_ms !== 0);
}

/** @param {Sync} sync */
function correctedWords({ corrected }) {
  if (corrected === null) return "Not needed so far";
  return `${corrected.how === "rate" ? "A little faster or slower" : "One jump"}, ${clockTime(corrected.at)}`;
}

/**
 * @param {{body: HTMLElement, api: import("../api.js").Api, code: string, along: import("../along.js").Along,
 *   nameOf: (id: string) => string|null}} options
 */
async function listDevices({ body, api, code, along, nameOf }) {
  const note = part(body, "devices-note");
  try {
    const { items } = await api.get(`/api/rooms/${code}/playback/devices`);
    // Of itself this device knows more than what it told some seconds ago.
    const own = (/** @type {any} */ device) => (device.device === along.device ? along.sync : deviceSync(device));
    const unknown = (/** @type {any} */ device) => along.streams && (device.device !== along.device || !along.resyncs);
    const sync = (/** @type {any} */ device) => (unknown(device) ? { ...NO_SYNC, state: "estimated" } : own(device));
    const rows = items.map((/** @type {any} */ device) => deviceRow(device, sync(device), nameOf));
    part(body, "devices-list").replaceChildren(...rows);
    setText(note, items.length === 0 ? "No device sounds now." : "");
  } catch (error) {
    setText(note, /** @type {Error} */ (error).message);
  }
  setShown(note, note.textContent !== "");
}

/** @param {any} device @param {Sync} sync @param {(id: string) => string|null} nameOf */
function deviceRow(device, sync, nameOf) {
  const row = piece("piece-device");
  setText(part(row, "name"), `${nameOf(device.member) ?? "A guest"}’s ${deviceWord(device.name)}`);
  setText(part(row, "note"), device.speaker ? "plays for the room" : "listens along");
  drawBadge(part(row, "badge"), badgeOf(sync));
  return row;
}

/** What a device told of itself, at the same measure as one's own. @param {any} device @returns {Sync} */
function deviceSync({ mode, offset_ms, jitter_ms, uncertainty_ms }) {
  const state = Math.abs(offset_ms) > 150 ? "off" : "in_step";
  return { ...NO_SYNC, state, mode, offset_ms, jitter_ms, uncertainty_ms };
}
