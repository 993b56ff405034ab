// @ts-check
/** What the room is told when its sound stops or goes on without a device. Pure. */

import { clockTime, deviceOf } from "./words.js";

/** @typedef {import("./scene.js").Show} Show */
/**
 * @typedef {{kind: "stop"|"wait", icon: "silent"|"warning"|"hourglass", bold: string, rest: string,
 *   act: "here"|"play"|"player"|"reconnect"|"connect"|"account"|null, key?: string}} Trouble
 * key: names what may be put off, for as long as it is the same; without one it stays in view
 */

/**
 * @param {Show} show
 * @param {boolean} mayClaim  may this person make a device of theirs the room's speaker?
 * @returns {Trouble|null}
 */
export function troubleOf(show, mayClaim) {
  const { playback, members, may, unheard } = show;
  const { halt = null, lost = null } = playback;
  const here = mayClaim ? "here" : null;
  if (halt?.why === "failures") {
    const rest = "Three tracks in a row would not play.";
    return { kind: "stop", icon: "silent", bold: "The music waits.", rest, act: may.pause ? "play" : null };
  }
  if (halt?.why === "device") {
    const { speaker } = playback;
    const device = speaker ? deviceOf(speaker, members.get(speaker.member)?.name ?? "Another person") : "The device";
    const act = here ?? (may.pause ? "play" : null);
    return { kind: "stop", icon: "silent", bold: "The music waits.", rest: `${device} plays no sound.${act ? " Check it, then press play." : ""}`, act };
  }
  if (lost === null || playback.speaker !== null) return null;
  const device = deviceOf(lost, members.get(lost.member)?.name ?? "Another person");
  const silent = `${device} went silent at ${clockTime(lost.at_ms)}.`;
  if (halt?.why === "speaker") {
    const rest = `${silent} It goes on when a device plays the sound again.`;
    return { kind: "stop", icon: "silent", bold: "The music waits.", rest, act: here };
  }
  if (playback.state !== "playing") return null;
  const rest = unheard ? ["Nothing sounds now.", here ? "" : whoCanPlay(show)].filter(Boolean).join(" ") : "The music goes on without it.";
  return { kind: "wait", icon: "silent", bold: silent, rest, act: here };
}

/**
 * Nothing has gone wrong, but no device makes the sound: less than any trouble. Where a key to start stands in view, that
 * says enough.
 * @param {Show} show @param {boolean} mayClaim @returns {Trouble|null}
 */
export function silenceOf(show, mayClaim) {
  const { playback, rules, unheard } = show;
  const waits = playback.state === "idle" && playback.halt?.why === "speaker";
  if (!unheard && (!waits || rules)) return null;
  if (mayClaim) return { kind: "wait", icon: "silent", bold: "Nothing sounds.", rest: "", act: "here" };
  return { kind: "wait", icon: "silent", bold: "Nothing sounds yet.", rest: whoCanPlay(show), act: null };
}

/** For those who may not do it themselves. @param {Show} show */
function whoCanPlay({ members, room }) {
  const host = members.get(room.host ?? "");
  return host?.here ? `${host.name} can play it on a device.` : `${host?.name ?? "The host"} is offline.`;
}
