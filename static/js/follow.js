// @ts-check
import { Condition } from "./condition.js";
import { canSound as canSoundWith } from "./known-good.js";
import { Mending } from "./mending.js";
import { Output } from "./output.js";
import { Pairs, sounds } from "./pairs.js";
import { Place } from "./place.js";
import { Plan } from "./plan.js";

/** @typedef {import("./clock.js").ServerClock} ServerClock */
/** @typedef {import("./deck.js").Deck} Deck */
/** @typedef {import("./pair.js").Pair} Pair */
/** @typedef {import("./shapes.js").Playback} Playback */
/** @typedef {import("./shapes.js").Track} Track */
/**
 * @typedef {{state: "in_step"|"catching_up"|"off"|"blocked"|"quiet", mode: "precise"|"pocket", offset_ms: number,
 *   jitter_ms: number, uncertainty_ms: number, corrected: null|{how: "rate"|"seek", at: number}}} Sync
 * off: further from the room than rate can mend soon; quiet: there is nothing to sound; offset_ms: ahead of the room;
 * uncertainty_ms: how far the room's clock may be off here, at most; corrected.at: server ms
 */

/** Once a second is often enough for two clocks that part by less than a ms in it. */
const WATCH_EVERY_MS = 1_000;
/** A scheduled start tells early how well it went. */
const FIRST_LOOK_MS = 300;
/** With this little left a track may end by itself when nothing follows it. */
const TAIL_MS = 2_000;
/** A resume names its moment a little ahead: up to this, a paused deck waits for it instead of going back. */
const RESUME_AHEAD_MS = 2_000;
/** A file that ends 3 s before its track or earlier has another length, or is broken there. */
const EARLY_MS = 3_000;
/** Less than this is no sound. */
const SHORTEST_MS = 1_000;
/** What people call "in step": less is not heard even side by side. */
const OFF_FROM_MS = 150;
const IN_STEP_MS = { precise: 25, pocket: 60 };

/**
 * Makes this device sound what a playback says, at the moment it says. What goes wrong on the way, its Mending sees to.
 * Events: "blocked" (the browser wants a tap first), "playing", "stalled", "ended", "error": the state of the play;
 * "incident" (detail {cause, recovered}): what went wrong on the way, and when it was put right.
 */
export class Follower extends EventTarget {
  #clock;
  #wall;
  #document;
  #touch;
  #output;
  #pairs;
  #place;
  #plan;
  /** @type {Mending} */
  #mending;
  #condition = new Condition(this);
  /** Who wants sound of this device. @type {Set<unknown>} */
  #wanted = new Set();
  /** @type {Playback|null} */
  #playback = null;
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #watch;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #firstLook;

