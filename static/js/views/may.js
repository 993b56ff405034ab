// @ts-check
/**
 * What a person may do in a room, so that no key is shown that would be refused. The server decides. Pure.
 * @param {{role: string, muted: boolean, banned: boolean, skips_from_ms: number|null}} me
 * @param {import("../shapes.js").Room} room
 * @param {number} now  by the server's clock
 */
export function mayOf({ role, muted, banned, skips_from_ms }, { mode, rules }, now) {
  const helps = role !== "listener" && !banned;
  const allowed = (/** @type {import("../shapes.js").Whom} */ whom) => !banned && (helps || whom === "everyone");
  return {
    vote: allowed(rules.may_vote),
    downvote: allowed(rules.may_vote) && rules.downvotes,
    add: allowed(rules.may_add),
    pause: helps || (allowed(rules.may_pause) && !muted),
    /** Host and co-hosts skip at once. */
    askSkip: !helps && !muted && allowed(rules.may_skip) && now >= (skips_from_ms ?? 0),
    order: helps && mode === "host",
  };
}
