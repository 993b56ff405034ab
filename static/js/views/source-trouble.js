// @ts-check
/** What is said where something is wrong with Spotify: to the room, in the search, of this browser. Pure. */

import { ELSEWHERE, IN_USE, SWITCHED_OFF, asksForDevice, foldersAway, spotifyOf } from "../sources.js";
import { clockTime } from "./words.js";

/** @typedef {import("./scene.js").Show} Show */
/** @typedef {import("../shapes.js").Item} Item */
/** @typedef {import("../shapes.js").RoomSource} RoomSource */
/** @typedef {import("./trouble.js").Trouble} Trouble */

const NO_DEVICE = "spotify_no_device";
const LIMITED = "spotify_limited";
const OUT = "Spotify is out for the moment.";
/** Said only where it is so. */
const OTHERS_PLAY = "Library tracks play on.";
const OTHERS_CAN = "The library still works.";
const FOUND_BEFORE = "What was found before still shows.";
const PREMIUM = "Spotify plays only for Premium accounts.";

/** @type {Omit<Trouble, "rest">} */
const FOR_LISTENERS = { kind: "wait", icon: "hourglass", bold: OUT, act: null };

/**
 * By cause, for the host: what happened, and what heals it. Nobody else can heal what is wrong with the account.
 * @type {Record<string, (source: RoomSource) => {bold: string, act?: Trouble["act"], more?: string}>}
 */
const CAUSES = {
  spotify_reconnect: ({ at_ms }) => ({ bold: `Spotify logged you out at ${clockTime(at_ms)}.`, act: "reconnect" }),
  spotify_scope: () => ({ bold: "Spotify wants to ask you again.", more: "It has been allowed too little.", act: "reconnect" }),
  spotify_not_connected: () => ({ bold: "No Spotify account is connected.", act: "connect" }),
  spotify_not_listed: () => ({
    bold: "Your Spotify account is not on the list here.",
    more: "The operator can add it at Spotify, by name and email address.",
    act: "account",
  }),
  spotify_premium: () => ({ bold: PREMIUM, act: "account" }),
  [NO_DEVICE]: () => ({ bold: "Spotify has no device to play on.", act: "player" }),
  [SWITCHED_OFF]: () => ({ bold: "Spotify is to play on no device.", act: "player" }),
  [ELSEWHERE]: () => ({ bold: "The Spotify account plays elsewhere.", more: "Choose a device to play here again.", act: "player" }),
  [IN_USE]: () => ({ bold: "Spotify plays in another room.", more: "Choose a device to move it here.", act: "player" }),
  spotify_restricted: () => ({ bold: "Spotify refuses to play on that device.", more: "Choose another one.", act: "player" }),
  [LIMITED]: (source) => ({ bold: limitedWords(source) }),
  spotify_away: () => ({ bold: "Spotify does not answer." }),
  spotify_unsure: () => ({ bold: "Spotify refuses just now.", more: "It is asked again soon.", act: "account" }),
  spotify_operator: () => ({ bold: "Spotify needs the operator’s Premium.", more: "It comes back once that is renewed." }),
  spotify_key: () => ({ bold: "Spotify’s key is missing on this server.", more: "The operator can put it back; nothing is lost." }),
  spotify_client: () => ({ bold: "Spotify does not know this server.", more: "The operator can see why." }),
};
/** A device is missing, and those who look after the room can choose one. */
const DEVICELESS = new Set([NO_DEVICE, SWITCHED_OFF, ELSEWHERE, IN_USE, "spotify_restricted"]);
/** These end by themselves, or by one tap in this room. */
const MILD = new Set([...DEVICELESS, LIMITED, "spotify_away", "spotify_unsure"]);

/** A page that can play Spotify loads its player only now. */
const COMES_WITHIN_MS = 8_000;

/** Why this page cannot sound Spotify. @type {Record<import("../spotify/player.js").Trouble, string>} */
export const UNABLE = {
  premium: PREMIUM,
  unsupported: "This browser cannot play Spotify. Another device of the account can.",
  token: "Spotify does not let this page in.",
  lost: "Spotify does not find this page. Load it again.",
};

/**
 * What stands in the way of a listener's own Spotify; what the server refuses, it says itself.
 * @type {Partial<Record<import("../spotify/along.js").Trouble["kind"], string>>}
 */
