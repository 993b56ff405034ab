// @ts-check
import { refusalWords } from "../words/refusal.js";
import { api as defaultApi } from "./api.js";
import { Heartbeat } from "./heartbeat.js";
import { Poller } from "./poller.js";

/** @typedef {import("./api.js").Api} Api */
/** @typedef {import("./server-clock.js").ServerClock} ServerClock */
/**
 * @typedef {{state: "connecting"|"live"|"offline"|"polling"|"closed", code: number|string|null, message: string|null,
 *   retryInMs: number|null, since: number}} Status
 * since: server time in ms since which there is a live line ("live"), or none (all others).
 */

/** Most losses are a restart or a changed network: over within a breath. */
const FIRST_RETRY_MS = 500;
const RETRY_BASE_MS = 1_000;
const RETRY_CAP_MS = 30_000;
/** A handshake that takes longer is stuck in a proxy. */
const OPEN_WITHIN_MS = 10_000;
/** Two tries without a word: this network may block sockets, so ask over HTTP meanwhile. */
const FAILURES_BEFORE_POLLING = 2;

/** The server has spoken: asking again would get the same answer. */
const FINAL_CODES = new Set([4401, 4403, 4404, 4405, 4410]);
const MALFORMED = 4400;
const TOO_SLOW = 4408;
const TOO_OFTEN = 4429;
/** 1012 is uvicorn's own word for it. */
const RESTARTING = new Set([1012, 4512]);
/** A restart takes a few seconds; a whole venue comes back spread over these. */
const RESTART_RETRY_MS = 4_000;
const CLOSE_CODES = new Map([["no_membership", 4401], ["banned", 4403], ["unknown_room", 4404], ["left", 4405], ["room_ended", 4410]]);

/** What an HTTP refusal means in close codes; undefined for one that asking again may heal.
 * @param {import("./api.js").ApiError} error */
export function closeCode({ code }) {
  return CLOSE_CODES.get(code);
}

/**
 * One line to a room, kept up for ever. Only connects; what frames mean is for others.
 * Events: "frame" (detail: the frame, clock answers aside), "status" (detail: Status).
 */
export class RoomSocket extends EventTarget {
  #clock;
  #url;
  #WebSocket;
  #random;
  #resumePoint;
  #window;
  #document;
  #heart;
  #poller;
  /** @type {WebSocket|null} */
  #socket = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  /** @type {AbortController|null} */
  #watching = null;
  #live = false;
  /** While one joins by opening the line: called when it is known whether one is in. @type {((isIn: boolean) => void)|null} */
  #joined = null;
  #failures = 0;
  #pollFailed = false;
  /** @type {any} */
  #lastError = null;
  /** @type {Status} */
  #status;

