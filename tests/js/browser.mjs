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
  muted = false;
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
    return !this.paused && !this.ended && !this.stuck && !this.muted && this.volume > 0;
  }

  #hold(seconds) {
    this.#from = seconds;
    this.#at = Date.now();
  }
}

/**
 * An AudioContext whose clock runs by Date, as mocked, from the moment it may: what it is given is heard `latency`
 * seconds later. `skew` makes the sound card's crystal run fast. What it would sound is in `voices`.
 */
export class FakeContext extends EventTarget {
  static refuses = false;

  sampleRate = 48_000;
  baseLatency = 0.02;
  destination = {};
  latency = 0.08;
  skew = 0;
  voices = [];
  decodes = 0;
  /** What decodeAudioData answers; an Error is thrown. */
  decoded = { duration: 100 };
  state = "suspended";
  stuck = false;
  #seconds = 0;
  #at = Date.now();

  get currentTime() {
    return this.#seconds + (this.state === "running" && !this.stuck ? ((Date.now() - this.#at) / 1000) * (1 + this.skew) : 0);
  }

  getOutputTimestamp() {
    return { contextTime: this.currentTime - this.latency, performanceTime: Date.now() };
  }

  async resume() {
    if (!FakeContext.refuses) this.becomes("running");
  }

  async suspend() {
    this.becomes("suspended");
  }

  becomes(state) {
    if (state === this.state) return;
    this.#seconds = this.currentTime;
    this.#at = Date.now();
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }

  async decodeAudioData() {
    this.decodes += 1;
    if (this.decoded instanceof Error) throw this.decoded;
    return this.decoded;
  }

  createGain() {
    return { gain: new FakeParam(this, 1), connect: (to) => to, disconnect() {} };
  }

  createBufferSource() {
    const voice = new FakeSource(this);
    this.voices.push(voice);
    return voice;
  }

  /** Sources that sound at a moment of this clock; a fade counts as sound until its end. */
  sounding(seconds = this.currentTime - this.latency) {
    return this.voices.filter((voice) => voice.from <= seconds && voice.until > seconds);
  }
}

/** A parameter that is a list of what it was told; linear ramps count when they have ended. */
class FakeParam {
  #events = [];
  #context;

  constructor(context, value) {
    this.#context = context;
    this.#events.push({ at: -Infinity, value });
  }

  get value() {
    return this.at(this.#context.currentTime);
  }

  set value(value) {
    this.setValueAtTime(value, this.#context.currentTime);
  }

  at(seconds) {
    return this.#events.filter(({ at }) => at <= seconds).at(-1).value;
  }

  setValueAtTime(value, at) {
    this.#events.push({ at, value });
    this.#events.sort((one, other) => one.at - other.at);
  }

  linearRampToValueAtTime(value, at) {
    this.setValueAtTime(value, at);
  }

  setTargetAtTime(value, at) {
    this.setValueAtTime(value, at);
  }

  cancelScheduledValues(from) {
    this.#events = this.#events.filter(({ at }) => at < from);
  }

  /** Sum of the value over a time, as far as this is a rate. */
  over(from, to) {
    const turns = [from, ...this.#events.map(({ at }) => at).filter((at) => at > from && at < to), to];
    return turns.slice(1).reduce((sum, turn, index) => sum + (turn - turns[index]) * this.at(turns[index]), 0);
  }
}

class FakeSource {
  from = Infinity;
  until = Infinity;
  offset = 0;
  buffer = null;

  constructor(context) {
    this.context = context;
    this.playbackRate = new FakeParam(context, 1);
  }

  connect(node) {
    this.gain = node.gain;
    return node;
  }

  start(when, offset) {
    this.from = Math.max(when, this.context.currentTime);
    this.offset = offset;
    this.until = Math.min(this.until, this.from + this.buffer.duration - offset);
  }

  stop(when = 0) {
    this.until = Math.max(when, this.context.currentTime);
    if (this.until <= this.from) this.from = Infinity;
  }

  /** Where in the track it is at a moment of the context, in seconds: by what it was told, not by what its teller thinks. */
  placeAt(seconds) {
    return this.offset + this.playbackRate.over(this.from, seconds);
  }

  runsOut() {
    this.until = this.context.currentTime;
    this.onended?.();
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
  const sent = { "Content-Type": "application/json; charset=utf-8", ...headers };
  return new Response(status === 204 ? null : JSON.stringify(body), { status, headers: sent });
}

export function refusal(status, code, message = code, retry_after = undefined) {
  return json({ error: { code, message, retry_after } }, { status });
}

export function noNetwork() {
  throw new TypeError("Failed to fetch");
}
