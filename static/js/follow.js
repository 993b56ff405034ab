// @ts-check
import { Deck } from "./deck.js";
import { Drift } from "./drift.js";

/** @typedef {import("./clock.js").ServerClock} ServerClock */
/** @typedef {import("./shapes.js").Playback} Playback */

/** Once a second is often enough for two clocks that part by less than a ms in it. */
const WATCH_EVERY_MS = 1_000;
/** With this little left a track may end by itself when nothing follows it. */
const TAIL_MS = 2_000;
/** A resume names its moment a little ahead: up to this, a paused deck waits for it instead of going back. */
const RESUME_AHEAD_MS = 2_000;
/** Two looks without progress. */
const STILL_LOOKS = 2;
/** A line that broke for a moment is back by then; the watchdog of the room waits longer. */
const RELOAD_AFTER_MS = 1_000;
const MEDIA_ERR_DECODE = 3;

/**
 * Makes two <audio> elements sound what a playback says, at the moment it says, in turns.
 * Events: "blocked" (the browser wants a tap first), "playing", "stalled", "ended", "error": the state of the play.
 */
export class Follower extends EventTarget {
  #clock;
  #reaches;
  #decks;
  /** @type {Playback|null} */
  #playback = null;
  /** The deck that is heard. @type {Deck|null} */
  #front = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #due;
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #watch;
  #drift = new Drift();
  #still = 0;
  #lastPosition = 0;
  #reloads = 0;
  /** The deck that is heard has failed: its element says nothing true about itself until it is loaded again. */
  #broken = false;
  /** @type {"quiet"|"playing"|"stalled"|"ended"|"error"} */
  #state = "quiet";
  #blocked = false;