  /**
   * @param {{clock: ServerClock, createAudio?: () => any, parent?: any, createContext?: (() => any)|null,
   *   probe?: (url: string) => Promise<number>, canSound?: () => Promise<boolean>, fetch?: (url: string, options: any) => Promise<any>,
   *   wall?: () => number, document?: any, touch?: boolean, memory?: number}} options
   * probe, canSound: see Mending; touch: does this device silence contexts of hidden pages? memory: of the device, in GB
   */
  constructor({
    clock,
    createAudio = () => document.createElement("audio"),
    parent = globalThis.document?.body,
    createContext,
    probe,
    canSound = () => canSoundWith(createAudio),
    fetch,
    wall = () => Date.now(),
    document: page = globalThis.document,
    touch = globalThis.matchMedia?.("(pointer: coarse)").matches ?? false,
    memory = /** @type {any} */ (globalThis.navigator)?.deviceMemory ?? (touch ? 2 : 4),
  }) {
    super();
    this.#clock = clock;
    this.#wall = wall;
    this.#document = page;
    this.#touch = touch;
    const local = () => clock.local();
    const playing = () => this.#playing();
    const place = new Place({ clock, playback: () => this.#playback });
    const output = new Output({ local, createContext });
    const pairs = new Pairs({
      output,
      local,
      createAudio,
      parent,
      memory,
      fetch,
      mayBePrecise: (pair) => !this.#locked && this.#mending.trusts(pair),
      onReady: (deck) => this.#ready(deck),
      onEnded: (deck) => this.#ended(deck),
      onError: (deck, code) => this.#failed(deck, code),
    });
    this.#output = output;
    this.#pairs = pairs;
    this.#place = place;
    const condition = this.#condition;
    this.#mending = new Mending({ condition, clock, output, pairs, wall, probe, canSound, playing, schedule: () => this.#schedule() });
    this.#plan = new Plan({ clock, output, pairs, place, begin: (pair) => this.#begin(pair) });
    output.addEventListener("change", () => this.#outputChanged());
    output.addEventListener("jump", () => this.#look());
    clock.addEventListener("step", () => this.#look());
    page?.addEventListener?.("visibilitychange", () => this.#turnFront());
  }

  get state() {
    return this.#condition.state;
  }

  get blocked() {
    return this.#condition.blocked;
  }

  /** What is wrong just now. */
  get cause() {
    return this.#condition.cause;
  }

  /** The play that is heard, and where in it. */
  get playId() {
    return this.#pairs.front?.playId ?? null;
  }

  get position_ms() {
    return Math.max(0, Math.round(this.#pairs.front?.position_ms ?? 0));
  }

  /** How long the track that is heard really sounds, once that is known. */
  get length_ms() {
    return this.#pairs.front?.length_ms ?? null;
  }

  /** How far the sound is ahead of the room, at the last look. */
  get drift_ms() {
    return Math.round(this.#place.drift_ms);
  }

  /** @returns {Sync} */
  get sync() {
    const { offset_ms, jitter_ms, corrected } = this.#place;
    const mode = this.#pairs.front?.mode ?? "pocket";
    return { state: this.#syncState(mode), mode, offset_ms, jitter_ms, uncertainty_ms: this.#clock.uncertainty_ms, corrected };
  }

  /** What is heard at this very moment, not rounded: for measurements. */
  sampled() {
    const { state, mode } = this.sync;
    const { front } = this.#pairs;
    const sounding = front !== null && front.sounding && front.deck.steady;
    const position_ms = front?.position_ms ?? null;
    const { jumps } = this.#output;
    return { state, mode, playId: front?.playId ?? null, sounding, position_ms, at_ms: this.#wall(), jumps };
  }

  set volume(/** @type {number} */ volume) {
    this.#pairs.volume = volume;
  }

  /** By how much this device sounds earlier than others, for speakers with a delay that nobody can measure. */
  get nudge_ms() {
    return this.#place.nudge_ms;
  }

  set nudge_ms(nudge) {
    this.#place.setNudge(nudge, { atOnce: this.state !== "playing" });
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
    this.#wakeOutput();
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
    this.#clock.eager = false;
    this.#output.rest();
    this.#condition.renew();
  }

  /** Call inside a tap: afterwards this page may sound whenever it has to. */
  unlock() {
    this.#condition.blocked = false;
    this.#output.resume();
    const playback = this.#playing();
    const pair = playback && this.#pairs.of(playback);
    const dumb = pair?.mode === "precise" && !this.#output.running;
    if (pair && this.#place.wait(0) <= 0 && (!pair.sounding || dumb)) this.#begin(pair);
    for (const one of this.#pairs) one.bless();
    this.#wakeOutput();
  }

  /** @param {Sync["mode"]} mode @returns {Sync["state"]} */
  #syncState(mode) {
    if (!sounds(this.#playing()?.track) || this.state === "ended") return "quiet";
    if (this.blocked) return "blocked";
    const known = Number.isFinite(this.#clock.uncertainty_ms);
    if (this.#plan.pair && known) return "in_step";
    const off = Math.abs(this.#place.offset_ms);
    if (off > OFF_FROM_MS) return "off";
    const told = known && this.state === "playing" && this.#place.known;
    return told && off <= IN_STEP_MS[mode] ? "in_step" : "catching_up";
  }

  /** A sound card that plays silence costs a phone its battery; one that has to wake first begins late. */
  #wakeOutput() {
    const { track, next } = this.#playing() ?? {};
    if (sounds(track) || sounds(next?.track)) this.#output.resume();
    else this.#output.restSoon();
  }

  /** @param {Playback|null} before */
  #turn(before) {
    const playback = /** @type {Playback} */ (this.#playback);
    this.#cancel();
    if (before?.play_id !== playback.play_id) {
      this.#mending.renew();
      this.#condition.renew();
    }
    if (!sounds(playback.track)) {
      this.#rest();
    } else if (playback.state === "playing") {
      this.#clock.eager = true;
      this.#schedule();
    } else if (playback.state === "paused") {
      this.#hold(playback);
    } else {
      this.#rest();
    }
  }

  /** Until its moment comes, the track before it goes on. */
  #schedule() {
    const pair = this.#pairs.of(/** @type {Playback} */ (this.#playing()));
    clearInterval(this.#watch);
    this.#watch = setInterval(() => this.#look(), WATCH_EVERY_MS);
    // That nobody looked until now was no sleep.
    this.#mending.hasSlept();
    const held = pair.sounding ? 0 : pair.position_ms;
    const from = this.#place.wait(held) <= RESUME_AHEAD_MS ? held : 0;
    if (this.#place.wait(from) > pair.lateness_ms) this.#plan.make(pair, from);
    else this.#begin(pair);
  }

  /** @param {Pair} pair */
  #begin(pair) {
    const playback = this.#playing();
    if (!playback) return;
    const at = this.#plan.take();
    // A planned end is exact; what cannot plan ends now.
    for (const other of this.#pairs) {
      if (other === pair) continue;
      other.stop(pair.armed ? at : undefined);
      other.free();
    }
    this.#pairs.front = pair;
    this.#place.begin(pair.deck.steady && !pair.sounding);
    this.#mending.begin();
    if (!pair.armed) this.#place.forget();
    this.#sound(pair);
    this.#prefetch();
    if (pair.mode === "precise") this.#firstLook = setTimeout(() => this.#look(), FIRST_LOOK_MS);
  }

  /** @param {Pair} pair */
  async #sound(pair) {
    const play = pair.playId;
    const local = this.#clock.local();
    try {
      await pair.start(this.#place.at(local), local);
      if (play !== this.#playback?.play_id) return;
      this.#condition.blocked = false;
      // After a stall only progress is proof.
      if (!this.#mending.broken && !pair.deck.ended && this.cause !== "stalled") this.#condition.become("playing");
    } catch (error) {
      // Other refusals come from our own pause or load, or tell themselves by the element's "error".
      const refused = /** @type {Error} */ (error).name === "NotAllowedError";
      if (refused && play === this.#playback?.play_id) this.#condition.block();
    }
  }

  /** @param {Playback} playback */
  #hold(playback) {
    const pair = this.#pairs.of(playback);
    clearInterval(this.#watch);
    for (const one of this.#pairs) if (one === pair) one.pause(); else one.stop();
    this.#pairs.front = pair;
    pair.seek(playback.position_ms);
    this.#condition.become("quiet");
  }

  /** Nothing follows: a track in its last moment ends by itself, all else is cut. */
  #rest() {
    clearInterval(this.#watch);
    this.#clock.eager = false;
    for (const pair of this.#pairs) {
      if (pair !== this.#pairs.front || !pair.sounding || pair.deck.remaining_ms > TAIL_MS) pair.stop();
    }
    this.#condition.become("quiet");
  }

  #cancel() {
    clearTimeout(this.#firstLook);
    this.#plan.cancel();
    this.#mending.stop();
  }

  #stopAll() {
    this.#cancel();
    clearInterval(this.#watch);
    for (const pair of this.#pairs) {
      pair.stop();
      pair.free();
    }
    this.#pairs.front = null;
    this.#place.forget();
  }

  /** Keeps the place, and sees what the decks do not tell. */
  #look() {
    this.#output.look();
    const slept = this.#mending.hasSlept();
    const playback = this.#playing();
    if (!playback) return;
    if (this.#plan.pair) {
      this.#plan.look();
      return;
    }
    const pair = this.#pairs.front;
    if (!pair || pair.playId !== playback.play_id) return;
    // A buffer that was to take over may have ended where the room is.
    if (pair.deck.ended && this.state === "playing") this.#ended(pair.deck);
    if (this.blocked) this.#output.resume();
    if (this.blocked || this.#mending.broken || pair.deck.ended || this.#place.wait(0) > 0) return;
    if (!pair.sounding) {
      this.#begin(pair);
      return;
    }
    if (slept) {
      this.#condition.incident("slept");
      this.#place.begin(false);
    }
    this.#mending.lookForProgress(pair);
    if (this.#mending.broken || pair.turning || !pair.deck.steady) return;
    pair.improve();
    const near = this.#place.keep(pair.deck);
    if (this.cause === "slept" && near) this.#condition.recovered();
    this.#turnFront();
  }

  #prefetch() {
    this.#pairs.prefetch(this.#playback?.next?.track);
  }

  /** Is this a phone behind whose locked screen no context goes on? */
  get #locked() {
    return this.#touch && Boolean(this.#document?.hidden);
  }

  /** A buffer may start. @param {Deck} deck */
  #ready(deck) {
    const pair = this.#pairs.having(deck);
    if (pair && this.#plan.pair === pair) this.#plan.renew();
    else this.#turnFront();
  }

  #turnFront() {
    const { front } = this.#pairs;
    if (!this.#playing() || this.blocked || this.#mending.broken || this.#plan.pair === front) return;
    if (front?.playId === this.#playback?.play_id) front?.turn((at) => this.#place.at(at));
  }

  #outputChanged() {
    const pair = this.#pairs.front;
    if (!this.#playing()) return;
    if (this.#output.running) {
      const dumb = this.cause === "suspended" && pair?.mode === "precise";
      if (this.#plan.pair) this.#plan.renew();
      else if (dumb && pair.playId === this.#playback?.play_id) this.#begin(pair);
      else this.#turnFront();
    } else if (pair?.mode === "precise" && pair.sounding) {
      this.#condition.incident("suspended");
      if (this.#locked) this.#turnFront();
      else this.#mending.awaitOutput();
    }
  }

  /** @param {Deck} deck */
  #ended(deck) {
    const playback = this.#playing();
    const { front } = this.#pairs;
    if (!playback || this.#mending.broken || deck !== front?.deck || front.playId !== playback.play_id) return;
    const left = /** @type {Track} */ (playback.track).duration_ms - deck.position_ms;
    const isWhole = left <= EARLY_MS || (this.length_ms ?? 0) >= SHORTEST_MS;
    if (isWhole) this.#condition.become("ended");
    else this.#mending.giveUp("decode");
  }

  /** @param {Deck} deck @param {number} code */
  #failed(deck, code) {
    const playback = this.#playing();
    const pair = this.#pairs.having(deck);
    if (!playback || !pair || pair.playId !== playback.play_id || pair.deck !== deck) return;
    this.#mending.failed(pair, code);
  }

  /** @returns {Playback|null} the playback, if it plays */
  #playing() {
    return this.#playback?.state === "playing" ? this.#playback : null;
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
