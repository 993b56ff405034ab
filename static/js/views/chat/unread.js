// @ts-check
/** Counts the messages that a person has not seen. Pure. */

/** @typedef {import("../../state/shapes.js").ChatMessage} ChatMessage */

/**
 * @param {readonly ChatMessage[]} messages  the oldest first
 * @param {{seen: string, me: string}} reader  seen: the id of the latest message that was in view
 * @returns {{count: number, isMentioned: boolean}}
 */
export function unreadOf(messages, { seen, me }) {
  let [count, isMentioned] = [0, false];
  for (let at = messages.length - 1; at >= 0 && Number(messages[at].id) > Number(seen); at -= 1) {
    const { member, state, mentions } = messages[at];
    if (member === me || state !== "shown") continue;
    count += 1;
    isMentioned ||= mentions.includes(me);
  }
  return { count, isMentioned };
}
