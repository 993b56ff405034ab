// @ts-check
/**
 * What sounds tracks in this page, and all that the speaker and whoever listens along know of it: LocalPlayer for tracks with
 * an address, and the own engines of a source whose tracks no page can play by an address. Engines chooses between them.
 * Another source with sound of its own brings another class that keeps to this. It also says in `trouble`, and by an event of that
 * name, why it cannot sound, where only a person can help; `message` is the server's, if it says so itself.
 *
 * An engine is silent while what plays is not its own, and until somebody wants it: `follow` says so, `leave` ends it.
 * Where something cannot be known, the answer is null and never a guess. Events: one for each state, and "blocked".
 * @typedef {object} EngineFacts
 * @property {string} state  "quiet", "playing", "stalled", "ended" (once for each play) or "error"
 * @property {boolean} blocked  does the browser, or the owner of an account, want a tap before this page sounds?
 * @property {number} volume  set only: 0 to 1
 * @property {(playback: Playback, who?: unknown) => void} follow  the room plays this from now on, and `who` wants to hear it
 *   here; the same again does nothing
 * @property {(who?: unknown) => void} leave  `who` wants no sound of it any more; it is silent once nobody does
 * @property {() => void} unlock  call inside a tap: afterwards this page may sound
 * @typedef {EventTarget & EngineFacts} Engine
 */

/**
 * What the speaker reports to the room.
 * @typedef {object} ReportedFacts
 * @property {Cause|"refused"|null} cause  of a state that is a trouble, as the server knows it
 * @property {string|null} playId  the play that is heard; null: nothing is
 * @property {number} position_ms  where in it
 * @property {number} drift_ms  how far it is ahead of the room
 */

/**
 * How well a device keeps time.
 * @typedef {object} MeasuredFacts
 * @property {import("./sync-controller.js").DeviceSyncFacts} sync
 * @property {number} nudge_ms  by how much it sounds earlier, for a delay that only ears measure
 */

/**
 * The own engine of a source for the room: who starts it is the server, and the room's clock gives way to its drift. Further
 * events: "drifted" (it is really at `position_ms`), "paused" (somebody has paused it elsewhere).
 * @typedef {Engine & ReportedFacts & {readonly trouble: {kind: string, message: string}|null, readonly isOutput: boolean, readonly deviceId: string|null,
 *   need(): void, take(options?: {takeover?: boolean}): void}} RoomEngine
 */

/**
 * The own engine of a source for a listener alone: it starts by itself, and gives way to the room's clock.
 * @typedef {Engine & MeasuredFacts & {readonly trouble: {kind: string, message: string}|null, resync(): void}} ListenerEngine
 */

/** @typedef {import("../state/shapes.js").Playback} Playback */
/** @typedef {import("./player-status.js").Cause} Cause */

export {};