export const UNABLE_ALONG = {
  premium: "Spotify Premium is needed to listen along.",
  unsupported: "This browser cannot play Spotify. Another one may.",
  token: "Spotify does not let this page in. Connect your account again.",
  lost: "Spotify does not find this page. Load it again.",
};

/** In the room's banner. @param {Show} show @returns {Trouble|null} */
export function sourceTroubleOf(show) {
  return spotifyTroubleOf(show) ?? folderTroubleOf(show);
}

/** Where tracks wait for a folder: it is looked for by itself, and may want a hand. @param {Show} show @returns {Trouble|null} */
function folderTroubleOf({ state, queue, hosts }) {
  for (const { name, title, at_ms } of foldersAway(state.sources)) {
    const waiting = queue.filter(({ track }) => track.folder === name).length;
    if (waiting === 0) continue;
    const look = hosts ? "Check its disk or share. It is tried again every 5 s." : "";
    const rest = [waitingWords(waiting), look].filter(Boolean).join(" ");
    return { kind: "wait", icon: "hourglass", bold: `The folder ${title} cannot be reached.`, rest, act: null, key: `${name} ${at_ms}` };
  }
  return null;
}

/** @param {Show} show @returns {Trouble|null} */
function spotifyTroubleOf({ state, queue, hosts, rules, now, playback, unheard }) {
  const source = spotifyOf(state.sources);
  if (source?.state !== "away") return null;
  const cause = source.cause ?? "";
  const waiting = waitingFor(source, queue);
  // A device comes with the first track that waits for one; until then nothing is wrong.
  const comes = cause === NO_DEVICE && waiting.every(({ added_at }) => now - added_at < COMES_WITHIN_MS);
  if (comes || (DEVICELESS.has(cause) && waiting.length === 0)) return null;
  const key = `${cause} ${source.at_ms}`;
  const known = hosts || (rules && DEVICELESS.has(cause));
  const others = playback?.state === "playing" && !unheard ? OTHERS_PLAY : OTHERS_CAN;
  if (!known || !Object.hasOwn(CAUSES, cause)) return { ...FOR_LISTENERS, rest: others, key };
  const { bold, more = "", act = null } = CAUSES[cause](source);
  const mild = MILD.has(cause);
  const rest = [more, waitingWords(waiting.length), others].filter(Boolean).join(" ");
  const look = /** @type {const} */ (mild ? { kind: "wait", icon: "hourglass" } : { kind: "stop", icon: "warning" });
  return { ...look, bold, rest, act, key };
}

/** Above what is found there; nothing while all is well. @param {RoomSource} source @param {readonly Item[]} queue */
export function searchWords(source, queue) {
  const { state, cause } = source;
  if (state === "available") return "";
  if (cause === LIMITED) return `${limitedWords(source)} ${FOUND_BEFORE}`;
  if (cause !== null && DEVICELESS.has(cause)) return waitingFor(source, queue).length === 0 ? "" : devicelessWords(source, cause);
  return state === "away" ? `${OUT} ${OTHERS_CAN}` : `Spotify answers only now and then. ${FOUND_BEFORE}`;
}

/** @param {RoomSource} source @param {string} cause  why no device plays */
function devicelessWords(source, cause) {
  if (asksForDevice(source) && cause !== SWITCHED_OFF) return `${CAUSES[cause](source).bold} What is added waits.`;
  return "Spotify has no device to play on yet. What is added waits for one.";
}

/** Where something could not be had: the server's own sentence, and the moment where it gives one.
 * @param {import("../api.js").ApiError} error */
export function failedWords({ code, message, untilMs }) {
  return code === LIMITED ? limitedWords({ until_ms: untilMs }) : message;
}

/** Of what was kept: "From 20:41, Spotify is away." @param {number} ms */
export function oldWords(ms) {
  return `From ${clockTime(ms)}, Spotify is away.`;
}

/** Of Spotify's limits nobody knows more than when they end. @param {{until_ms: number|null}} limit */
function limitedWords({ until_ms }) {
  return until_ms === null ? "Spotify limits us for a while." : `Spotify limits us until ${clockTime(until_ms)}.`;
}

/** @param {RoomSource} source @param {readonly Item[]} queue */
function waitingFor({ name }, queue) {
  return queue.filter(({ track }) => track.source === name);
}

/** @param {number} waiting */
function waitingWords(waiting) {
  if (waiting === 0) return "";
  return waiting === 1 ? "Its track keeps its votes and waits." : `Its ${waiting} tracks keep their votes and wait.`;
}
