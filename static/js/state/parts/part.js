// @ts-check
/**
 * The type of a part of a room, for type comments only. A part keeps one slice of the state, under its own name.
 *
 * Reducers are pure: they get what is known, the event, and the whole state as it was before the event, and return what is
 * known now. The same slice means that nothing has changed. Frames without a number, as `presence`, come to the same
 * reducers as numbered events.
 *
 * @typedef {import("../shapes.js").State} State
 * @typedef {Record<string, (known: any, event: any, state: State) => any>} Reducers  by type of event
 * @typedef {object} PersonalFact  one field of `state.me`
 * @property {any} empty  where the snapshot tells nothing of it
 * @property {Reducers} reducers
 * @typedef {object} Part
 * @property {string} name  of its slice in the state
 * @property {any} empty  its slice before the first snapshot, and where a snapshot has nothing of it
 * @property {(snapshot: any) => any} [read]  its slice in a snapshot; by default the field with the part's name
 * @property {Reducers} [reducers]
 * @property {(known: any, event: any) => boolean} [fits]  false: the event does not fit what is known, so a snapshot is needed
 * @property {Record<string, PersonalFact>} [mine]  what it adds to `state.me`, by field
 * @property {(state: State) => State} [derive]  after each frame: what follows from several parts
 */
export {};
