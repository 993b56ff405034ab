// @ts-check
import { audioHere } from "../sound/audio-here.js";
import { RulesWay } from "./rules-way.js";

/** The ways to the rules of the room. @param {import("../room/context.js").RoomContext} context */
export function mountRules(context) {
  const { root, boot, renderer, sheet, load } = context;
  renderer.put(new RulesWay(root, { sheet, load, audioHere: audioHere(context), modes: boot.modes }));
}