  /**
   * @param {{clock: ServerClock, createAudio?: () => any, parent?: any, reaches?: (url: string) => Promise<boolean>}} options
   * reaches: does the server answer for this file, whatever it says?
   */
  constructor({
    clock,
    createAudio = () => document.createElement("audio"),
    parent = globalThis.document?.body,
    reaches = answers,
  }) {
    super();
    this.#clock = clock;
    this.#reaches = reaches;
    this.#decks = [createAudio(), createAudio()].map((audio) => {
      audio.className = "room-audio";
      parent?.append(audio);
      return new Deck({
        audio,
        onEnded: (deck) => this.#ended(deck),
        onError: (deck, code) => this.#failed(deck, code),
      });
    });
  }

  get state() {
    return this.#state;
  }

  get blocked() {
    return this.#blocked;
  }

  /** The play that is heard, and where in it. */
  get playId() {
    return this.#front?.playId ?? null;
  }

  get position_ms() {
    return Math.round(this.#front?.position_ms ?? 0);
  }

  /** How far the sound is ahead of the room, at the last look. */
  get drift_ms() {
    return this.#drift.ms;
  }

  set volume(/** @type {number} */ volume) {
    for (const deck of this.#decks) deck.volume = volume;
  }

  /** Sounds like this from now on; the same again does nothing. @param {Playback} playback */
  follow(playback) {
    const before = this.#playback;
    this.#playback = playback;
    if (!before || !sameMoment(before, playback)) this.#turn(before);
    this.#prefetch();
  }

  /** No sound, until told to follow again. */
  silence() {
    this.#stopAll();
    this.#playback = null;
    this.#blocked = false;
    this.#become("quiet");
  }

  /** Call inside a tap: afterwards both elements may play whenever they have to. */
  unlock() {
    this.#blocked = false;
    const deck = this.#playing() ? this.#deckOf(this.#playing()) : null;
    if (deck && this.#wait(0) <= 0 && !deck.sounding) this.#begin(deck);
    for (const one of this.#decks) one.bless();
  }

  /** @param {Playback|null} before */
  #turn(before) {
    const playback = /** @type {Playback} */ (this.#playback);
    clearTimeout(this.#due);
    this.#broken = false;
    if (before?.play_id !== playback.play_id) {
      this.#reloads = 0;
      this.#blocked = false;
      this.#become("quiet");
    }
    if (!playback.track?.audio) {
      this.#rest();
    } else if (playback.state === "playing") {
      this.#schedule();
    } else if (playback.state === "paused") {
      this.#hold(playback);
    } else {
      this.#rest();
    }
  }

  /** Until its moment comes, the track before it goes on. */
  #schedule() {
    const deck = this.#deckOf(this.#playing());
    const held = deck.sounding ? 0 : deck.position_ms;
    const wait = this.#wait(held) <= RESUME_AHEAD_MS ? this.#wait(held) : this.#wait(0);
    if (wait > 0) this.#due = setTimeout(() => this.#begin(deck), wait);
    else this.#begin(deck);
  }

  /** @param {Deck} deck */
  #begin(deck) {
    const playback = this.#playing();
    if (!playback) return;
    for (const other of this.#decks) if (other !== deck) other.stop();
    this.#front = deck;
    this.#drift.begin(deck.ready && !deck.sounding);
    this.#still = 0;
    deck.rate = 1;
    deck.seek(this.#target(playback) + this.#drift.latency_ms);
    this.#play(deck);
    this.#prefetch();
    clearInterval(this.#watch);
    this.#watch = setInterval(() => this.#look(), WATCH_EVERY_MS);
  }

  /** @param {Deck} deck */
  async #play(deck) {
    const play = deck.playId;
    try {
      await deck.play();
      if (play !== this.#playback?.play_id) return;
      this.#blocked = false;
      this.#become("playing");
    } catch (error) {
      // Other refusals come from our own pause or load, or tell themselves by the element's "error".
      if (/** @type {Error} */ (error).name !== "NotAllowedError" || play !== this.#playback?.play_id) return;
      this.#blocked = true;
      this.dispatchEvent(new Event("blocked"));
    }
  }

  /** @param {Playback} playback */
  #hold(playback) {
    const deck = this.#deckOf(playback);
    clearInterval(this.#watch);
    for (const one of this.#decks) if (one === deck) one.pause(); else one.stop();
    this.#front = deck;
    deck.seek(playback.position_ms);
    this.#become("quiet");
  }

  /** Nothing follows: a track in its last moment ends by itself, all else is cut. */
  #rest() {
    clearInterval(this.#watch);
    const front = this.#front;
    for (const deck of this.#decks) {
      if (deck !== front || !deck.sounding || deck.remaining_ms > TAIL_MS) deck.stop();
    }
    this.#become("quiet");
  }

  #stopAll() {
    clearTimeout(this.#due);
    this.#broken = false;
    clearInterval(this.#watch);
    for (const deck of this.#decks) deck.stop();
    this.#front = null;
  }

  /** Keeps the place, and sees what the elements do not tell. */
  #look() {
    const playback = this.#playing();
    const deck = this.#front;
    if (!playback || !deck || deck.playId !== playback.play_id) return;
    if (this.#blocked || this.#broken || deck.ended || this.#wait(0) > 0) return;
    if (!deck.sounding) {
      this.#begin(deck);
      return;
    }
    this.#lookForProgress(deck);
    if (deck.ready && !deck.seeking) this.#drift.correct(deck, this.#target(playback), this.#clock.local());
  }

  /** @param {Deck} deck */
  #lookForProgress(deck) {
    this.#still = deck.position_ms === this.#lastPosition ? this.#still + 1 : 0;
    this.#lastPosition = deck.position_ms;
    if (this.#still >= STILL_LOOKS) this.#become("stalled");
    else if (this.#still === 0) this.#become("playing");
  }

  /** The deck that holds a play, or the one to put it on. @param {Playback|null} playback @returns {Deck} */
  #deckOf(playback) {
    const { play_id, track } = /** @type {Playback} */ (playback);
    const free = this.#decks.filter((deck) => !(deck === this.#front && deck.sounding));
    const deck =
      this.#decks.find((one) => one.playId === play_id) ??
      free.find((one) => one.url === track?.audio) ??
      free.find((one) => one !== this.#front) ??
      free[0];
    deck.load(/** @type {any} */ (track));
    if (deck.playId !== play_id) deck.seek(0);
    deck.playId = play_id;
    return deck;
  }

  /** Loads the next track as soon as it is known and a deck is free. */
  #prefetch() {
    const next = this.#playback?.next?.track;
    const free = this.#decks.find((deck) => deck !== this.#front && deck.playId === null);
    if (next?.audio && free && !free.sounding) free.load(next);
  }

  /** @param {Deck} deck */
  #ended(deck) {
    if (deck === this.#front && deck.playId === this.#playing()?.play_id) this.#become("ended");
  }

  /** A file that cannot be decoded will not get better; a line may. @param {Deck} deck @param {number} code */
  #failed(deck, code) {
    const playback = this.#playing();
    if (!playback || deck.playId !== playback.play_id) return;
    this.#broken = true;
    if (code === MEDIA_ERR_DECODE) {
      this.#become("error");
      return;
    }
    this.#become("stalled");
    clearTimeout(this.#due);
    const wait = this.#reloads > 0 ? 0 : RELOAD_AFTER_MS;
    this.#due = setTimeout(() => this.#again(deck, playback), wait);
  }

  /** Once again, as soon as the server can be reached at all. @param {Deck} deck @param {Playback} playback */
  async #again(deck, playback) {
    const track = /** @type {any} */ (playback.track);
    const reached = await this.#reaches(track.audio);
    if (this.#playing()?.play_id !== playback.play_id || !this.#broken) return;
    if (!reached) {
      this.#reloads = 0;
      this.#due = setTimeout(() => this.#again(deck, playback), RELOAD_AFTER_MS);
    } else if (this.#reloads > 0) {
      this.#become("error");
    } else {
      this.#reloads += 1;
      this.#broken = false;
      deck.load(track);
      this.#schedule();
    }
  }

  /** @param {"quiet"|"playing"|"stalled"|"ended"|"error"} state */
  #become(state) {
    if (this.#state === state) return;
    this.#state = state;
    if (state !== "quiet") this.dispatchEvent(new Event(state));
  }

  /** @returns {Playback|null} the playback, if it plays */
  #playing() {
    return this.#playback?.state === "playing" ? this.#playback : null;
  }

  /** Where in the track the room is. @param {Playback} playback */
  #target({ starts_at_ms }) {
    return this.#clock.now() - (starts_at_ms ?? 0);
  }

  /** @param {number} position @returns {number} ms until play() has to be called for the room to be there */
  #wait(position) {
    const playback = this.#playing();
    return playback ? position - this.#target(playback) - this.#drift.latency_ms : 0;
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
async function answers(url) {
  try {
    return (await fetch(url, { method: "HEAD", cache: "no-store" })).status < 500;
  } catch {
    return false;
  }
}
