// @ts-check
/**
 * The acts that a person has in a room, so that no key is shown that would be refused. The table of who may do what comes with
 * the room; the server decides. Pure.
 */

/** @typedef {import("./shapes.js").Act} Act */
/** @typedef {import("./shapes.js").Me} Me */
/** @typedef {import("./shapes.js").Room} Room */
/** @typedef {ReturnType<typeof permissionsOf>} Permissions */

/**
 * @param {Pick<Me, "role"|"acting"|"muted"|"banned"|"skips_from_ms">} me
 * @param {Pick<Room, "may"|"rules">} room
 * @param {number} now  ms by the server's clock
 */
export function permissionsOf({ muted, banned, skips_from_ms, ...me }, { may, rules }, now) {
  const role = powersOf(me);
  const can = (/** @type {Act} */ act) => !banned && may[role].includes(act) && (!muted || may.muted.includes(act));
  return {
    vote: can("vote"),
    downvote: can("vote") && rules.downvotes,
    add: can("add"),
    /** A muted person keeps the key in view: pressed, it says why it does nothing. */
    addUnlessMuted: !banned && may[role].includes("add"),
    pause: can("pause"),
    control: can("control"),
    /** A person who controls the playback skips at once. */
    askSkip: can("skip_vote") && !can("control") && now >= (skips_from_ms ?? 0),
    curate: can("curate"),
    order: can("curate") && rules.mode === "host",
    moderate: can("moderate"),
    browse: can("browse"),
    govern: can("govern"),
    chat: can("chat"),
    react: can("react"),
    report: can("report"),
  };
}

/** The role by whose rights a person acts: the host's for a co-host who stands in. @param {Pick<Me, "role"|"acting">} me */
function powersOf({ role, acting }) {
  return acting ? "host" : role;
}

/**
 * May this person mute or remove that member?
 * @param {{can: Pick<Permissions, "moderate">, me: Pick<Me, "id"|"role"|"acting">, room: Pick<Room, "moderates">}} person
 * @param {import("./shapes.js").Member} member
 */
export function canModerate({ can, me, room }, member) {
  return can.moderate && member.id !== me.id && room.moderates[powersOf(me)].includes(member.role);
}
