// @ts-check
import { PlaybackMonitor } from "./playback-monitor.js";
import { PlayerStatus } from "./player-status.js";
import { canSound as canSoundWith } from "./known-good.js";
import { Recovery } from "./recovery.js";
import { SoundCard } from "./sound-card.js";
import { Pairs, sounds } from "./pairs.js";
import { Plan } from "./plan.js";
import { SyncController } from "./sync-controller.js";

/** @import {Engine, MeasuredFacts, ReportedFacts} from "./engine.js" */
/** @typedef {import("../net/server-clock.js").ServerClock} ServerClock */
/** @typedef {import("./pair.js").Pair} Pair */
/** @typedef {import("../state/shapes.js").Playback} Playback */
/** @typedef {import("./sync-controller.js").Sync} Sync */

/** With this little left a track may end by itself when nothing follows it. */
const TAIL_MS = 2_000;
/** A resume names its moment a little ahead: up to this, a paused deck waits for it instead of going back. */
const RESUME_AHEAD_MS = 2_000;

/**
 * Makes this device sound what a playback says, at the moment it says. What goes wrong on the way, its Recovery sees to.
 * Events: "blocked" (the browser wants a tap first), "playing", "stalled", "ended", "error": the state of the play;
 * "incident" (detail {cause, recovered}): what went wrong on the way, and when it was put right.
 * @implements {Engine}
 * @implements {ReportedFacts}
 * @implements {MeasuredFacts}
 */
export class LocalPlayer extends EventTarget {
  #clock;
  #wall;
  #document;
  #touch;
  #soundCard;
  #pairs;
  #controller;
  #plan;
  /** @type {Recovery} */
  #recovery;
  /** @type {PlaybackMonitor} */
  #monitor;
  #status = new PlayerStatus(this);
  /** Who wants sound of this device. @type {Set<unknown>} */
  #wanted = new Set();
  /** @type {Playback|null} */
  #playback = null;

