// @ts-check

/** @typedef {{blocked: boolean, sounding: boolean, unlock(): void}} AudioHere  this device as far as it sounds, as the speaker or along */

/** A page that only shows the room has neither. @param {Partial<Pick<import("../room/context.js").RoomContext, "speaker"|"along">>} context @returns {AudioHere} */
export function audioHere({ speaker, along }) {
  return {
    get blocked() {
      return Boolean(speaker?.blocked || along?.blocked);
    },
    get sounding() {
      return Boolean(speaker?.speaking || along?.listening);
    },
    unlock: () => (along?.listening ? along.unlock() : speaker?.unlock()),
  };
}
