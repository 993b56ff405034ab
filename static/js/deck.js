// @ts-check

/** Nearer than this a seek would be heard and help nobody. */
const CLOSE_ENOUGH_MS = 20;

/** One <audio> element, the track in it and the play it serves. */
export class Deck {
  /** The play this deck sounds or is kept for; null: free. @type {string|null} */
  playId = null;
  /** @type {string|null} */
  url = null;
  #audio;
  #gain = 1;
  #volume = 1;

  /**
   * @param {{audio: HTMLAudioElement, onEnded: (deck: Deck) => void, onError: (deck: Deck, code: number) => void}} options
   */
  constructor({ audio, onEnded, onError }) {
    this.#audio = audio;
    audio.preload = "auto";
    // A hundredth faster or slower is not heard as pitch; keeping the pitch would be heard as an effect.
    audio.preservesPitch = false;
    audio.addEventListener("ended", () => onEnded(this));
    audio.addEventListener("error", () => {
      if (this.url !== null) onError(this, audio.error?.code ?? 0);
    });
  }

  /** @param {{audio?: string|null, gain_db?: number}} track */
  load({ audio: url, gain_db = 0 }) {
    this.#gain = 10 ** (gain_db / 20);
    this.#applyVolume();
    if (this.url === url && !this.#audio.error) return;
    this.url = url ?? null;
    this.#audio.src = url ?? "";
    this.#audio.load();
  }

  get position_ms() {
    return this.#audio.currentTime * 1000;
  }

  /** How long the file itself still runs, as far as known. */
  get remaining_ms() {
    const { duration, currentTime } = this.#audio;
    return Number.isFinite(duration) ? (duration - currentTime) * 1000 : Infinity;
  }

  get sounding() {
    return !this.#audio.paused && !this.#audio.ended;
  }

  get ended() {
    return this.#audio.ended;
  }

  get seeking() {
    return this.#audio.seeking;
  }

  /** Enough is loaded to start without a wait. */
  get ready() {
    return this.#audio.readyState >= 3;
  }

  set rate(/** @type {number} */ rate) {
    if (this.#audio.playbackRate !== rate) this.#audio.playbackRate = rate;
  }

  set volume(/** @type {number} */ volume) {
    this.#volume = volume;
    this.#applyVolume();
  }

  /** @param {number} position_ms */
  seek(position_ms) {
    const target = Math.max(0, position_ms);
    if (Math.abs(this.position_ms - target) > CLOSE_ENOUGH_MS) this.#audio.currentTime = target / 1000;
  }

  /** @returns {Promise<void>} */
  async play() {
    await this.#audio.play();
  }

  pause() {
    this.#audio.pause();
    this.rate = 1;
  }

  /** Silent and free for another play; what is loaded stays. */
  stop() {
    this.pause();
    this.playId = null;
  }

  /** Inside a tap: tells the browser that this element may play later. Pausing at once lets nothing be heard. */
  bless() {
    if (this.sounding) return;
    const played = this.#audio.play();
    this.#audio.pause();
    played?.catch(() => {});
  }

  #applyVolume() {
    this.#audio.volume = Math.min(1, this.#volume * this.#gain);
  }
}