  /**
   * @param {{clock: ServerClock, createAudio?: () => any, parent?: any, createContext?: (() => any)|null,
   *   probe?: (url: string) => Promise<number>, canSound?: () => Promise<boolean>, fetch?: (url: string, options: any) => Promise<any>,
   *   wall?: () => number, document?: any, touch?: boolean, memory?: number}} options
   * probe, canSound: see Recovery; touch: does this device silence contexts of hidden pages? memory: of the device, in GB
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
    const startNow = (/** @type {Pair} */ pair) => this.#startNow(pair);
    const status = this.#status;
    const controller = new SyncController({ clock, playback: () => this.#playback });
    const soundCard = new SoundCard({ local, createContext });
    const pairs = new Pairs({
      soundCard,
      local,
      createAudio,
      parent,
      memory,
      fetch,
      canBePrecise: (pair) => !this.#isLocked && this.#recovery.trusts(pair),
      onReady: (deck) => this.#monitor.deckReady(deck),
      onEnded: (deck) => this.#monitor.deckEnded(deck),
      onError: (deck, code) => this.#monitor.deckFailed(deck, code),
    });
    const recovery = new Recovery({ status, clock, soundCard, pairs, wall, probe, canSound, playing, schedule: () => this.#schedule() });
    const plan = new Plan({ clock, soundCard, pairs, controller, startNow });
    this.#soundCard = soundCard;
    this.#pairs = pairs;
    this.#controller = controller;
    this.#recovery = recovery;
    this.#plan = plan;
    this.#monitor = new PlaybackMonitor({ soundCard, pairs, controller, plan, recovery, status, playing, startNow });
    soundCard.addEventListener("change", () => this.#monitor.soundCardChanged({ isLocked: this.#isLocked }));
    soundCard.addEventListener("jump", () => this.#monitor.look({ afterGap: true }));
    clock.addEventListener("step", () => this.#monitor.look());
    page?.addEventListener?.("visibilitychange", () => this.#monitor.handOver());
  }

  get state() {
    return this.#status.state;
  }

  get blocked() {
    return this.#status.blocked;
  }

  /** What is wrong just now. */
  get cause() {
    return this.#status.cause;
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
    return Math.round(this.#controller.drift_ms);
  }

  /** @returns {Sync} */
  get sync() {
    const { offset_ms, jitter_ms, corrected } = this.#controller;
    const mode = this.#pairs.front?.mode ?? "pocket";
    return { state: this.#syncState(mode), mode, offset_ms, jitter_ms, uncertainty_ms: this.#clock.uncertainty_ms, corrected };
  }

  /** What is heard at this very moment, not rounded: for measurements. */
  sampled() {
    const { state, mode } = this.sync;
    const { front } = this.#pairs;
    const sounding = front !== null && front.sounding && front.deck.steady;
    const position_ms = front?.position_ms ?? null;
    const { jumps } = this.#soundCard;
    return { state, mode, playId: front?.playId ?? null, sounding, position_ms, at_ms: this.#wall(), jumps };
  }

  set volume(/** @type {number} */ volume) {
    this.#pairs.volume = volume;
  }

  /** By how much this device sounds earlier than others, for speakers with a delay that nobody can measure. */
  get nudge_ms() {
    return this.#controller.nudge_ms;
  }

  set nudge_ms(nudge) {
    this.#controller.nudge_ms = nudge;
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
    this.#resumeOrRest();
    if (!before || !sameMoment(before, playback)) this.#apply(before);
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
    this.#soundCard.rest();
    this.#status.renew();
  }

  /** Call inside a tap: afterwards this page may sound whenever it has to. */
  unlock() {
    this.#status.blocked = false;
    this.#soundCard.resume();
    const playback = this.#playing();
    const pair = playback && this.#pairs.of(playback);
    const isSilent = pair?.mode === "precise" && !this.#soundCard.running;
    if (pair && this.#controller.msUntil(0) <= 0 && (!pair.sounding || isSilent)) this.#startNow(pair);
    for (const one of this.#pairs) one.unlock();
    this.#resumeOrRest();
  }

  /** @param {Sync["mode"]} mode @returns {Sync["state"]} */
  #syncState(mode) {
    if (!sounds(this.#playing()?.track) || this.state === "ended") return "quiet";
    if (this.blocked) return "blocked";
    return this.#controller.stateOf(mode, { isStartPlanned: this.#plan.pair !== null, isPlaying: this.state === "playing" });
  }

  /** A sound card that plays silence costs a phone its battery; one that has to wake first begins late. */
  #resumeOrRest() {
    const { track, next } = this.#playing() ?? {};
    if (sounds(track) || sounds(next?.track)) this.#soundCard.resume();
    else this.#soundCard.restSoon();
  }

  /** @param {Playback|null} before */
  #apply(before) {
    const playback = /** @type {Playback} */ (this.#playback);
    this.#cancel();
    if (before?.play_id !== playback.play_id) {
      this.#recovery.renew();
      this.#status.renew();
    }
    if (!sounds(playback.track)) {
      this.#endLast();
    } else if (playback.state === "playing") {
      this.#clock.eager = true;
      this.#schedule();
    } else if (playback.state === "paused") {
      this.#pauseAt(playback);
    } else {
      this.#endLast();
    }
  }

  /** Until its moment comes, the track before it goes on. */
  #schedule() {
    const pair = this.#pairs.of(/** @type {Playback} */ (this.#playing()));
    this.#monitor.start();
    const held = pair.sounding ? 0 : pair.position_ms;
    const from = this.#controller.msUntil(held) <= RESUME_AHEAD_MS ? held : 0;
    if (this.#controller.msUntil(from) > pair.lateness_ms) this.#plan.make(pair, from);
    else this.#startNow(pair);
  }

  /** @param {Pair} pair */
  #startNow(pair) {
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
    this.#controller.expectStart({ isTelling: pair.deck.steady && !pair.sounding });
    this.#recovery.begin();
    if (!pair.armed) this.#controller.forgetLooks();
    this.#startPair(pair);
    this.#prefetch();
    if (pair.mode === "precise") this.#monitor.lookSoon();
  }

  /** @param {Pair} pair */
  async #startPair(pair) {
    const play = pair.playId;
    const local = this.#clock.local();
    try {
      await pair.start(this.#controller.positionAt(local), local);
      if (play !== this.#playback?.play_id) return;
      this.#status.blocked = false;
      // After a stall only progress is proof.
      if (!this.#recovery.broken && !pair.deck.ended && this.cause !== "stalled") this.#status.become("playing");
    } catch (error) {
      // Other refusals come from our own pause or load, or tell themselves by the element's "error".
      const refused = /** @type {Error} */ (error).name === "NotAllowedError";
      if (refused && play === this.#playback?.play_id) this.#status.block();
    }
  }

  /** @param {Playback} playback */
  #pauseAt(playback) {
    const pair = this.#pairs.of(playback);
    this.#monitor.stop();
    for (const one of this.#pairs) if (one === pair) one.pause(); else one.stop();
    this.#pairs.front = pair;
    pair.seek(playback.position_ms);
    this.#status.become("quiet");
  }

  /** Nothing follows: a track in its last moment ends by itself, all else is cut. */
  #endLast() {
    this.#monitor.stop();
    this.#clock.eager = false;
    for (const pair of this.#pairs) {
      if (pair !== this.#pairs.front || !pair.sounding || pair.deck.remaining_ms > TAIL_MS) pair.stop();
    }
    this.#status.become("quiet");
  }

  #cancel() {
    this.#monitor.cancelFirstLook();
    this.#plan.cancel();
    this.#recovery.stop();
  }

  #stopAll() {
    this.#cancel();
    this.#monitor.stop();
    for (const pair of this.#pairs) {
      pair.stop();
      pair.free();
    }
    this.#pairs.front = null;
    this.#controller.forgetLooks();
  }

  #prefetch() {
    this.#pairs.prefetch(this.#playback?.next?.track);
  }

  /** Is this a phone behind whose locked screen no context goes on? */
  get #isLocked() {
    return this.#touch && Boolean(this.#document?.hidden);
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
