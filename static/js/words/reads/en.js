// @ts-check
/** What listeners read of the rules of a room, in English. */
export const EN = /** @type {const} */ ({
  "reads.artist_in_a_row": { "one": "At most {n} track of one artist in a row.", "other": "At most {n} tracks of one artist in a row." },
  "reads.autofill": "When few tracks wait, the room adds one itself.",
  "reads.by_host": "The host sets the order, and sees your votes.",
  "reads.by_turns": "Everyone gets turns, and votes move you up.",
  "reads.by_votes": "The most votes play next.",
  "reads.chat_after": "You write after {min} min here.",
  "reads.closes_after": "The last track starts {h} h {min} min after the room opened.",
  "reads.closes_after_hours": "The last track starts {h} h after the room opened.",
  "reads.everyone_pauses": "Everyone can play and pause.",
  "reads.hosts_add": "Only the host and co-hosts add tracks.",
  "reads.hosts_chat": "Only the host and co-hosts write here.",
  "reads.hosts_vote": "Only the host and co-hosts vote.",
  "reads.longest": "Tracks are up to {min} min long.",
  "reads.no_explicit": "No explicit tracks.",
  "reads.no_services": "Nothing goes to ListenBrainz or Last.fm.",
  "reads.no_votes_down": "There are no votes down.",
  "reads.open_requests": { "one": "Up to {n} track of yours waits at once.", "other": "Up to {n} tracks of yours wait at once." },
  "reads.rest": "A track rests {min} min before it returns.",
  "reads.skip": "{percent} % of those here can skip a track.",
  "reads.slow_chat": "You write one message in {s} s.",
  "reads.station_time": "A radio station plays for {min} min.",
  "reads.waits_for_device": "The music waits when its device goes away."
});
