// @ts-check
/** What the room is told when its sound stops or goes on without a device. Pure. */

import { say } from "../../words/room/say.js";
import { clockTime, deviceOf } from "./words.js";
import { say as sayCommon } from "../../words/common/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */
/**
 * @typedef {{kind: "stop"|"wait", icon: "silent"|"warning"|"hourglass", bold: string, rest: string,
 *   act: "here"|"play"|"player"|"reconnect"|"connect"|"account"|null, key?: string, page?: string}} Trouble
 * page: the last part of the address of a page of this room, where the act leads there; key: names what may be put off, for as long as it is the same; without one it stays in view
 */

/**
 * @param {ViewModel} viewModel
 * @param {boolean} mayClaim  may this person make a device of theirs the room's speaker?
 * @returns {Trouble|null}
 */
export function troubleOf(viewModel, mayClaim) {
  const { playback, members, can, unheard } = viewModel;
  const { halt = null, lost = null } = playback;
  const here = mayClaim ? "here" : null;
  if (halt?.why === "failures") {
    const rest = say("trouble.three_failed");
    return { kind: "stop", icon: "silent", bold: say("trouble.music_waits"), rest, act: can.pause ? "play" : null };
  }
  if (halt?.why === "device") {
    const { speaker } = playback;
    const device = speaker ? deviceOf(speaker, members.get(speaker.member)?.name) : say("trouble.the_device");
    const act = here ?? (can.pause ? "play" : null);
    return { kind: "stop", icon: "silent", bold: say("trouble.music_waits"), rest: say(act ? "trouble.device_check" : "trouble.device", { device }), act };
  }
  if (lost === null || playback.speaker !== null) return null;
  const device = deviceOf(lost, members.get(lost.member ?? "")?.name);
  const silent = say("trouble.went_silent", { device, time: clockTime(lost.at_ms) });
  if (halt?.why === "speaker") {
    const rest = say("trouble.until_device", { silent });
    return { kind: "stop", icon: "silent", bold: say("trouble.music_waits"), rest, act: here };
  }
  if (playback.state !== "playing") return null;
  const rest = unheard ? [say("trouble.nothing_now"), here ? "" : whoCanPlay(viewModel)].filter(Boolean).join(" ") : say("trouble.goes_on");
  return { kind: "wait", icon: "silent", bold: silent, rest, act: here };
}

/**
 * Nothing has gone wrong, but no device makes the sound: less than any trouble. Where a key to start stands in view, that
 * says enough.
 * @param {ViewModel} viewModel @param {boolean} mayClaim @returns {Trouble|null}
 */
export function silenceOf(viewModel, mayClaim) {
  const { playback, can, unheard } = viewModel;
  const waits = playback.state === "idle" && playback.halt?.why === "speaker";
  if (!unheard && (!waits || can.control)) return null;
  if (mayClaim) return { kind: "wait", icon: "silent", bold: say("trouble.nothing"), rest: "", act: "here" };
  return { kind: "wait", icon: "silent", bold: say("trouble.nothing_yet"), rest: whoCanPlay(viewModel), act: null };
}

/** For those who may not do it themselves. @param {ViewModel} viewModel */
function whoCanPlay({ members, room }) {
  const host = members.get(room.host ?? "");
  return host && host.here !== false ? say("trouble.host_can", { host: host.name }) : say("trouble.host_offline", { host: host?.name ?? sayCommon("person.host") });
}