  /**
   * resumePoint: what is known already, so that the server need not send the whole room again
   * @param {{code: string, clock: ServerClock, resumePoint?: () => import("../state/store.js").Store["resumePoint"], api?: Api, WebSocket?: any, location?: {protocol: string, host: string},
   *   window?: EventTarget, document?: any, random?: () => number}} options
   */
  constructor({
    code,
    clock,
    resumePoint = () => null,
    api = defaultApi,
    WebSocket = globalThis.WebSocket,
    location = globalThis.location,
    window = globalThis.window,
    document = globalThis.document,
    random = Math.random,
  }) {
    super();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.#url = `${scheme}://${location.host}/ws/rooms/${code}/`;
    this.#clock = clock;
    this.#WebSocket = WebSocket;
    this.#window = window;
    this.#document = document;
    this.#random = random;
    this.#resumePoint = resumePoint;
    this.#heart = new Heartbeat({
      clock,
      send: (frame) => this.#send(frame),
      onDead: () => this.#lost(null),
    });
    this.#poller = new Poller({
      path: `/api/rooms/${code}`,
      api,
      onSnapshot: (snapshot) => this.#give({ type: "snapshot", ...snapshot }),
      onAnswer: () => this.#polled(),
      onFailure: (error, retryInMs) => this.#pollFailedWith(error, retryInMs),
    });
    this.#status = { state: "offline", code: null, message: null, retryInMs: null, since: clock.now() };
  }

  /** @returns {Status} */
  get status() {
    return this.#status;
  }

  /** Opens the line and keeps it, until close() or a final answer. */
  connect() {
    this.#watch();
    if (!this.#socket) this.#open();
  }

  /**
   * Opens the line and becomes a member by that, which saves asking first. One try; the line is kept up afterwards.
   * @returns {Promise<boolean>} false: not in, and the line is closed; api `join` says why, connect() follows it
   */
  join() {
    const joined = new Promise((resolve) => (this.#joined = resolve));
    this.connect();
    return joined;
  }

  /** Asks for a fresh snapshot. */
  resync() {
    if (this.#live) this.#send({ type: "resync" });
    else if (this.#poller.running) this.#poller.again();
  }

  /** The next try, now. */
  retryNow() {
    this.connect();
    if (this.#poller.running && !this.#live) this.#poller.again();
  }

  /** Something says that the line is gone: ask it, and do not wait long for the answer. */
  doubt() {
    if (this.#live) this.#heart.doubt();
  }

  /** Leaves the room's line for good. */
  close() {
    this.#drop();
    this.#rest();
    this.#tell("closed");
  }

  #open() {
    clearTimeout(this.#timer);
    this.#lastError = null;
    const known = this.#resumePoint();
    const query = this.#joined ? "?join" : known ? `?revision=${known.revision}&member=${known.member}` : "";
    const socket = new this.#WebSocket(this.#url + query);
    this.#socket = socket;
    socket.onopen = () => this.#heart.start();
    socket.onmessage = (/** @type {MessageEvent} */ { data }) => this.#hear(data);
    socket.onclose = (/** @type {CloseEvent} */ { code }) => this.#lost(code);
    this.#timer = setTimeout(() => this.#lost(null), OPEN_WITHIN_MS);
    if (!this.#poller.running) this.#tell("connecting");
  }

  /** @param {string} data */
  #hear(data) {
    const frame = parsed(data);
    if (frame === null) return;
    this.#heart.heard();
    if (frame.type === "clock") {
      this.#clock.sample(frame.sent, frame.received, frame.replied, this.#clock.local());
      return;
    }
    if (frame.type === "error") this.#lastError = { ...frame, message: refusalWords(frame) };
    this.#give(frame);
    if (frame.type !== "error" && this.#socket && !this.#live) this.#goLive();
  }

  /** @param {any} frame */
  #give(frame) {
    if (frame.type === "snapshot") this.#clock.seed(frame.server_ms);
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  #goLive() {
    clearTimeout(this.#timer);
    this.#live = true;
    this.#failures = 0;
    this.#pollFailed = false;
    this.#poller.stop();
    this.#endJoining(true);
    this.#tell("live");
  }

  /** @param {boolean} isIn */
  #endJoining(isIn) {
    this.#joined?.(isIn);
    this.#joined = null;
  }

  /** The line is gone, or never came. @param {number|null} code  null: we gave it up */
  #lost(code) {
    const wasLive = this.#live;
    this.#drop();
    if (this.#joined) {
      this.#rest();
      this.#endJoining(false);
      return;
    }
    if (code !== null && FINAL_CODES.has(code)) {
      this.#finish(code, this.#lastError?.message ?? null);
      return;
    }
    const restarting = code !== null && RESTARTING.has(code);
    if (!wasLive && !restarting) this.#failures += 1;
    if (this.#failures >= FAILURES_BEFORE_POLLING || code === TOO_OFTEN) this.#poller.start();
    const delay = code === TOO_SLOW && wasLive ? 0 : Math.max(this.#delay(code), (this.#lastError?.retry_after ?? 0) * 1000);
    this.#timer = setTimeout(() => this.#open(), delay);
    if (this.#status.state === "polling" || this.#pollFailed) return;
    // A restart is announced and short: no reason to alarm anybody, unless the next try fails, too.
    if (restarting) this.#tell("connecting");
    else this.#tell("offline", { code, message: this.#lastError?.message ?? null, retryInMs: Math.round(delay) });
  }

  /** Full jitter, so that a whole venue does not come back in one instant. @param {number|null} code */
  #delay(code) {
    if (code !== null && RESTARTING.has(code)) return RESTART_RETRY_MS * this.#random();
    if (code === MALFORMED || code === TOO_OFTEN || this.#poller.running) return RETRY_CAP_MS * (0.5 + this.#random() / 2);
    if (this.#failures === 0) return FIRST_RETRY_MS * this.#random();
    return Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** (this.#failures - 1)) * this.#random();
  }

  /** Forgets the socket at once: closing one on a dead network can take a minute. */
  #drop() {
    clearTimeout(this.#timer);
    this.#heart.stop();
    this.#live = false;
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** @param {number} code @param {string|null} message */
  #finish(code, message) {
    this.#drop();
    this.#rest();
    this.#tell("closed", { code, message });
  }

  #rest() {
    this.#poller.stop();
    this.#watching?.abort();
    this.#watching = null;
    this.#failures = 0;
    this.#pollFailed = false;
  }

  #polled() {
    const back = this.#pollFailed;
    this.#pollFailed = false;
    if (this.#live) return;
    this.#tell("polling");
    // The server answers again after a time of silence: a socket may be had sooner than planned.
    if (back && !this.#socket) this.#open();
  }

  /** @param {import("./api.js").ApiError} error @param {number} retryInMs */
  #pollFailedWith(error, retryInMs) {
    const code = closeCode(error);
    if (code) {
      this.#finish(code, error.message);
      return;
    }
    this.#pollFailed = true;
    this.#tell("offline", { code: error.code, message: error.message, retryInMs });
  }

  #watch() {
    if (this.#watching) return;
    this.#watching = new AbortController();
    const { signal } = this.#watching;
    this.#window?.addEventListener("online", () => this.#tryNow(), { signal });
    this.#window?.addEventListener("offline", () => this.doubt(), { signal });
    this.#document?.addEventListener(
      "visibilitychange",
      () => this.#document.visibilityState === "visible" && this.#tryNow(),
      { signal },
    );
  }

  /** Something says the network may be back: do not wait for the next try, do not trust the old line. */
  #tryNow() {
    if (this.#live) this.#heart.doubt();
    else if (!this.#socket) this.retryNow();
  }

  /** @param {any} frame */
  #send(frame) {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(frame));
  }

  /** @param {Status["state"]} state @param {Partial<Status>} [facts] */
  #tell(state, { code = null, message = null, retryInMs = null } = {}) {
    const before = this.#status;
    const crossed = (before.state === "live") !== (state === "live");
    const since = crossed ? this.#clock.now() : before.since;
    this.#status = { state, code, message, retryInMs, since };
    const same = before.state === state && before.code === code && before.message === message;
    if (same && retryInMs === null) return;
    this.dispatchEvent(new CustomEvent("status", { detail: this.#status }));
  }
}

/** @param {string} data @returns {any} */
function parsed(data) {
  try {
    const frame = JSON.parse(data);
    return typeof frame?.type === "string" ? frame : null;
  } catch {
    return null;
  }
}
