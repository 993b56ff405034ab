// @ts-check
/** Copy and figures. Pure. */

import { LIBRARY } from "../../state/sources.js";
import { say, sayNth, sayOf } from "../../words/common/say.js";

/** @typedef {import("../../state/shapes.js").Track} Track */
/** @typedef {{uri: string, outcome: "added"|"waiting"|"refused", item?: {id: string}|null, error?: import("../../words/refusal.js").RefusalFacts|null}} Outcome */

const MINUTE_MS = 60_000;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

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

/** Formatting is slow, and a queue names the same minutes again and again. @type {Map<number, string>} */
const formatted = new Map();
const MOST_FORMATTED = 2_000;

/** "21:47" by this device's clock @param {number} ms  by the server's */
export function clockTime(ms) {
  const minute = Math.floor((ms + deviceAheadMs) / MINUTE_MS);
  const known = formatted.get(minute);
  if (known !== undefined) return known;
  if (formatted.size >= MOST_FORMATTED) formatted.clear();
  const words = clock.format(minute * MINUTE_MS);
  formatted.set(minute, words);
  return words;
}

/** "in 9 min", "now" @param {number} ms @param {number} now */
export function inMinutes(ms, now) {
  const minutes = Math.round((ms - now) / MINUTE_MS);
  return minutes < 1 ? say("time.in_a_moment") : say("time.in_minutes", { n: minutes });
}

/** "3:46"; "Live" for what has no end @param {number|null} ms */
export function duration(ms) {
  if (ms === null) return say("track.live");
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
  return say("count.votes", { n: score });
}

/** "1 minute 32" @param {number} ms */
function spokenDuration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return say("count.seconds", { n: seconds });
  return seconds % 60 ? say("time.minutes_seconds", { n: minutes, seconds: seconds % 60 }) : say("count.minutes", { n: minutes });
}

/** "1 minute 32 of 4 minutes 3" @param {number} position @param {number} whole */
export function spokenPosition(position, whole) {
  return say("time.of", { position: spokenDuration(position), whole: spokenDuration(whole) });
}

/** "12 tracks" @param {number} n */
export function tracks(n) {
  return say("count.tracks", { n });
}

/** "12 people" @param {number} n */
export function people(n) {
  return say("count.people", { n });
}

/** "3rd" @param {number} n */
export function ordinal(n) {
  return sayNth("number.nth", { n });
}

/** @param {Track} track */
export function artists(track) {
  if (track.live && track.artists.length === 0) return say("track.station");
  return track.artists.length ? track.artists.join(", ") : say("track.unknown_artist");
}

/** "41 min", "2 h", "2 h 5 min" @param {number} ms */
export function minutes(ms) {
  const whole = Math.max(1, Math.round(ms / MINUTE_MS));
  const hours = Math.floor(whole / 60);
  if (hours === 0) return say("time.minutes", { n: whole });
  return whole % 60 === 0 ? say("time.whole_hours", { n: hours }) : say("time.hours", { hours, minutes: whole % 60 });
}

/** "House dozen": a title of ours by its code, else as somebody gave it. @param {string} title @param {string|null} [code] @param {Readonly<Record<string, string>>} [values] */
export function titleWords(title, code = null, values = {}) {
  return code ? sayOf("title", code, values, title) : title;
}

/** "Mika’s laptop" @param {{name: string}} speaker @param {string|null|undefined} who  null: nobody knows their name */
export function deviceOf(speaker, who) {
  const device = deviceWord(speaker.name);
  return who == null ? say("owner.other_device", { device }) : say("owner.device", { who, device });
}

/** "laptop" out of "laptop (Chrome on Linux)" @param {string} name */
export function deviceWord(name) {
  const word = name.split(" (")[0] || "device";
  return sayOf("device", word, {}, word);
}

/** Of tracks that cannot play now, and of what is in their way: "Its 3 tracks keep their votes and wait." @param {number} waiting */
export function waitingWords(waiting) {
  return waiting === 0 ? "" : say("waits.tracks", { n: waiting });
}

/** What people call a source: others than the library have a name of their own. @param {string} source */
export function sourceName(source) {
  if (source === LIBRARY) return say("source.library");
  return source ? source[0].toUpperCase() + source.slice(1) : "";
}
