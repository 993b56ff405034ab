// A classic script inside the room's page: the line is opened while the page's own script is still on its way.
(() => {
  const { address } = /** @type {HTMLElement} */ (document.currentScript).dataset;
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${address}`);
  /** @type {Event[]} */
  const events = [];
  const note = (/** @type {Event} */ event) => void events.push(event);
  socket.onopen = socket.onmessage = socket.onclose = note;
  globalThis.firstSocket = { socket, events };
})();
