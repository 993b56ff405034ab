// @ts-check
/**
 * The shapes that travel between server and page, for type comments only; docs/protocol-state.md describes them.
 *
 * @typedef {{uri: string, source: string, title: string, artists: string[], album: string, duration_ms: number|null,
 *   live?: boolean, cover: string|null, thumb?: string|null, explicit: boolean, link: string|null, audio?: string|null, gain_db?: number, folder?: string|null}} Track
 * @typedef {import("../words/refusal.js").RefusalFacts & {until_ms: number|null}} Refusal
 * @typedef {Track & {refusal?: Refusal|null, waiting_item?: string|null}} Found
 * @typedef {{kind: string, nth: number, played_at: number|null}} Why
 * @typedef {{id: string, track: Track, added_by: string|null, added_at: number, up: number, down: number, score: number,
 *   reason: string, why: Why, eta_ms: number|null, locked: boolean, suggested_for?: SuggestedFor|null}} Item
 * @typedef {{code: string, values: Record<string, any>, link: string,
 *   credit: {title: string, page: string}|null}} SuggestedFor  why the room added it by itself
 * @typedef {"vote"|"add"|"skip_vote"|"pause"|"curate"|"control"|"moderate"|"browse"|"stations"|"govern"|"chat"|"react"|"report"} Act
 * @typedef {{id: string, name: string, role: "host"|"cohost"|"listener", acting?: boolean, muted: boolean, banned: boolean,
 *   left?: boolean}} Member
 * @typedef {Member["role"]} Role
 * @typedef {{here: readonly string[]|null, count: number, tvs: readonly string[]}} Presence  here and tvs: member ids; here is null in a crowd, where only the number is told
 * @typedef {{id: string, name: string, role: Role, acting?: boolean, muted: boolean, banned: boolean, left?: boolean, named: boolean,
 *   votes: Record<string, number>, skip: string|null, skips_from_ms: number|null, mute?: Mute|null, warning?: SiteNotice|null, site_notice?: SiteNotice|null,
 *   here_since_ms?: number|null}} Me
 * @typedef {{why: string, until_ms: number|null}} Mute
 * @typedef {{id: string, text: string, at_ms: number, code?: string, values?: Record<string, string>}} SiteNotice
 * @typedef {{member: string, kind: "mute"|"ban", why: string, by: string|null, at_ms: number, until_ms: number|null,
 *   reach: "person"|"newcomers"}} Restriction
 * @typedef {{id: string, at_ms: number, kind: string, by: string|null, by_name: string, target: string|null, why: string,
 *   facts: Record<string, any>, undoable: boolean, undone_at_ms: number|null}} LogEntry
 * @typedef {Readonly<Record<string, any>>} Rules  all rules by name: docs/rules.md has their values
 * @typedef {{code: string, name: string, state: "live"|"ended", url: string, created_at: number,
 *   ended_at: number|null, host: string|null, preset: string, rules: Rules, changed: string[], reads: string[], reads_as?: {code: string, values: Record<string, number>}[],
 *   may: Record<Role|"muted", readonly Act[]>, moderates: Record<Role, readonly Role[]>}} Room
 * @typedef {{member: string, device: string, name: string}} SpeakerLease
 * @typedef {{play_id: string, state: "playing"|"paused"|"idle", item: Item|null, track: Track|null,
 *   starts_at_ms: number|null, position_ms: number, live_title?: string|null, next: Item|null, skip: {asked: number, needed: number},
 *   speaker: SpeakerLease|null, lost?: {member: string|null, name: string, at_ms: number}|null,
 *   halt?: {why: "speaker"|"failures"|"device", at_ms: number}|null, unheard?: boolean,
 *   shelf: {key: string, title: string, title_code?: string|null, title_values?: Record<string, string>, source?: string, tracks: number, duration_ms?: number}|null}} Playback
 * @typedef {{id: string, at_ms: number, kind: string, cause: string, title: string, device: string, says: string}} Incident
 * @typedef {{sounds: "file"|"device", personal: boolean, searches: boolean, browses: boolean, playlists: boolean, attribution: string|null,
 *   fewest_letters: number, pause_ms: number, links: string|null, page: string|null}} Capabilities  what a source can do
 * @typedef {{name: string, title?: string, title_code?: string|null, can?: Capabilities|null, state: "available"|"degraded"|"away", cause: string|null, until_ms: number|null,
 *   at_ms: number, output: string|null}} RoomSource
 * @typedef {{id: string|null, name: string, type: string, active: boolean, chosen: boolean, restricted: boolean, private: boolean,
 *   volume: number|null, supports_volume: boolean}} Player  a device of an account
 * @typedef {{id: string, name: string, name_code?: string|null, owner: string|null, tracks: number|null, cover: string|null, link: string|null,
 *   readable: boolean, why_not: string|null, why_not_code?: string|null}} Playlist
 * @typedef {{id: string, member: string, at_ms: number, text: string, mentions: readonly string[], state: "shown"|"hidden"|"deleted",
 *   hidden_by: string|null}} ChatMessage
 * @typedef {{kind: "joined"|"added"|"skipped"|"plays", after: string|null, members: readonly string[], titles: readonly string[],
 *   count: number}} ActivityLine  after: the id of the message before it
 * @typedef {"love"|"fire"|"clap"|"dance"|"laugh"|"again"} Reaction
 * @typedef {{subject: string|null, counts: Partial<Record<Reaction, number>>}} Reactions  of the item with the id `subject`
 * @typedef {{message: ChatMessage, count: number, reasons: readonly string[]}} Report  the latest reasons, the latest last
 * @typedef {{revision: number, room: Room|null, me: Me|null, members: readonly Member[],
 *   restrictions: readonly Restriction[], log: readonly LogEntry[], presence: Presence, along: readonly string[],
 *   queue: readonly Item[], held: Record<string, number>, playback: Playback|null, sources: readonly RoomSource[],
 *   chat: readonly ChatMessage[], last_incident_ms: number|null,
 *   activity: readonly ActivityLine[], reactions: Reactions, reports: readonly Report[], notice?: SiteNotice|null,
 *   blocked_words: readonly string[], suggestions: {at_ms: number|null}}} State
 * @typedef {{type: string, [key: string]: any}} RoomEvent
 * @typedef {{type: string, [key: string]: any}} Frame
 */
export {};
