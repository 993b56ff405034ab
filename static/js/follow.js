// @ts-check
import { BufferDeck } from "./buffer-deck.js";
import { ElementDeck, Lateness } from "./deck.js";
import { Drift } from "./drift.js";
import { Output, median } from "./output.js";
import { Pair } from "./pair.js";

/** @typedef {import("./clock.js").ServerClock} ServerClock */
/** @typedef {import("./deck.js").Deck} Deck */
/** @typedef {import("./shapes.js").Playback} Playback */
/** @typedef {import("./shapes.js").Track} Track */
/** @typedef {"stalled"|"decode"|"missing"|"network"|"slept"|"suspended"} Cause */
/**
 * @typedef {{state: "in_step"|"catching_up"|"off"|"blocked"|"quiet", mode: "precise"|"pocket", offset_ms: number,
 *   jitter_ms: number, uncertainty_ms: number, corrected: null|{how: "rate"|"seek", at: number}}} Sync
 * off: further from the room than rate can mend soon; quiet: there is nothing to sound; offset_ms: ahead of the room;
 * uncertainty_ms: how far the room's clock may be off here, at most; corrected.at: server ms
 */
/** @typedef {{pair: Pair, from: number, at: number, card: number}} Plan  card: the beginning of the sound card's clock */

/** Once a second is often enough for two clocks that part by less than a ms in it. */
const WATCH_EVERY_MS = 1_000;
/** A look that comes this late comes after a sleep. */
const SLEPT_MS = 4_000;
/** A scheduled start tells early how well it went. */
const FIRST_LOOK_MS = 300;
/** With this little left a track may end by itself when nothing follows it. */
const TAIL_MS = 2_000;
/** A resume names its moment a little ahead: up to this, a paused deck waits for it instead of going back. */
const RESUME_AHEAD_MS = 2_000;
/** At each look, so much of a new nudge: by rate, not by a jump. */
const NUDGE_STEP_MS = 8;
/** A planned start is planned anew when the clock has learned this much since. */
const PLAN_AGAIN_MS = 2;
/** So long without progress until it is told, and until it is loaded again. */
const STILL_MS = 2_000;
const STILL_TOO_LONG_MS = 3_000;
/** A line that broke for a moment is back by then; the watchdog of the room waits longer. */
const RELOAD_AFTER_MS = 1_000;
/** A stall may be a slow line, so it gets one chance more. */
const RELOADS = { stalled: 2, network: 1 };
/** A file that ends so long before its track was cut. */
const CUT_MS = 3_000;
/** A context that is stopped for a moment, by a call or other headphones, runs again by then. */
const RESUMES_WITHIN_MS = 500;
/** A line on which nothing comes back is no line. */
const PROBE_MS = 5_000;
const MEDIA_ERR_DECODE = 3;
const LOOKS_KEPT = 7;
/** What people call "in step": less is not heard even side by side. */
const OFF_FROM_MS = 150;
const IN_STEP_MS = { precise: 25, pocket: 60 };
/** A decoded second: two channels of 4 bytes. */
const BYTES_PER_SAMPLE = 8;
const USUAL_RATE = 48_000;
/** The share of a device's memory that decoded music may take. */
const MEMORY_SHARE = 1 / 16;
const GIGABYTE = 2 ** 30;

/**
 * Makes this device sound what a playback says, at the moment it says: two pairs of decks in turns, each a stream and a
 * decoded buffer. Events: "blocked" (the browser wants a tap first), "playing", "stalled", "ended", "error": the state
 * of the play; "incident" (detail {cause, recovered}): what went wrong on the way, and when it was put right.
 */
export class Follower extends EventTarget {
  #clock;
  #probe;
  #wall;
  #document;
  #touch;
  #budget;
  #output;
  /** @type {Pair[]} */
  #pairs;
  /** Who wants sound of this device. @type {Set<unknown>} */
  #wanted = new Set();
  /** @type {Playback|null} */
  #playback = null;
  /** The pair that is heard. @type {Pair|null} */
  #front = null;
  /** The pair whose moment is to come, and what was known of it. @type {Plan|null} */
  #waiting = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #due;
  /** The next try after a failure; it may fail before its moment has come. @type {ReturnType<typeof setTimeout>|undefined} */
  #mending;
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #watch;
  #drift = new Drift();
  /** How far ahead the last looks found the sound. @type {number[]} */
  #looks = [];
  #lookedAt = { local: 0, wall: 0 };
  #nudge = 0;
  /** As much of the nudge as is worked in by now. */
  #nudged = 0;
  #progress = { made: 0, at: 0 };
  #reloads = 0;
  /** The pair that is heard has failed: its deck says nothing true about itself until it is loaded again. */
  #broken = false;
  /** In this play the sound card stood still. @type {string|null} */
  #distrusted = null;
  /** @type {"quiet"|"playing"|"stalled"|"ended"|"error"} */
  #state = "quiet";
  #blocked = false;
  /** @type {Cause|null} */
  #trouble = null;

