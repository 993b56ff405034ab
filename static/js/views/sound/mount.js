// @ts-check
import { part } from "../elements/pieces.js";
import { deviceOf } from "../words/words.js";
import { SoundSwitch } from "./sound-switch.js";
import { say } from "../../words/sound/say.js";

/** @typedef {import("../room/context.js").RoomContext} RoomContext */

const BADGE_EVERY_MS = 1_000;

/** Where the room's sound comes from, and whether this device sounds along. @param {RoomContext} context */
export function mountSound(context) {
  const { root, renderer, speaker, along, sheet, actions, api, code, load } = context;
  const nameOf = (/** @type {string} */ id) => renderer.viewModel?.members.get(id)?.name ?? null;
  const sound = new SoundSwitch(part(root, "sound"), {
    hearKey: part(root, "hear-here"),
    speaker,
    along,
    sheet,
    async adjust(opener) {
      const loaded = await load(() => import("./sync.js"));
      loaded?.openSync({ sheet, api, code, opener, along, seesDevices: renderer.viewModel?.can.control ?? false, nameOf });
    },
    refused: (error) => actions.showRefusal(error),
  });
  Object.assign(actions, {
    canHearHere: () => sound.canClaim && !speaker.speaking,
    hearHere: () => sound.here(),
    toggleSound: () => sound.toggle(),
    claimToStart: () => sound.claimToStart(),
    claimToAdd: () => sound.claimToAdd(),
  });
  renderer.put(sound);
  setInterval(() => sound.drawSync(), BADGE_EVERY_MS);
  for (const name of ["change", "blocked"]) speaker.addEventListener(name, () => renderer.ask());
  along.addEventListener("change", () => renderer.ask());
  speaker.addEventListener("lost", (event) => {
    const lease = /** @type {CustomEvent} */ (event).detail.speaker;
    if (lease) context.toast.say(say("sound.moved", { device: deviceOf(lease, nameOf(lease.member)) }));
  });
}
