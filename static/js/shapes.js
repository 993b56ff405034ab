// @ts-check
/**
 * The shapes that travel between server and page, for type comments only; docs/protocol.md describes them.
 *
 * @typedef {{uri: string, source: string, title: string, artists: string[], album: string, duration_ms: number,
 *   cover: string|null, thumb?: string|null, explicit: boolean, link: string|null, audio?: string|null, gain_db?: number, folder?: string|null}} Track
 * @typedef {{code: string, message: string, until_ms: number|null}} Refusal
 * @typedef {Track & {refusal?: Refusal|null, waiting_item?: string|null}} Found
 * @typedef {{kind: string, nth: number, played_at: number|null}} Why
 * @typedef {{id: string, track: Track, added_by: string|null, added_at: number, up: number, down: number, score: number,
 *   held: number, reason: string, why: Why, eta_ms: number|null, locked: boolean}} Item
 * @typedef {{id: string, name: string, role: "host"|"cohost"|"listener", muted: boolean, banned: boolean, here: boolean,
 *   along: boolean}} Member
 * @typedef {{id: string, name: string, role: string, muted: boolean, banned: boolean, named: boolean,
 *   votes: Record<string, number>, skip: string|null, skips_from_ms: number|null}} Me
 * @typedef {"everyone"|"hosts"} Whom
 * @typedef {{mode: "votes"|"fair"|"host", open_requests: number|null, rest_min: number, artist_in_a_row: number|null,
 *   longest_min: number|null, explicit: boolean, downvotes: boolean, skip_percent: number, may_add: Whom,
 *   may_vote: Whom, may_skip: Whom, may_pause: Whom, speaker_gone: "play_on"|"wait"}} Rules
 * @typedef {{code: string, name: string, state: "live"|"ended", mode: string, url: string, created_at: number,
 *   ended_at: number|null, host: string|null, preset: string, rules: Rules, changed: string[], reads: string[]}} Room
 * @typedef {{member: string, device: string, name: string}} SpeakerLease
 * @typedef {{play_id: string, state: "playing"|"paused"|"idle", item: Item|null, track: Track|null,
 *   starts_at_ms: number|null, position_ms: number, next: Item|null, skip: {asked: number, needed: number},
 *   speaker: SpeakerLease|null, lost?: {member: string|null, name: string, at_ms: number}|null,
 *   halt?: {why: "speaker"|"failures"|"device", at_ms: number}|null, unheard?: boolean,
 *   shelf: {key: string, title: string, tracks: number, duration_ms?: number}|null}} Playback
 * @typedef {{id: string, at_ms: number, kind: string, cause: string, title: string, device: string, says: string}} Incident
 * @typedef {{name: string, title?: string, state: "available"|"degraded"|"away", cause: string|null, until_ms: number|null,
 *   at_ms: number, output: string|null}} RoomSource
 * @typedef {{id: string|null, name: string, type: string, active: boolean, chosen: boolean, restricted: boolean, private: boolean,
 *   volume: number|null, supports_volume: boolean}} Player  a device of a Spotify account
 * @typedef {{id: string, name: string, owner: string|null, tracks: number|null, cover: string|null, link: string|null,
 *   readable: boolean, why_not: string|null}} Playlist
 * @typedef {{revision: number, room: Room|null, me: Me|null, members: readonly Member[], queue: readonly Item[],
 *   playback: Playback|null, sources: readonly RoomSource[]}} State
 * @typedef {{type: string, [key: string]: any}} RoomEvent
 * @typedef {{type: string, [key: string]: any}} Frame
 */
export {};
