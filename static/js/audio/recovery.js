// @ts-check
import { isAudio } from "./audio-response.js";
import { Sleep } from "../browser/sleep.js";

/** @typedef {import("../net/server-clock.js").ServerClock} ServerClock */
/** @typedef {import("./player-status.js").Cause} Cause */
/** @typedef {import("./player-status.js").PlayerStatus} PlayerStatus */
/** @typedef {import("./sound-card.js").SoundCard} SoundCard */
/** @typedef {import("./pair.js").Pair} Pair */
/** @typedef {import("./pairs.js").Pairs} Pairs */
/** @typedef {import("../state/shapes.js").Playback} Playback */

/** So long without progress until it is told, and until it is loaded again. */
const STILL_MS = 2_000;
const STILL_TOO_LONG_MS = 3_000;
/** A line that broke for a moment is back by then; the watchdog of the room waits longer. */
const RELOAD_AFTER_MS = 1_000;
/** A stall may be a slow line, so it gets one chance more. */
const RELOADS = { stalled: 2, network: 1 };
/** A server that only answers that it cannot give the file may soon be able to: it gets 20 s. */
const REFUSED_AT_MOST_MS = 20_000;
/** A context that is stopped for a moment, by a call or other headphones, runs again by then. */
const RESUMES_WITHIN_MS = 500;
/** A line on which nothing comes back is no line. */
const PROBE_MS = 5_000;
/** What no portal says: the file is gone, or this member asks too often. */
const TELLING = new Set([404, 410, 429]);
/** @type {Set<Cause>} */
const BLAMES_FILE = new Set(["decode", "stalled"]);
const MEDIA_ERR_NETWORK = 2;
const MEDIA_ERR_DECODE = 3;

/** Sees what goes wrong with the pair that is to be heard, has it tried again, and gives up in time. */
export class Recovery {
  /** The pair has failed: its deck says nothing true about itself until it is loaded again. */
  broken = false;
  #status;
  #clock;
  #soundCard;
  #pairs;
  #probe;
  #canSound;
  #playing;
  #schedule;
  #sleep;
  #progress = { made: 0, at: 0 };
  #reloads = 0;
  /** Since when the server answers, but not with the file. Local time. @type {number|null} */
  #refusedSince = null;
  /** In this play the sound card stood still. @type {string|null} */
  #distrusted = null;
  /** The next try after a failure; it may fail before its moment has come. @type {ReturnType<typeof setTimeout>|undefined} */
  #trying;

  /**
   * @param {{status: PlayerStatus, clock: ServerClock, soundCard: SoundCard, pairs: Pairs, wall: () => number,
   *   probe?: (url: string) => Promise<number>, canSound: () => Promise<boolean>, playing: () => Playback|null, schedule: () => void}} options
   * probe: the status with which the server answers for this file, 0 for none; canSound: does a known good sound play
   * on this device? playing: what the room plays, if it does;
   * schedule: starts that once more
   */
  constructor({ status, clock, soundCard, pairs, wall, probe = statusOf, canSound, playing, schedule }) {
    this.#status = status;
    this.#clock = clock;
    this.#soundCard = soundCard;
    this.#pairs = pairs;
    this.#probe = probe;
    this.#canSound = canSound;
    this.#playing = playing;
    this.#schedule = schedule;
    this.#sleep = new Sleep({ local: () => clock.local(), wall });
  }

  /** Another play: what failed before says nothing about it. */
  renew() {
    this.#reloads = 0;
    this.#refusedSince = null;
    this.#distrusted = null;
  }

