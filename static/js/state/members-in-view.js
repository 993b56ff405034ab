// @ts-check
/** Members together with who of them is connected and who listens along. Pure. */

/** @typedef {import("./shapes.js").State} State */
/**
 * @typedef {import("./shapes.js").Member & {here: boolean|null, along: boolean, tv: boolean}} MemberInView
 * here: null in a crowd, where only the number of those is known
 */

/**
 * The reader's own page is open, so the reader is here. Who is not here hears nothing.
 * @param {Pick<State, "members"|"presence"|"along">} state
 * @param {string} me  the reader's id
 * @returns {Map<string, MemberInView>} by id, in the order of joining
 */
export function membersInView({ members, presence, along }, me) {
  const connected = presence.here && new Set(presence.here);
  const listening = new Set(along);
  const onTv = new Set(presence.tvs);
  return new Map(
    members.map((member) => {
      const here = connected && (connected.has(member.id) || member.id === me);
      return [member.id, { ...member, here, along: listening.has(member.id) && here !== false, tv: onTv.has(member.id) }];
    }),
  );
}

/** How many are here; removed members count for nothing. @param {ReadonlyMap<string, MemberInView>} members @param {State["presence"]} presence */
export function countHere(members, presence) {
  if (presence.here === null) return presence.count;
  return [...members.values()].filter((member) => member.here && isInside(member)).length;
}

/** Neither left for good nor removed. @param {Pick<MemberInView, "banned"|"left">} member */
export function isInside({ banned, left }) {
  return !banned && !left;
}