  /**
   * @param {{clock: ServerClock, createAudio?: () => any, parent?: any, createContext?: (() => any)|null,
   *   probe?: (url: string) => Promise<number>, fetch?: (url: string, options: any) => Promise<any>,
   *   wall?: () => number, document?: any, touch?: boolean, memory?: number}} options
   * probe: the status with which the server answers for this file, 0 for none; touch: does this device silence contexts
   * of hidden pages? memory: of the device, in GB
   */
  constructor({
    clock,
    createAudio = () => document.createElement("audio"),
    parent = globalThis.document?.body,
    createContext,
    probe = statusOf,
    fetch,
    wall = () => Date.now(),
    document: page = globalThis.document,
    touch = globalThis.matchMedia?.("(pointer: coarse)").matches ?? false,
    memory = /** @type {any} */ (globalThis.navigator)?.deviceMemory ?? (touch ? 2 : 4),
  }) {
    super();
    this.#clock = clock;
    this.#probe = probe;
    this.#wall = wall;
    this.#document = page;
    this.#touch = touch;
    this.#budget = memory * GIGABYTE * MEMORY_SHARE;
    const local = () => clock.local();
    const output = new Output({ local, createContext });
    const lateness = new Lateness();
    this.#output = output;
    this.#pairs = [createAudio(), createAudio()].map((audio) => {
      audio.className = "room-audio";
      parent?.append(audio);
      const onEnded = (/** @type {Deck} */ deck) => this.#ended(deck);
      const onError = (/** @type {Deck} */ deck, /** @type {number} */ code) => this.#failed(deck, code);
      const onReady = (/** @type {Deck} */ deck) => this.#ready(deck);
      return new Pair({
        element: new ElementDeck({ audio, local, lateness, onEnded, onError }),
        buffer: output.possible ? new BufferDeck({ output, local, onReady, onEnded, fetch }) : null,
        mayBePrecise: (pair) => this.#mayBePrecise(pair),
      });
    });
    output.addEventListener("change", () => this.#outputChanged());
    output.addEventListener("jump", () => this.#look());
    clock.addEventListener("step", () => this.#look());
    page?.addEventListener?.("visibilitychange", () => this.#turnFront());
  }

  get state() {
    return this.#state;
  }

  get blocked() {
    return this.#blocked;
  }

  /** What is wrong just now. */
  get cause() {
    return this.#trouble;
  }

  /** The play that is heard, and where in it. */
  get playId() {
    return this.#front?.playId ?? null;
  }

  get position_ms() {
    return Math.max(0, Math.round(this.#front?.position_ms ?? 0));
  }

  /** How far the sound is ahead of the room, at the last look. */
  get drift_ms() {
    return Math.round(this.#drift.ms);
  }

  /** @returns {Sync} */
  get sync() {
    const offset = this.#looks.length > 0 ? median(this.#looks) : 0;
    const jitter = this.#looks.length > 0 ? median(this.#looks.map((one) => Math.abs(one - offset))) : 0;
    const { corrected } = this.#drift;
    return {
      state: this.#syncState(offset),
      mode: this.#front?.mode ?? "pocket",
      offset_ms: offset,
      jitter_ms: jitter,
      uncertainty_ms: this.#clock.uncertainty_ms,
      corrected: corrected && { how: corrected.how, at: this.#clock.now() + corrected.at - this.#clock.local() },
    };
  }

  /** What is heard at this very moment, not rounded: for measurements. */
  sampled() {
    const { state, mode } = this.sync;
    const front = this.#front;
    const sounding = front !== null && front.sounding && front.deck.steady;
    const position_ms = front?.position_ms ?? null;
    const { jumps } = this.#output;
    return { state, mode, playId: front?.playId ?? null, sounding, position_ms, at_ms: this.#wall(), jumps };
  }

  set volume(/** @type {number} */ volume) {
    for (const pair of this.#pairs) pair.volume = volume;
  }

  /** By how much this device sounds earlier than others, for speakers with a delay that nobody can measure. */
  get nudge_ms() {
    return this.#nudge;
  }

  set nudge_ms(nudge) {
    this.#nudge = nudge;
    if (this.#state !== "playing") this.#nudged = nudge;
  }

  /**
   * Sounds like this from now on; the same again does nothing.
   * @param {Playback} playback
   * @param {unknown} [who]  wants this; the sound goes on until nobody does
   */
  follow(playback, who = this) {
    this.#wanted.add(who);
    const before = this.#playback;
    this.#playback = playback;
    if (!before || !sameMoment(before, playback)) this.#turn(before);
    this.#prefetch();
  }

  /** One less wants this device to sound. @param {unknown} [who] */
  leave(who = this) {
    if (this.#wanted.delete(who) && this.#wanted.size === 0) this.silence();
  }

  /** No sound, until told to follow again. */
  silence() {
    this.#wanted.clear();
    this.#stopAll();
    this.#playback = null;
    this.#blocked = false;
    this.#trouble = null;
    this.#clock.eager = false;
    this.#output.rest();
    this.#become("quiet");
  }

  /** Call inside a tap: afterwards this page may sound whenever it has to. */
  unlock() {
    this.#blocked = false;
    this.#output.resume();
    const pair = this.#playing() ? this.#pairOf(this.#playing()) : null;
    const dumb = pair?.mode === "precise" && !this.#output.running;
    if (pair && this.#wait(0) <= 0 && (!pair.sounding || dumb)) this.#begin(pair);
    for (const one of this.#pairs) one.bless();
  }

  /** @param {number} offset @returns {Sync["state"]} */
  #syncState(offset) {
    if (!this.#playing()?.track?.audio || this.#state === "ended") return "quiet";
    if (this.#blocked) return "blocked";
    const known = Number.isFinite(this.#clock.uncertainty_ms);
    if (this.#waiting && known) return "in_step";
    if (Math.abs(offset) > OFF_FROM_MS) return "off";
    const told = known && this.#state === "playing" && this.#looks.length > 0;
    return told && Math.abs(offset) <= IN_STEP_MS[this.#front?.mode ?? "pocket"] ? "in_step" : "catching_up";
  }

  /** @param {Playback|null} before */
  #turn(before) {
    const playback = /** @type {Playback} */ (this.#playback);
    this.#cancel();
    clearTimeout(this.#mending);
    this.#broken = false;
    if (before?.play_id !== playback.play_id) {
      this.#reloads = 0;
      this.#distrusted = null;
      this.#blocked = false;
      this.#trouble = null;
      this.#become("quiet");
    }
    if (!playback.track?.audio) {
      this.#rest();
    } else if (playback.state === "playing") {
      this.#clock.eager = true;
      this.#output.resume();
      this.#schedule();
    } else if (playback.state === "paused") {
      this.#hold(playback);
    } else {
      this.#rest();
    }
  }

  /** Until its moment comes, the track before it goes on. */
  #schedule() {
    const pair = this.#pairOf(this.#playing());
    clearInterval(this.#watch);
    this.#watch = setInterval(() => this.#look(), WATCH_EVERY_MS);
    this.#lookedAt = { local: this.#clock.local(), wall: this.#wall() };
    const held = pair.sounding ? 0 : pair.position_ms;
    const from = this.#wait(held) <= RESUME_AHEAD_MS ? held : 0;
    if (this.#wait(from) > pair.lateness_ms) this.#plan(pair, from);
    else this.#begin(pair);
  }

  /** Begins there when the room is there. @param {Pair} pair @param {number} from ms of the track */
  #plan(pair, from) {
    clearTimeout(this.#due);
    const wait = this.#wait(from);
    const at = this.#clock.local() + wait;
    this.#waiting = { pair, from, at, card: this.#output.possible ? this.#output.localAt(0) : 0 };
    pair.arm(from, at);
    if (pair.armed) for (const other of this.#pairs) if (other !== pair) other.endAt(at);
    this.#due = setTimeout(() => this.#begin(pair), wait - pair.lateness_ms);
  }

  /** @param {Pair} pair */
  #begin(pair) {
    const playback = this.#playing();
    if (!playback) return;
    const at = this.#waiting?.at;
    this.#waiting = null;
    // A planned end is exact; what cannot plan ends now.
    for (const other of this.#pairs) {
      if (other === pair) continue;
      other.stop(pair.armed ? at : undefined);
      other.free();
    }
    this.#front = pair;
    this.#drift.begin(pair.deck.steady && !pair.sounding);
    this.#progress = { made: NaN, at: this.#clock.local() };
    if (!pair.armed) this.#looks = [];
    this.#sound(pair);
    this.#prefetch();
    if (pair.mode === "precise") this.#due = setTimeout(() => this.#look(), FIRST_LOOK_MS);
  }

  /** @param {Pair} pair */
  async #sound(pair) {
    const play = pair.playId;
    const local = this.#clock.local();
    try {
      await pair.start(this.#placeAt(local), local);
      if (play !== this.#playback?.play_id) return;
      this.#blocked = false;
      // After a stall only progress is proof.
      if (!this.#broken && !pair.deck.ended && this.#trouble !== "stalled") this.#become("playing");
    } catch (error) {
      // Other refusals come from our own pause or load, or tell themselves by the element's "error".
      if (/** @type {Error} */ (error).name === "NotAllowedError" && play === this.#playback?.play_id) this.#block();
    }
  }

  #block() {
    if (this.#blocked) return;
    this.#blocked = true;
    this.dispatchEvent(new Event("blocked"));
  }

  /** @param {Playback} playback */
  #hold(playback) {
    const pair = this.#pairOf(playback);
    clearInterval(this.#watch);
    for (const one of this.#pairs) if (one === pair) one.pause(); else one.stop();
    this.#front = pair;
    pair.seek(playback.position_ms);
    this.#become("quiet");
  }

  /** Nothing follows: a track in its last moment ends by itself, all else is cut. */
  #rest() {
    clearInterval(this.#watch);
    this.#clock.eager = false;
    for (const pair of this.#pairs) {
      if (pair !== this.#front || !pair.sounding || pair.deck.remaining_ms > TAIL_MS) pair.stop();
    }
    this.#become("quiet");
  }

  #cancel() {
    clearTimeout(this.#due);
    // A start that was planned and will not be.
    if (this.#waiting && this.#waiting.pair !== this.#front) this.#waiting.pair.stop();
    this.#waiting = null;
  }

  #stopAll() {
    this.#cancel();
    clearTimeout(this.#mending);
    this.#broken = false;
    clearInterval(this.#watch);
    for (const pair of this.#pairs) {
      pair.stop();
      pair.free();
    }
    this.#front = null;
    this.#looks = [];
  }

  /** Keeps the place, and sees what the decks do not tell. */
  #look() {
    this.#output.look();
    const slept = this.#hasSlept();
    const playback = this.#playing();
    if (!playback) return;
    if (this.#waiting) {
      this.#planAgain(this.#waiting);
      return;
    }
    const pair = this.#front;
    if (!pair || pair.playId !== playback.play_id) return;
    if (this.#blocked) this.#output.resume();
    if (this.#blocked || this.#broken || pair.deck.ended || this.#wait(0) > 0) return;
    if (!pair.sounding) {
      this.#begin(pair);
      return;
    }
    if (slept) {
      this.#incident("slept");
      this.#drift.begin(false);
    }
    this.#lookForProgress(pair);
    if (this.#broken || pair.turning || !pair.deck.steady) return;
    pair.improve();
    const local = this.#clock.local();
    this.#nudged += Math.max(-NUDGE_STEP_MS, Math.min(NUDGE_STEP_MS, this.#nudge - this.#nudged));
    const sought = this.#drift.corrected;
    this.#drift.correct(pair.deck, this.#placeAt(local), local);
    const jumped = this.#drift.corrected !== sought && this.#drift.corrected?.how === "seek";
    this.#looks = jumped ? [] : [...this.#looks, this.#drift.ms].slice(-LOOKS_KEPT);
    if (this.#trouble === "slept" && !jumped) this.#recovered();
    pair.turn((at) => this.#placeAt(at));
  }

  /** Timers stand still while a device sleeps; which of its clocks does, depends. */
  #hasSlept() {
    const local = this.#clock.local();
    const wall = this.#wall();
    const { local: localBefore, wall: wallBefore } = this.#lookedAt;
    this.#lookedAt = { local, wall };
    return Math.max(local - localBefore, wall - wallBefore) > SLEPT_MS;
  }

  /** The clocks may be known better by now. @param {Plan} waiting */
  #planAgain({ pair, from, at, card }) {
    const late = this.#clock.local() + this.#wait(from) - at;
    const off = pair.armed ? this.#output.localAt(0) - card : 0;
    if (Math.max(Math.abs(late), Math.abs(off)) >= PLAN_AGAIN_MS) this.#plan(pair, from);
  }

  /** @param {Pair} pair */
  #lookForProgress(pair) {
    const { progress } = pair.deck;
    const local = this.#clock.local();
    if (progress !== this.#progress.made) {
      // The first look after a start has nothing to compare with.
      if (!Number.isNaN(this.#progress.made)) this.#become("playing");
      this.#progress = { made: progress, at: local };
      return;
    }
    const still = local - this.#progress.at;
    if (still >= STILL_TOO_LONG_MS) {
      if (pair.mode === "precise") this.#distrusted = pair.playId;
      this.#retry(pair, "stalled");
    } else if (still >= STILL_MS) {
      this.#incident("stalled");
      this.#become("stalled");
    }
  }

  /** The pair that holds a play, or the one to put it on. @param {Playback|null} playback @returns {Pair} */
  #pairOf(playback) {
    const { play_id, track } = /** @type {Playback} */ (playback);
    const free = this.#pairs.filter((pair) => !(pair === this.#front && pair.sounding));
    const pair =
      this.#pairs.find((one) => one.playId === play_id) ??
      free.find((one) => one.url === track?.audio) ??
      free.find((one) => one !== this.#front) ??
      free[0];
    const known = pair.playId === play_id;
    pair.load(/** @type {Track} */ (track));
    if (!known) pair.seek(0);
    pair.playId = play_id;
    return pair;
  }

  /** Loads the next track as soon as it is known and a pair is free. */
  #prefetch() {
    const next = this.#playback?.next?.track;
    const free = this.#pairs.find((pair) => pair !== this.#front && pair.playId === null);
    if (next?.audio && free && !free.sounding) free.load(next, { soon: false });
  }

  /** Is there memory for it, and will a context go on here? @param {Pair} pair @returns {boolean} */
  #mayBePrecise(pair) {
    if (!this.#output.possible || (this.#touch && this.#document?.hidden)) return false;
    if (this.#distrusted !== null && pair.playId === this.#distrusted) return false;
    const others = this.#pairs.filter((other) => other !== pair && other.holds);
    const bytes = [pair, ...others].map(({ track }) => ((track?.duration_ms ?? 0) / 1000) * USUAL_RATE * BYTES_PER_SAMPLE);
    return bytes.reduce((sum, more) => sum + more, 0) <= this.#budget;
  }

  /** A buffer may start. @param {Deck} deck */
  #ready(deck) {
    const pair = this.#pairs.find((one) => one.has(deck));
    if (pair && this.#waiting?.pair === pair) this.#plan(pair, this.#waiting.from);
    else this.#turnFront();
  }

  #turnFront() {
    if (!this.#playing() || this.#blocked || this.#broken || this.#waiting?.pair === this.#front) return;
    if (this.#front?.playId === this.#playback?.play_id) this.#front?.turn((at) => this.#placeAt(at));
  }

  #outputChanged() {
    const pair = this.#front;
    if (!this.#playing()) return;
    if (this.#output.running) {
      const dumb = this.#trouble === "suspended" && pair?.mode === "precise";
      if (dumb && pair?.playId === this.#playback?.play_id && !this.#waiting) this.#begin(pair);
      else if (this.#waiting) this.#plan(this.#waiting.pair, this.#waiting.from);
      else this.#turnFront();
    } else if (pair?.mode === "precise" && pair.sounding) {
      this.#incident("suspended");
      if (this.#touch && this.#document?.hidden) this.#turnFront();
      else this.#awaitOutput();
    }
  }

  /** Most interruptions end by themselves; what does not, a tap heals. */
  #awaitOutput() {
    this.#output.resume();
    setTimeout(() => {
      const silent = this.#front?.mode === "precise" && this.#front.sounding && !this.#output.running;
      if (!silent || !this.#playing()) return;
      this.#become("stalled");
      this.#block();
    }, RESUMES_WITHIN_MS);
  }

  /** @param {Deck} deck */
  #ended(deck) {
    const playback = this.#playing();
    if (!playback || !this.#front?.has(deck) || deck !== this.#front.deck || this.#front.playId !== playback.play_id) return;
    const left = /** @type {Track} */ (playback.track).duration_ms - deck.position_ms;
    if (left > CUT_MS) this.#giveUp("decode");
    else this.#become("ended");
  }

  /** A file that cannot be decoded will not get better; a line may. @param {Deck} deck @param {number} code */
  #failed(deck, code) {
    const playback = this.#playing();
    const pair = this.#pairs.find((one) => one.has(deck));
    if (!playback || !pair || pair.playId !== playback.play_id || pair.deck !== deck) return;
    if (code === MEDIA_ERR_DECODE) this.#giveUp("decode");
    else this.#retry(pair, "network");
  }

  /** @param {Pair} pair @param {"network"|"stalled"} cause */
  #retry(pair, cause) {
    const playback = /** @type {Playback} */ (this.#playing());
    this.#broken = true;
    this.#incident(cause);
    this.#become("stalled");
    clearTimeout(this.#mending);
    const wait = this.#reloads > 0 || cause === "stalled" ? 0 : RELOAD_AFTER_MS;
    this.#mending = setTimeout(() => this.#again(pair, playback, cause), wait);
  }

  /**
   * Once again, as soon as the server can be reached at all.
   * @param {Pair} pair @param {Playback} playback @param {"network"|"stalled"} cause
   */
  async #again(pair, playback, cause) {
    const status = await this.#probe(/** @type {string} */ (playback.track?.audio));
    if (this.#playing()?.play_id !== playback.play_id || !this.#broken) return;
    if (status === 0 || status >= 500) {
      this.#reloads = 0;
      this.#incident("network");
      this.#mending = setTimeout(() => this.#again(pair, playback, cause), RELOAD_AFTER_MS);
    } else if (status >= 400) {
      this.#giveUp("missing");
    } else if (this.#reloads >= RELOADS[cause]) {
      this.#giveUp(cause === "network" ? "decode" : cause);
    } else {
      this.#reloads += 1;
      this.#broken = false;
      pair.reload();
      this.#schedule();
    }
  }

  /** Nothing here can make this play sound. @param {Cause} cause */
  #giveUp(cause) {
    this.#broken = true;
    this.#incident(cause);
    this.#become("error");
  }

  /** @param {Cause} cause */
  #incident(cause) {
    if (this.#trouble === cause) return;
    this.#trouble = cause;
    this.dispatchEvent(new CustomEvent("incident", { detail: { cause, recovered: false } }));
  }

  #recovered() {
    const cause = this.#trouble;
    this.#trouble = null;
    if (cause) this.dispatchEvent(new CustomEvent("incident", { detail: { cause, recovered: true } }));
  }

  /** @param {"quiet"|"playing"|"stalled"|"ended"|"error"} state */
  #become(state) {
    if (state === "playing" && this.#trouble !== "slept") this.#recovered();
    if (this.#state === state) return;
    this.#state = state;
    if (state !== "quiet") this.dispatchEvent(new Event(state));
  }

  /** @returns {Playback|null} the playback, if it plays */
  #playing() {
    return this.#playback?.state === "playing" ? this.#playback : null;
  }

  /** Where in the track this device should be at a local time. @param {number} local */
  #placeAt(local) {
    const { starts_at_ms } = /** @type {Playback} */ (this.#playback);
    return this.#clock.now() + local - this.#clock.local() - (starts_at_ms ?? 0) + this.#nudged;
  }

  /** @param {number} position @returns {number} ms until the room is there */
  #wait(position) {
    return this.#playing() ? position - this.#placeAt(this.#clock.local()) : 0;
  }
}

/** @param {Playback} one @param {Playback} other */
function sameMoment(one, other) {
  return (
    one.play_id === other.play_id &&
    one.state === other.state &&
    one.starts_at_ms === other.starts_at_ms &&
    one.position_ms === other.position_ms &&
    one.track?.audio === other.track?.audio
  );
}

/** @param {string} url */
async function statusOf(url) {
  try {
    const signal = AbortSignal.timeout(PROBE_MS);
    return (await fetch(url, { method: "HEAD", cache: "no-store", signal })).status;
  } catch {
    return 0;
  }
}
