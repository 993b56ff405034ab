// @ts-check
import { part, setAttribute, setPips, setShown, setText } from "./pieces.js";

/** @typedef {import("./scene.js").Show} Show */

/** A listener's way past a track: enough who ask, and it is skipped. */
export class AskSkip {
  #key;
  #ask;
  #say;
  /** The play that I asked to skip just now; the snapshot tells what I asked before. @type {string|null} */
  #asked = null;
  /** How many asked before me: until the room's count moves, mine is added here. */
  #before = 0;
  /** @type {Show|null} */
  #show = null;

  /** @param {HTMLElement} key @param {{ask: () => Promise<boolean>, say: (words: string) => void}} options */
  constructor(key, { ask, say }) {
    this.#key = key;
    this.#ask = ask;
    this.#say = say;
  }

  /** @param {Show} show */
  draw(show) {
    this.#show = show;
    setShown(this.#key, this.#may);
    if (!this.#may) return;
    const { asked, needed } = show.playback.skip;
    const touched = show.playback.play_id === this.#asked && asked === this.#before;
    const heard = Math.min(needed, asked + Number(touched));
    setAttribute(this.#key, "aria-pressed", String(this.#mine));
    setAttribute(this.#key, "aria-label", `Ask to skip, ${heard} of ${needed} ask`);
    setText(part(this.#key, "asked"), String(heard));
    setText(part(this.#key, "needed"), String(needed));
    setPips(part(this.#key, "pips"), heard, needed);
  }

  async press() {
    if (!this.#show || !this.#may) return;
    if (this.#mine) {
      const { asked, needed } = this.#show.playback.skip;
      this.#say(`You have asked: ${asked} of ${needed}`);
      return;
    }
    const { play_id, skip } = this.#show.playback;
    this.#asked = play_id;
    this.#before = skip.asked;
    this.draw(this.#show);
    const heard = await this.#ask();
    if (!heard && this.#asked === play_id) this.#asked = null;
    this.draw(this.#show);
  }

  get #may() {
    return this.#show !== null && this.#show.may.askSkip && this.#show.playback.state === "playing";
  }

  get #mine() {
    const { me, playback } = /** @type {Show} */ (this.#show);
    return playback.play_id === this.#asked || playback.play_id === me.skip;
  }
}
