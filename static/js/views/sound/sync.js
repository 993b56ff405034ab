// @ts-check
import { aheadOrBehind, badgeOf, milliseconds, nudgeWords } from "../words/badge.js";
import { part, piece, setShown, setText } from "../elements/pieces.js";
import { drawBadge } from "./draw-badge.js";
import { clockTime, deviceOf, deviceWord } from "../words/words.js";
import { say } from "../../words/sheets/say.js";
import { say as sayCommon } from "../../words/common/say.js";

/** @typedef {import("../../audio/sync-controller.js").DeviceSyncFacts} DeviceSyncFacts */

const REFRESH_MS = 1_000;
const ASK_EVERY_MS = 5_000;
const NUDGE_STEP_MS = 10;
const MOST_NUDGE_MS = 500;
const NO_SYNC = { state: "quiet", mode: /** @type {"pocket"} */ ("pocket"), offset_ms: 0, jitter_ms: 0, uncertainty_ms: 0, corrected: null };

/**
 * What this device measures, a hand to correct it where ears know better, and for the host all devices that sound.
 * @param {{sheet: import("../elements/sheet.js").Sheet, api: import("../../net/api.js").Api, code: string, opener: HTMLElement,
 *   along: import("../../audio/listen-along.js").ListenAlong, seesDevices: boolean, nameOf: (id: string) => string|null}} options
 */
export function openSync({ sheet, api, code, opener, along, seesDevices, nameOf }) {
  /** @type {ReturnType<typeof setInterval>[]} */
  const timers = [];
  const body = sheet.show("sheet-sync", { opener, closed: () => timers.forEach((timer) => clearInterval(timer)) });
  const word = deviceWord(along.name);
  setText(part(body, "title"), say("keeps.title", { device: word }));
  const draw = () => drawFacts(body, along);
  const nudge = (/** @type {number} */ by) => {
    along.nudge_ms = Math.max(-MOST_NUDGE_MS, Math.min(MOST_NUDGE_MS, by === 0 ? 0 : along.nudge_ms + by));
    draw();
  };
  part(body, "later").addEventListener("click", () => nudge(-NUDGE_STEP_MS));
  part(body, "earlier").addEventListener("click", () => nudge(NUDGE_STEP_MS));
  part(body, "measured").addEventListener("click", () => nudge(0));
  part(body, "resync").addEventListener("click", () => along.resync());
  setShown(part(body, "devices"), seesDevices);
  const list = () => listDevices({ body, api, code, along, nameOf });
  draw();
  if (seesDevices) list();
  timers.push(setInterval(draw, REFRESH_MS));
  if (seesDevices) timers.push(setInterval(list, ASK_EVERY_MS));
}

/** @param {HTMLElement} body @param {import("../../audio/listen-along.js").ListenAlong} along */
function drawFacts(body, { sync, nudge_ms, resyncs }) {
  setShown(part(body, "resync-row"), resyncs);
  drawBadge(part(body, "badge"), badgeOf(sync));
  const quiet = ["quiet", "blocked", "estimated"].includes(sync.state);
  setShown(part(body, "facts"), !quiet && !resyncs);
  setText(part(body, "offset"), aheadOrBehind(sync.offset_ms));
  setText(part(body, "jitter"), milliseconds(sync.jitter_ms));
  setText(part(body, "clock"), Number.isFinite(sync.uncertainty_ms) ? `±${milliseconds(sync.uncertainty_ms)}` : say("keeps.not_known"));
  setText(part(body, "corrected"), correctedWords(sync));
  setText(part(body, "mode"), sync.mode === "precise" ? say("keeps.precise") : say("keeps.stream"));
  setText(part(body, "nudge"), nudgeWords(nudge_ms));
  setShown(part(body, "measured"), nudge_ms !== 0);
}

/** @param {DeviceSyncFacts} sync */
function correctedWords({ corrected }) {
  if (corrected === null) return say("keeps.not_corrected");
  const time = clockTime(corrected.at);
  return corrected.how === "rate" ? say("keeps.corrected_rate", { time }) : say("keeps.corrected_jump", { time });
}

/**
 * @param {{body: HTMLElement, api: import("../../net/api.js").Api, code: string, along: import("../../audio/listen-along.js").ListenAlong,
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
    setText(note, items.length === 0 ? say("keeps.no_device") : "");
  } catch (error) {
    setText(note, /** @type {Error} */ (error).message);
  }
  setShown(note, note.textContent !== "");
}

/** @param {any} device @param {DeviceSyncFacts} sync @param {(id: string) => string|null} nameOf */
function deviceRow(device, sync, nameOf) {
  const row = piece("piece-device");
  setText(part(row, "name"), deviceOf(device, nameOf(device.member) ?? sayCommon("person.guest")));
  setText(part(row, "note"), device.speaker ? say("keeps.speaker") : say("keeps.listens"));
  drawBadge(part(row, "badge"), badgeOf(sync));
  return row;
}

/** What a device told of itself, at the same measure as one's own. @param {any} device @returns {DeviceSyncFacts} */
function deviceSync({ mode, offset_ms, jitter_ms, uncertainty_ms }) {
  const state = Math.abs(offset_ms) > 150 ? "off" : "in_step";
  return { ...NO_SYNC, state, mode, offset_ms, jitter_ms, uncertainty_ms };
}
