// @ts-check
/** What pages beside the room say, in English. */
export const EN = /** @type {const} */ ({
  "observe.again": "Connecting again.",
  "observe.here": { "one": "{here} here now, {n} member", "other": "{here} here now, {n} members" },
  "observe.live": "Live.",
  "observe.nothing": "Nothing",
  "observe.over": "This view is over. Open the room again from its page.",
  "observe_message.deleted": "(deleted)",
  "observe_message.hidden": "(hidden)",
  "observe_playback.idle": "{title} (idle)",
  "observe_playback.paused": "{title} (paused)",
  "observe_playback.playing": "{title} (playing)",
  "tab.close": "Close this tab: the room is open in its own."
});
