// @ts-check
/** What a source brings to the page of a room: types alone. */

/** @typedef {import("./room/renderer.js").ViewModel} ViewModel */
/** @typedef {import("../state/shapes.js").RoomSource} RoomSource */
/**
 * @typedef {{code: string, clock: import("../net/server-clock.js").ServerClock, api: import("../net/api.js").Api,
 *   store: import("../state/store.js").Store, speaker: import("../audio/speaker.js").Speaker,
 *   along: import("../audio/listen-along.js").ListenAlong, load: import("./room/context.js").OwnContext["load"]}} SourceServices
 * @typedef {{load(data: DOMStringMap): void, follow(state: import("../state/shapes.js").State): void}} SourceParts
 *   load: what the server has written into the page's body; follow: call it on every change
 */
/**
 * @typedef {object} SourceInPage
 * @property {string} name
 * @property {(context: import("./room/context.js").RoomContext) => void} mount  draws what is in the source's own templates
 * @property {(services: SourceServices) => SourceParts} startParts  what sounds the tracks of the source in this page
 * @property {(viewModel: ViewModel) => import("./words/trouble.js").Trouble|null} troubleOf  for the room's banner
 * @property {(source: RoomSource, queue: ViewModel["queue"]) => string} searchWords  above what is found there; "" while all is well
 * @property {(error: import("../net/api.js").ApiError) => string} failedWords  "": the server's own sentence will do
 * @property {Readonly<Record<string, string>>} unable  why this page cannot sound the source for the room
 * @property {Readonly<Record<string, string>>} unableAlong  … and not for a listener; else the server says it
 * @property {import("../words/refusal.js").SayRefusal} [sayRefusal]  the refusals that only this source has
 */

export {};
