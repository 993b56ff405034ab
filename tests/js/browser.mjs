/** Small stand-ins for what a browser has and Node has not: sockets, sound, storages, time that a test moves. */
import { mock } from "node:test";

/** Timers and Date stand still until passes(ms). */
export function stopTime(now = 1_000_000) {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now });
}

export function restoreTime() {
  mock.timers.reset();
}

/** Lets time pass in small steps, with everything that was promised meanwhile. */
export async function passes(ms, step = 50) {
  await settled();
  for (let left = ms; left > 0; left -= step) {
    mock.timers.tick(Math.min(step, left));
    await settled();
  }
}

/** All promises that need no time. */
export function settled() {
  return new Promise((resolve) => setImmediate(resolve));
}

export function record(target, ...names) {
  const seen = [];
  for (const name of names) target.addEventListener(name, (event) => seen.push({ name, ...event.detail }));
  return seen;
}

export class FakeStorage {
  #values = new Map();

  getItem(key) {
    return this.#values.get(key) ?? null;
  }

  setItem(key, value) {
    this.#values.set(key, String(value));
  }

  removeItem(key) {
    this.#values.delete(key);
  }

  /** What a duplicated tab starts with. */
  copy() {
    const other = new FakeStorage();
    for (const [key, value] of this.#values) other.setItem(key, value);
    return other;
  }
}

/** A WebSocket whose other end is the test. */
export class FakeSocket {
  static all = [];
  static get last() {
    return FakeSocket.all.at(-1);
  }

  readyState = 0;
  sent = [];

  constructor(url) {
    this.url = url;
    FakeSocket.all.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.readyState = 2;
  }

  opens() {
    this.readyState = 1;
    this.onopen?.({});
  }

  hears(frame) {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }

  closes(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

/** An <audio> element that plays by Date, as mocked. */
export class FakeAudio extends EventTarget {
  static refuses = false;

  paused = true;
  ended = false;
  seeking = false;
  error = null;
  readyState = 4;
  duration = 100;
  volume = 1;
  plays = 0;
  loads = 0;
  seeks = [];
  #rate = 1;
  #from = 0;
  #at = 0;
  stuck = false;

  get src() {
    return this.url ?? "";
  }

  set src(url) {
    this.url = url;
    this.#hold(0);
  }

  get playbackRate() {
    return this.#rate;
  }

  set playbackRate(rate) {
    this.#hold(this.currentTime);
    this.#rate = rate;
  }

  get currentTime() {
    if (this.paused || this.stuck) return this.#from;
    return this.#from + ((Date.now() - this.#at) / 1000) * this.#rate;
  }

  set currentTime(seconds) {
    this.seeks.push(seconds);
    this.ended = false;
    this.#hold(seconds);
  }

  load() {
    this.loads += 1;
    this.error = null;
    this.ended = false;
    this.paused = true;
    this.#hold(0);
  }

  async play() {
    this.plays += 1;
    if (FakeAudio.refuses) throw Object.assign(new Error("A tap first."), { name: "NotAllowedError" });
    this.#hold(this.currentTime);
    this.paused = false;
  }

  pause() {
    this.#hold(this.currentTime);
    this.paused = true;
  }

  /** The device lags behind by this much. */
  slips(seconds) {
    this.#hold(this.currentTime - seconds);
  }

  runsOut() {
    this.#hold(this.duration);
    this.ended = true;
    this.paused = true;
    this.dispatchEvent(new Event("ended"));
  }

  fails(code) {
    this.error = { code };
    this.dispatchEvent(new Event("error"));
  }

  get heard() {
    return !this.paused && !this.ended && !this.stuck && this.volume > 0;
  }

  #hold(seconds) {
    this.#from = seconds;
    this.#at = Date.now();
  }
}

/** A fetch whose answers the test gives: each call is kept, `answer` decides. */
export function fakeFetch(answer) {
  const calls = [];
  const fetch = async (path, { method, body, headers, signal }) => {
    const call = { path, method, headers, body: body === undefined ? undefined : JSON.parse(body) };
    calls.push(call);
    const cut = new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    return Promise.race([answer(call), cut]);
  };
  return { fetch, calls };
}

export function json(body, { status = 200, headers = {} } = {}) {
  return new Response(status === 204 ? null : JSON.stringify(body), { status, headers });
}

export function refusal(status, code, message = code, retry_after = undefined) {
  return json({ error: { code, message, retry_after } }, { status });
}

export function noNetwork() {
  throw new TypeError("Failed to fetch");
}