  /** What was being tried is not wanted any more. */
  stop() {
    clearTimeout(this.#trying);
    this.broken = false;
  }

  /** A deck is about to start. */
  begin() {
    this.#progress = { made: NaN, at: this.#clock.local() };
  }

  /** Has the device slept since the last look? */
  hasSlept() {
    return this.#sleep.look();
  }

  /** Did its buffer do well so far? @param {Pair} pair */
  trusts({ playId }) {
    return this.#distrusted === null || playId !== this.#distrusted;
  }

  /** @param {Pair} pair */
  lookForProgress(pair) {
    const { progress } = pair.deck;
    const local = this.#clock.local();
    if (progress !== this.#progress.made) {
      // The first look after a start has nothing to compare with.
      if (!Number.isNaN(this.#progress.made)) this.#status.become("playing");
      this.#progress = { made: progress, at: local };
      return;
    }
    const still = local - this.#progress.at;
    if (still >= STILL_TOO_LONG_MS) {
      if (pair.mode === "precise") this.#distrusted = pair.playId;
      this.#retry(pair, "stalled");
    } else if (still >= STILL_MS) {
      this.#status.incident("stalled");
      this.#status.become("stalled");
    }
  }

  /** A file that cannot be decoded will not get better; a line may. @param {Pair} pair @param {number} code */
  failed(pair, code) {
    if (code === MEDIA_ERR_DECODE) this.giveUp("decode");
    // What is refused once more with the server there and the line whole is the file's fault.
    else this.#retry(pair, "network", code === MEDIA_ERR_NETWORK ? "network" : "decode");
  }

  /**
   * Nothing here can make this play sound. A file is blamed only where a sound that is known to be good plays.
   * @param {Cause} cause
   */
  async giveUp(cause) {
    const play = this.#playing()?.play_id;
    this.broken = true;
    const isOurs = BLAMES_FILE.has(cause) && !(await this.#canSound());
    // Meanwhile the room may have gone on, or this may have been tried again.
    if (!this.broken || this.#playing()?.play_id !== play) return;
    this.#status.incident(isOurs ? "device" : cause);
    this.#status.become("error");
  }

  /** The sound card stopped. Most interruptions end by themselves; what does not, a tap heals. */
  awaitSoundCard() {
    this.#soundCard.resume();
    setTimeout(() => {
      const { front } = this.#pairs;
      const silent = front?.mode === "precise" && front.sounding && !this.#soundCard.running;
      if (!silent || !this.#playing()) return;
      this.#status.become("stalled");
      this.#status.block();
    }, RESUMES_WITHIN_MS);
  }

  /** @param {Pair} pair @param {"network"|"stalled"} cause @param {Cause} end  the cause when trying is over */
  #retry(pair, cause, end = cause) {
    const playback = /** @type {Playback} */ (this.#playing());
    this.broken = true;
    this.#status.incident(cause);
    this.#status.become("stalled");
    clearTimeout(this.#trying);
    const wait = this.#reloads > 0 || cause === "stalled" ? 0 : RELOAD_AFTER_MS;
    this.#trying = setTimeout(() => this.#again(pair, playback, cause, end), wait);
  }

  /**
   * Once again, as soon as the server can be reached and has the file.
   * @param {Pair} pair @param {Playback} playback @param {"network"|"stalled"} cause @param {Cause} end
   */
  async #again(pair, playback, cause, end) {
    const status = await this.#probe(/** @type {string} */ (playback.track?.audio));
    if (this.#playing()?.play_id !== playback.play_id || !this.broken) return;
    const busy = status === 429 || status >= 500; // the server cannot now, and may in a moment
    this.#refusedSince = busy ? (this.#refusedSince ?? this.#clock.local()) : null;
    if (this.#refusedSince !== null && this.#clock.local() - this.#refusedSince >= REFUSED_AT_MOST_MS) {
      this.giveUp("network");
    } else if (status === 0 || busy) {
      this.#reloads = 0;
      this.#status.incident("network");
      this.#trying = setTimeout(() => this.#again(pair, playback, cause, end), RELOAD_AFTER_MS);
    } else if (status >= 400) {
      this.giveUp("missing");
    } else if (this.#reloads >= RELOADS[cause]) {
      this.giveUp(end);
    } else {
      this.#reloads += 1;
      this.broken = false;
      pair.reload();
      this.#schedule();
    }
  }
}

/**
 * The status with which the server answers for a file, 0 where it did not answer: a portal or a proxy in between says
 * many things in its place, and only a file that is gone (404, 410) is a fault of the file.
 * @param {string} url
 * @param {(url: string, options: RequestInit) => Promise<Response>} [ask]
 */
export async function statusOf(url, ask = (...request) => globalThis.fetch(...request)) {
  try {
    const signal = AbortSignal.timeout(PROBE_MS);
    const answer = await ask(url, { method: "HEAD", cache: "no-store", redirect: "error", signal });
    if (answer.ok) return isAudio(answer) ? answer.status : 0;
    return TELLING.has(answer.status) || answer.status >= 500 ? answer.status : 0;
  } catch {
    return 0;
  }
}
