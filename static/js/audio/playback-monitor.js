// @ts-check

/** @typedef {import("../state/shapes.js").Playback} Playback */
/** @typedef {import("../state/shapes.js").Track} Track */
/** @typedef {import("./deck.js").Deck} Deck */
/** @typedef {import("./pair.js").Pair} Pair */
/** @typedef {import("./pairs.js").Pairs} Pairs */
/** @typedef {import("./plan.js").Plan} Plan */
/** @typedef {import("./player-status.js").PlayerStatus} PlayerStatus */
/** @typedef {import("./recovery.js").Recovery} Recovery */
/** @typedef {import("./sound-card.js").SoundCard} SoundCard */
/** @typedef {import("./sync-controller.js").SyncController} SyncController */

/** Once a second is often enough for two clocks that part by less than a ms in it. */
const WATCH_EVERY_MS = 1_000;
/** A scheduled start tells early how well it went. */
const FIRST_LOOK_MS = 300;
/** A file that ends 3 s before its track or earlier has another length, or is broken there. */
const EARLY_MS = 3_000;
/** Less than this is no sound. */
const SHORTEST_MS = 1_000;

/** Looks at what sounds, once a second and at each event of a deck or the sound card, and has it corrected. */
export class PlaybackMonitor {
  #soundCard;
  #pairs;
  #controller;
  #plan;
  #recovery;
  #status;
  #playing;
  #startNow;
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #watch;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #firstLook;

  /**
   * @param {{soundCard: SoundCard, pairs: Pairs, controller: SyncController, plan: Plan, recovery: Recovery,
   *   status: PlayerStatus, playing: () => Playback|null, startNow: (pair: Pair) => void}} options
   * playing: what the room plays, if it does; startNow: sounds a pair where the room is
   */
  constructor({ soundCard, pairs, controller, plan, recovery, status, playing, startNow }) {
    this.#soundCard = soundCard;
    this.#pairs = pairs;
    this.#controller = controller;
    this.#plan = plan;
    this.#recovery = recovery;
    this.#status = status;
    this.#playing = playing;
    this.#startNow = startNow;
  }

  /** Looks once a second from now on. */
  start() {
    clearInterval(this.#watch);
    this.#watch = setInterval(() => this.look(), WATCH_EVERY_MS);
    // That nobody looked until now was no sleep.
    this.#recovery.hasSlept();
  }

  stop() {
    clearInterval(this.#watch);
    this.cancelFirstLook();
  }

  /** A start from a buffer has just been given to the sound card. */
  lookSoon() {
    this.#firstLook = setTimeout(() => this.look(), FIRST_LOOK_MS);
  }

  cancelFirstLook() {
    clearTimeout(this.#firstLook);
  }

  /** Keeps the position, and sees what the decks do not tell. */
  look({ afterGap = false } = {}) {
    this.#soundCard.look();
    const slept = this.#recovery.hasSlept();
    const playback = this.#playing();
    if (!playback) return;
    if (this.#plan.pair) {
      this.#plan.look();
      return;
    }
    const pair = this.#pairs.front;
    if (!pair || pair.playId !== playback.play_id) return;
    // A buffer that was to take over may have ended where the room is.
    if (pair.deck.ended && this.#status.state === "playing") this.deckEnded(pair.deck);
    if (this.#status.blocked) this.#soundCard.resume();
    if (this.#isStopped || pair.deck.ended || this.#controller.msUntil(0) > 0) return;
    if (!pair.sounding) {
      this.#startNow(pair);
      return;
    }
    if (slept) {
      this.#status.incident("slept");
      this.#controller.expectStart({ isTelling: false });
    }
    this.#recovery.lookForProgress(pair);
    if (!this.#recovery.broken) this.#correct(pair, afterGap);
  }

  /** Has the better deck of the pair that is heard take over. */
  handOver() {
    const { front } = this.#pairs;
    const playback = this.#playing();
    if (!playback || this.#isStopped || this.#plan.pair === front) return;
    if (front?.playId === playback.play_id) front.handOver((at) => this.#controller.positionAt(at));
  }

  /** The sound card runs and is known, or does not any more. @param {{isLocked: boolean}} device  isLocked: it will not go on by itself */
  soundCardChanged({ isLocked }) {
    const pair = this.#pairs.front;
    const playback = this.#playing();
    if (!playback) return;
    if (this.#soundCard.running) {
      const wasSuspended = this.#status.cause === "suspended" && pair?.mode === "precise";
      if (this.#plan.pair) this.#plan.renew();
      else if (wasSuspended && pair.playId === playback.play_id) this.#startNow(pair);
      else this.handOver();
    } else if (pair?.mode === "precise" && pair.sounding) {
      this.#status.incident("suspended");
      if (isLocked) this.handOver();
      else this.#recovery.awaitSoundCard();
    }
  }

  /** A buffer may start. @param {Deck} deck */
  deckReady(deck) {
    const pair = this.#pairs.having(deck);
    if (pair && this.#plan.pair === pair) this.#plan.renew();
    else this.handOver();
  }

  /** @param {Deck} deck */
  deckEnded(deck) {
    const playback = this.#playing();
    const { front } = this.#pairs;
    if (!playback || this.#recovery.broken || deck !== front?.deck || front.playId !== playback.play_id) return;
    const missing_ms = (/** @type {Track} */ (playback.track).duration_ms ?? Infinity) - deck.position_ms;
    const isWhole = missing_ms <= EARLY_MS || (front.length_ms ?? 0) >= SHORTEST_MS;
    if (isWhole) this.#status.become("ended");
    else this.#recovery.giveUp("decode");
  }

  /** @param {Deck} deck @param {number} code */
  deckFailed(deck, code) {
    const playback = this.#playing();
    const pair = this.#pairs.having(deck);
    if (!playback || !pair || pair.playId !== playback.play_id || pair.deck !== deck) return;
    this.#recovery.failed(pair, code);
  }

  /** Does a tap or a next try have to come first? */
  get #isStopped() {
    return this.#status.blocked || this.#recovery.broken;
  }

  /** @param {Pair} pair @param {boolean} afterGap */
  #correct(pair, afterGap) {
    if (pair.isHandingOver || !pair.deck.steady) return;
    pair.improve();
    const isNear = this.#controller.correct(pair.deck, { afterGap });
    if (this.#status.cause === "slept" && isNear) this.#status.recovered();
    this.handOver();
  }
}
