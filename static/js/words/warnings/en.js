// @ts-check
/** What the site's staff says by code, in English. */
export const EN = /** @type {const} */ ({
  "warning.message_hidden": "The site hid a message of yours: {why}.",
  "warning.report_hidden": "The site hid the message that you reported.",
  "warning.report_left": "The site looked at the message that you reported. It stays.",
  "warning.room_ended": "The site ended this room: {why}.",
  "warning.track_removed": "The site removed your track “{title}”: {why}.",
  "warning.track_skipped": "The site skipped your track “{title}”: {why}."
});
