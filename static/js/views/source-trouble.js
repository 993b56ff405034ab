// @ts-check
/** What the room is told when Spotify is away: its tracks wait, the others play on. Pure. */

import { spotifyOf } from "../sources.js";
import { clockTime } from "./words.js";

/** @typedef {import("./scene.js").Show} Show */
/** @typedef {import("../shapes.js").RoomSource} RoomSource */
/** @typedef {import("./trouble.js").Trouble} Trouble */

/** @type {Trouble} */
const FOR_LISTENERS = {
  kind: "wait", icon: "hourglass", bold: "Spotify is out for the moment.", rest: "Library tracks play on.", act: null,
};

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
  spotify_premium: () => ({ bold: "Spotify plays only for Premium accounts.", act: "account" }),
  spotify_no_device: () => ({ bold: "Spotify has no device to play on.", act: "player" }),
  spotify_limited: (source) => ({ bold: limitedWords(source) }),
  spotify_away: () => ({ bold: "Spotify does not answer." }),
};
/** These end by themselves, or by one tap in this room. */
const MILD = new Set(["spotify_no_device", "spotify_limited", "spotify_away"]);

/** @param {Show} show @returns {Trouble|null} */
export function sourceTroubleOf({ state, queue, hosts, rules }) {
  const source = spotifyOf(state.sources);
  if (source?.state !== "away") return null;
  const cause = source.cause ?? "";
  const waiting = queue.filter(({ track }) => track.source === source.name).length;
  // A device comes with the sound; until a track waits for one, nothing is wrong.
  if (cause === "spotify_no_device" && waiting === 0) return null;
  const known = hosts || (rules && cause === "spotify_no_device");
  if (!known || !Object.hasOwn(CAUSES, cause)) return FOR_LISTENERS;
  const { bold, more = "", act = null } = CAUSES[cause](source);
  const mild = MILD.has(cause);
  const others = mild ? FOR_LISTENERS.rest : "Library tracks play on, nobody hears a gap.";
  const rest = [more, waitingWords(waiting), others].filter(Boolean).join(" ");
  return mild ? { kind: "wait", icon: "hourglass", bold, rest, act } : { kind: "stop", icon: "warning", bold, rest, act };
}

/** Of Spotify's limits nobody knows more than when they end. @param {{until_ms: number|null}} limit */
export function limitedWords({ until_ms }) {
  return until_ms === null ? "Spotify limits us for a while." : `Spotify limits us until ${clockTime(until_ms)}.`;
}

/** @param {number} waiting */
function waitingWords(waiting) {
  if (waiting === 0) return "";
  return waiting === 1 ? "Its track keeps its votes and waits." : `Its ${waiting} tracks keep their votes and wait.`;
}
