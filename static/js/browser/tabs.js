// @ts-check
/** Tabs of one browser: the one that shows a room says so to others that ask. */

const ASK = "is the room open?";
const YES = "it is";

/** @param {string} code */
const channelOf = (code) => new BroadcastChannel(`beatsync:room:${code}`);

/** This tab shows the room, until it is closed. @param {string} code @returns {BroadcastChannel} */
export function showRoom(code) {
  const channel = channelOf(code);
  channel.onmessage = ({ data }) => data === ASK && channel.postMessage(YES);
  return channel;
}

/** Calls back once another tab shows the room. @param {string} code @param {() => void} found @returns {BroadcastChannel} */
export function findRoom(code, found) {
  const channel = channelOf(code);
  channel.onmessage = ({ data }) => {
    if (data !== YES) return;
    channel.close();
    found();
  };
  channel.postMessage(ASK);
  return channel;
}

/** A tab that the room has opened goes away again: the room's own tab is still there, and may be sounding. @param {HTMLAnchorElement} link */
export function wireBack(link) {
  link.addEventListener("click", (event) => {
    const opener = /** @type {Window|null} */ (window.opener);
    if (!opener || opener.closed) return;
    event.preventDefault();
    opener.focus();
    window.close();
  });
}
