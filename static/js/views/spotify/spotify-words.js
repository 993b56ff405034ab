// @ts-check
/** What is said where something is wrong with Spotify: to the room, in the search, of this browser. Pure. */

import { ELSEWHERE, IN_USE, SPOTIFY, SWITCHED_OFF, asksForDevice, spotifyOf } from "../../state/spotify/spotify-source.js";
import { clockTime, waitingWords } from "../words/words.js";
import { say } from "../../words/spotify/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */
/** @typedef {import("../../state/shapes.js").Item} Item */
/** @typedef {import("../../state/shapes.js").RoomSource} RoomSource */
/** @typedef {import("../words/trouble.js").Trouble} Trouble */

const NO_DEVICE = "spotify_no_device";
const LIMITED = "spotify_limited";

/** @type {Omit<Trouble, "rest">} */
const FOR_LISTENERS = { kind: "wait", icon: "hourglass", bold: say("spotify_trouble.out"), act: null };

/**
 * By cause, for the host: what happened, and what heals it. Nobody else can heal what is wrong with the account.
 * @type {Record<string, (source: RoomSource) => {bold: string, act?: Trouble["act"], more?: string}>}
 */
const CAUSES = {
  spotify_reconnect: ({ at_ms }) => ({ bold: say("spotify_trouble.logged_out", { time: clockTime(at_ms) }), act: "reconnect" }),
  spotify_scope: () => ({ bold: say("spotify_trouble.asks_again"), more: say("spotify_trouble.allowed_too_little"), act: "reconnect" }),
  spotify_not_connected: () => ({ bold: say("spotify_trouble.not_connected"), act: "connect" }),
  spotify_not_listed: () => ({
    bold: say("spotify_trouble.not_listed"),
    more: say("spotify_trouble.not_listed_why"),
    act: "account",
  }),
  spotify_premium: () => ({ bold: say("spotify_trouble.premium"), act: "account" }),
  [NO_DEVICE]: () => ({ bold: say("spotify_trouble.no_device"), act: "player" }),
  [SWITCHED_OFF]: () => ({ bold: say("spotify_trouble.switched_off"), act: "player" }),
  [ELSEWHERE]: () => ({ bold: say("spotify_trouble.elsewhere"), more: say("spotify_trouble.choose_here"), act: "player" }),
  [IN_USE]: () => ({ bold: say("spotify_trouble.in_use"), more: say("spotify_trouble.choose_move"), act: "player" }),
  spotify_restricted: () => ({ bold: say("spotify_trouble.restricted"), more: say("spotify_trouble.choose_other"), act: "player" }),
  [LIMITED]: (source) => ({ bold: limitedWords(source) }),
  spotify_away: () => ({ bold: say("spotify_trouble.away") }),
  spotify_unsure: () => ({ bold: say("spotify_trouble.unsure"), more: say("spotify_trouble.asked_again"), act: "account" }),
  spotify_operator: () => ({ bold: say("spotify_trouble.operator"), more: say("spotify_trouble.operator_why") }),
  spotify_key: () => ({ bold: say("spotify_trouble.key"), more: say("spotify_trouble.key_why") }),
  spotify_client: () => ({ bold: say("spotify_trouble.client"), more: say("spotify_trouble.client_why") }),
};
/** A device is missing, and those who look after the room can choose one. */
const DEVICELESS = new Set([NO_DEVICE, SWITCHED_OFF, ELSEWHERE, IN_USE, "spotify_restricted"]);
/** These end by themselves, or by one tap in this room. */
const MILD = new Set([...DEVICELESS, LIMITED, "spotify_away", "spotify_unsure"]);

/** A page that can play Spotify loads its player only now. */
const COMES_WITHIN_MS = 8_000;

/** Why this page cannot sound Spotify. @type {Record<import("../../audio/spotify/player.js").Trouble, string>} */
export const UNABLE = {
  premium: say("spotify_trouble.premium"),
  unsupported: say("spotify_trouble.unsupported"),
  token: say("spotify_trouble.token"),
  lost: say("listen.lost"),
};

/**
 * What stands in the way of a listener's own Spotify; what the server refuses, it says itself.
 * @type {Partial<Record<import("../../audio/spotify/spotify-engine.js").Trouble["kind"], string>>}
 */
export const UNABLE_ALONG = {
  premium: say("listen.premium"),
  unsupported: say("listen.unsupported"),
  token: say("listen.account"),
  lost: say("listen.lost"),
};

/** In the room's banner. @param {ViewModel} viewModel @returns {Trouble|null} */
export function spotifyTroubleOf({ state, queue, can, now, playback, unheard }) {
  const source = spotifyOf(state.sources);
  if (source?.state !== "away") return null;
  const cause = source.cause ?? "";
  const waiting = waitingFor(source, queue);
  // A device comes with the first track that waits for one; until then nothing is wrong.
  const comes = cause === NO_DEVICE && waiting.every(({ added_at }) => now - added_at < COMES_WITHIN_MS);
  if (comes || (DEVICELESS.has(cause) && waiting.length === 0)) return null;
  const key = `${cause} ${source.at_ms}`;
  const known = can.govern || (can.control && DEVICELESS.has(cause));
  const others = playback?.state === "playing" && !unheard ? say("spotify_trouble.library_plays") : say("spotify_trouble.library_works");
  if (!known || !Object.hasOwn(CAUSES, cause)) return { ...FOR_LISTENERS, rest: others, key };
  const { bold, more = "", act = null } = CAUSES[cause](source);
  const mild = MILD.has(cause);
  const rest = [more, waitingWords(waiting.length), others].filter(Boolean).join(" ");
  /** @type {Pick<import("../words/trouble.js").Trouble, "kind"|"icon">} */
  const look = mild ? { kind: "wait", icon: "hourglass" } : { kind: "stop", icon: "warning" };
  return { ...look, bold, rest, act, key, page: SPOTIFY };
}

/** Above what is found there; nothing while all is well. @param {RoomSource} source @param {readonly Item[]} queue */
export function searchWords(source, queue) {
  const { state, cause } = source;
  if (state === "available") return "";
  if (cause === LIMITED) return `${limitedWords(source)} ${say("spotify_trouble.found_before")}`;
  if (cause !== null && DEVICELESS.has(cause)) return waitingFor(source, queue).length === 0 ? "" : devicelessWords(source, cause);
  return state === "away" ? `${say("spotify_trouble.out")} ${say("spotify_trouble.library_works")}` : `${say("spotify_trouble.answers_now_and_then")} ${say("spotify_trouble.found_before")}`;
}

/** @param {RoomSource} source @param {string} cause  why no device plays */
function devicelessWords(source, cause) {
  if (asksForDevice(source) && cause !== SWITCHED_OFF) return `${CAUSES[cause](source).bold} ${say("spotify_trouble.added_waits")}`;
  return say("spotify_trouble.no_device_yet");
}

/** Where something could not be had, and the moment is known from which it can; "" for all else.
 * @param {import("../../net/api.js").ApiError} error */
export function failedWords({ code, untilMs }) {
  return code === LIMITED ? limitedWords({ until_ms: untilMs }) : "";
}

/** Of Spotify's limits nobody knows more than when they end. @param {{until_ms: number|null}} limit */
function limitedWords({ until_ms }) {
  return until_ms === null ? say("spotify_trouble.limited") : say("spotify_trouble.limited_until", { time: clockTime(until_ms) });
}

/** @param {RoomSource} source @param {readonly Item[]} queue */
function waitingFor({ name }, queue) {
  return queue.filter(({ track }) => track.source === name);
}
