// @ts-check
/** Copy and figures. Pure. */

import { isHeld } from "../sources.js";

/** @typedef {import("../shapes.js").Item} Item */
/** @typedef {import("../shapes.js").Track} Track */
/** @typedef {import("../shapes.js").Playback} Playback */
/** @typedef {{uri: string, outcome: "added"|"waiting"|"refused", item?: {id: string}|null, error?: {code: string, message: string}|null}} Outcome */

const MINUTE_MS = 60_000;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const ORDINAL = new Intl.PluralRules("en", { type: "ordinal" });
const SUFFIX = { one: "st", two: "nd", few: "rd", other: "th" };

/** How far this device's own clock is ahead of the server's; 0 below what a clock on a wall shows. */
let deviceAheadMs = 0;

/**
 * Times of day are read beside the device's own clock, so they are written by it. The server's may be an hour off:
 * it goes on evenly where its machine's is set.
 * @param {number} serverNow @param {number} [deviceNow]
 */
export function writeTimesByDevice(serverNow, deviceNow = Date.now()) {
  const ahead = deviceNow - serverNow;
  deviceAheadMs = Math.abs(ahead) < MINUTE_MS ? 0 : ahead;
}

/** "21:47" by this device's clock @param {number} ms  by the server's */
export function clockTime(ms) {
  return clock.format(ms + deviceAheadMs);
}

/** "in 9 min", "now" @param {number} ms @param {number} now */
export function inMinutes(ms, now) {
  const minutes = Math.round((ms - now) / MINUTE_MS);
  return minutes < 1 ? "in a moment" : `in ${minutes} min`;
}

/** "3:46" @param {number} ms */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = String(seconds % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** How many whole minutes ago. @param {number} ms @param {number} now */
export function minutesSince(ms, now) {
  return Math.floor((now - ms) / MINUTE_MS);
}

/** "6 votes", "−1 vote" @param {number} score */
export function votes(score) {
  return `${score < 0 ? "−" : ""}${count(Math.abs(score), "vote")}`;
}

/** "1 minute 32" @param {number} ms */
function spokenDuration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return count(seconds, "second");
  return seconds % 60 ? `${count(minutes, "minute")} ${seconds % 60}` : count(minutes, "minute");
}

/** "1 minute 32 of 4 minutes 3" @param {number} position @param {number} whole */
export function spokenPosition(position, whole) {
  return `${spokenDuration(position)} of ${spokenDuration(whole)}`;
}

/** "3 votes", "1 vote" @param {number} n @param {string} word @param {string} [many] */
export function count(n, word, many = `${word}s`) {
  return `${n.toLocaleString("en")} ${n === 1 ? word : many}`;
}

/** "3rd" @param {number} n */
export function ordinal(n) {
  return `${n}${SUFFIX[/** @type {keyof typeof SUFFIX} */ (ORDINAL.select(n))]}`;
}

/** @param {Track} track */
export function artists(track) {
  return track.artists.length ? track.artists.join(", ") : "Unknown artist";
}

/** "41 min", "2 h 5 min" @param {number} ms */
export function minutes(ms) {
  const whole = Math.max(1, Math.round(ms / MINUTE_MS));
  return whole < 60 ? `${whole} min` : `${Math.floor(whole / 60)} h ${whole % 60} min`;
}

/**
 * "12 tracks, 44 min", "12 tracks, 38 min, 2 held": the time is that of those that can play.
 * @param {readonly Item[]} queue @param {Set<string>} [away]  sources whose tracks wait until they are back
 */
export function queueLength(queue, away = new Set()) {
  if (queue.length === 0) return "nothing waiting";
  const held = queue.filter(({ track }) => isHeld(track, away));
  const ms = queue.reduce((sum, { track }) => sum + (isHeld(track, away) ? 0 : track.duration_ms), 0);
  const time = ms === 0 ? "" : minutes(ms);
  return [count(queue.length, "track"), time, held.length === 0 ? "" : `${held.length} held`].filter(Boolean).join(", ");
}

/** "Yours: 2 waiting, next 22:06", in short "Yours 22:06" @param {readonly Item[]} mine @param {boolean} [short] */
export function yours(mine, short = false) {
  const { eta_ms, locked } = mine.find((item) => item.eta_ms !== null) ?? mine[0];
  if (locked && (short || mine.length === 1)) return "Yours is next";
  if (eta_ms === null) return `Yours: ${mine.length} waiting`;
  if (short) return `Yours ${clockTime(eta_ms)}`;
  return `Yours: ${mine.length} waiting, ${mine.length === 1 ? "" : "next "}${clockTime(eta_ms)}`;
}

/** "3, Eleven Windows by Harbour Static, added by Tomasz, about 21:47"
 * @param {Item} item @param {number} rank @param {string|null} who */
export function itemName(item, rank, who) {
  const place = item.locked ? "Next" : String(rank);
  const added = who === null ? "from the shelf" : `added by ${who}`;
  const time = item.eta_ms === null ? "" : `, about ${clockTime(item.eta_ms)}`;
  return `${place}, ${item.track.title} by ${artists(item.track)}, ${added}${time}`;
}

/** "Mika’s laptop" @param {{name: string}} speaker @param {string} who */
export function deviceOf(speaker, who) {
  return `${who}’s ${deviceWord(speaker.name)}`;
}

/** "laptop" out of "laptop (Chrome on Linux)" @param {string} name */
export function deviceWord(name) {
  return name.split(" (")[0] || "device";
}

/** @param {string} source */
export function sourceName(source) {
  return source ? source[0].toUpperCase() + source.slice(1) : "";
}

const NOT_HERE = ["not available here", "not available here"];
const UNREADABLE = ["that cannot be read", "that cannot be read"];
/** Why a source has tracks that cannot be added here: of one, of many. @type {Record<string, string[]>} */
const SKIPPED = {
  local: ["local file", "local files"],
  episode: ["podcast episode", "podcast episodes"],
  gone: ["no longer there", "no longer there"],
  unplayable: NOT_HERE,
  market: NOT_HERE,
  product: ["not for this account", "not for this account"],
  explicit: ["explicit", "explicit"],
  restricted: ["held back by Spotify", "held back by Spotify"],
};

/** "3 left out: 1 local file, 1 podcast episode, 1 not available here" @param {Record<string, number>} skipped */
export function skippedWords(skipped) {
  // Different reasons may read the same.
  /** @type {Map<string[], number>} */
  const told = new Map();
  for (const [why, n] of Object.entries(skipped)) {
    const words = Object.hasOwn(SKIPPED, why) ? SKIPPED[why] : UNREADABLE;
    if (n > 0) told.set(words, (told.get(words) ?? 0) + n);
  }
  const sum = [...told.values()].reduce((all, n) => all + n, 0);
  const words = [...told].map(([[one, many], n]) => `${n} ${n === 1 ? one : many}`);
  return sum === 0 ? "" : `${sum} left out: ${words.join(", ")}`;
}

/** "21 added, 2 waited already, 1 not: It played at 20:47." @param {readonly Outcome[]} outcomes */
export function manyWords(outcomes) {
  const of = (/** @type {string} */ kind) => outcomes.filter(({ outcome }) => outcome === kind);
  const [added, waited, refused] = ["added", "waiting", "refused"].map(of);
  const told = [`${added.length} added`, waited.length > 0 ? `${waited.length} waited already` : ""].filter(Boolean).join(", ");
  return refused.length === 0 ? `${told}.` : `${told}, ${refused.length} not: ${refused[0].error?.message ?? "refused."}`;
}
