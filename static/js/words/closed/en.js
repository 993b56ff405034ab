// @ts-check
/** What a page says that has no room any more, in English. */
export const EN = /** @type {const} */ ({
  "closed.ask_host": "Your votes stay counted. If this is a mistake, talk to {host}.",
  "closed.ask_the_host": "Your votes stay counted. If this is a mistake, talk to the host.",
  "closed.ask_to_let_in": "Ask the host to let you in.",
  "closed.check_code": "Check the last characters, or it may have ended.",
  "closed.cookies": "Load the page again. If that does not help, let this browser keep cookies: the room knows you by one.",
  "closed.ended": "This room has ended",
  "closed.left": "You left the room",
  "closed.link_stays": "Your votes stay counted. Its link brings you back.",
  "closed.network": "Nobody new may join from your network",
  "closed.no_code": "No room has that code",
  "closed.no_entry": "The room could not let you in",
  "closed.not_here": "You cannot join here",
  "closed.page_title": "{title} · BeatSync",
  "closed.removed": "You were removed",
  "closed.room_ended": "Room ended",
  "closed.room_ended_at": "Room ended at {time}",
  "closed.site_refuses": "The site does not let you in.",
  "closed.was": "That was {room}",
  "closed.wrong_origin": "This server does not know this address. Tell the host."
});
