// @ts-check
/** @typedef {{socket: WebSocket, events: Event[]}} FirstSocket  events: what has come from it so far */

/**
 * A constructor like WebSocket. Its first call answers the socket that the page has opened early (browser/open-first-socket.js),
 * where the address is the same, and repeats the events that came before it had an owner. Else the early one is closed.
 * @param {FirstSocket|undefined} first @param {any} [Native]
 * @returns {any}
 */
export function socketsAfter(first, Native = globalThis.WebSocket) {
  return function (/** @type {string} */ url) {
    const known = first;
    first = undefined;
    if (known?.socket.url === url) {
      // The owner sets its handlers first, in the same task, so that nothing comes between.
      queueMicrotask(() => known.events.forEach((event) => /** @type {any} */ (known.socket)[`on${event.type}`]?.(event)));
      return known.socket;
    }
    if (known) Object.assign(known.socket, { onopen: null, onmessage: null, onclose: null }).close();
    return new Native(url);
  };
}
