/** A small room everybody knows: three members, a few tracks. Everything is frozen, so a mutation fails a test. */

import { permissionsOf } from "../../static/js/state/permissions.js";

export function track(number, duration_ms = 100_000) {
  return {
    uri: `library:${number}`, source: "library", title: `Track ${number}`, artists: ["Harbour Static"], album: "",
    duration_ms, cover: null, explicit: false, link: null, audio: `/media/audio/${number}`, gain_db: 0,
  };
}

export function item(number, facts = {}) {
  return {
    id: `i${number}`, track: track(number), added_by: "m2", added_at: 1_000 + number, up: 1, down: 0, score: 1,
    reason: "1 vote", why: why("votes"), eta_ms: null, locked: false, ...facts,
  };
}

export function why(kind, facts = {}) {
  return { kind, nth: kind === "shelf" ? 0 : 1, played_at: null, ...facts };
}

export const rules = {
  mode: "votes", open_requests: 3, rest_min: 60, artist_in_a_row: null, longest_min: null, explicit: true, downvotes: true,
  skip_percent: 50, may_add: "everyone", may_vote: "everyone", may_skip: "everyone", may_pause: "hosts", may_chat: "everyone", may_react: "everyone", slow_s: 0, chat_after_min: 0,
};

/** Who may do what under these rules, as the server tells it. */
export const may = {
  host: ["vote", "add", "skip_vote", "pause", "curate", "control", "moderate", "browse", "govern", "chat", "react", "report"],
  cohost: ["vote", "add", "skip_vote", "pause", "curate", "control", "moderate", "browse", "chat", "react", "report"],
  listener: ["vote", "add", "skip_vote", "chat", "react", "report"],
  muted: ["vote"],
};

export const moderates = { host: ["cohost", "listener"], cohost: ["listener"], listener: [] };

/** What somebody of this role is shown keys for, where nothing else is said. */
export function can(role, facts = {}) {
  const { room, me } = snapshot();
  return { ...permissionsOf({ ...me, role }, room, 0), ...facts };
}

/** A member as views see them: here, unless something else is said. */
export function memberInView(id, facts = {}) {
  return { ...member(id), here: true, along: false, ...facts };
}

export function member(id, facts = {}) {
  return { id, name: id, role: "listener", muted: false, banned: false, ...facts };
}

export function playing(number, starts_at_ms, facts = {}) {
  return {
    play_id: `p${number}`, state: "playing", item: item(number), track: track(number), starts_at_ms, position_ms: 0,
    skip: { asked: 0, needed: 2 }, speaker: null, lost: null, halt: null, shelf: null, ...facts,
  };
}

/** What Spotify can do, as the server tells it. */
const CAN = {
  sounds: "device", personal: true, searches: true, browses: false, playlists: true, attribution: "Spotify", fewest_letters: 3,
  pause_ms: 400, links: "\\b((open|play)\\.spotify\\.com|spotify(\\.app)?\\.link)\\/|\\bspotify:[a-z]+:", page: "spotify",
};

/** Spotify as a source of the room, which is well unless something else is said. */
export function spotify(facts = {}) {
  return { name: "spotify", title: "Spotify", can: CAN, state: "available", cause: null, until_ms: null, at_ms: 1, output: null, ...facts };
}

/** The same track, as Spotify would have it. */
export function streamed(number, duration_ms) {
  const id = `4uLU6hMCjMI75M1A2tK${number}`;
  return {
    ...track(number, duration_ms), uri: `spotify:track:${id}`, source: "spotify", audio: null,
    cover: `https://i.scdn.co/image/${number}`, link: `https://open.spotify.com/track/${id}`,
  };
}

export const idle = {
  play_id: "p0", state: "idle", item: null, track: null, starts_at_ms: null, position_ms: 0,
  skip: { asked: 0, needed: 2 }, speaker: null, lost: null, halt: null, shelf: null,
};

export function snapshot(facts = {}) {
  return deepFreeze({
    type: "snapshot", revision: 10, server_ms: 1_000_000,
    room: {
      code: "KQ7F4M", name: "Friday", state: "live", url: "/r/KQ7F4M", created_at: 1, ended_at: null,
      host: "m1", preset: "party", rules, changed: [], reads: [], may, moderates,
    },
    me: { id: "m2", name: "Ana", role: "listener", muted: false, banned: false, named: true, votes: { i1: 1 }, skip: null, skips_from_ms: null, mute: null, warning: null, site_notice: null,
      here_since_ms: 1 },
    presence: { here: ["m1", "m2", "m3"] },
    members: [member("m1", { role: "host" }), member("m2"), member("m3")],
    queue: [item(1), item(2), item(3)],
    playback: idle,
    sources: [],
    along: [],
    chat: [],
    last_incident_ms: null,
    reactions: { subject: null, counts: {} },
    ...facts,
  });
}

export function events(from, ...list) {
  return deepFreeze({ type: "events", from, to: from + list.length - 1, events: list });
}

export function tally(id, score) {
  return { type: "queue.tallied", item: id, up: score, down: 0, score, reason: `${score} votes`, why: why("votes") };
}

export function deepFreeze(value) {
  if (value !== null && typeof value === "object") {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
