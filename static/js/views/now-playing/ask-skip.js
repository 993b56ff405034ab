// @ts-check
import { part, setAttribute, setPips, setShown, setText } from "../elements/pieces.js";
import { say } from "../../words/sound/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */

/** A listener's way past a track: enough who ask, and it is skipped. */
export class AskSkip {
  #key;
  #ask;
  #showMessage;
  /** The play that I asked to skip just now; the snapshot tells what I asked before. @type {string|null} */
  #asked = null;
  /** How many asked before me: until the room's count moves, mine is added here. */
  #before = 0;
  /** @type {ViewModel|null} */
  #viewModel = null;

  /** @param {HTMLElement} key @param {{ask: () => Promise<boolean>, say: (words: string) => void}} options */
  constructor(key, { ask, say }) {
    this.#key = key;
    this.#ask = ask;
    this.#showMessage = say;
  }

  /** @param {ViewModel} viewModel */
  draw(viewModel) {
    this.#viewModel = viewModel;
    setShown(this.#key, this.#isAllowed);
    if (!this.#isAllowed) return;
    const { asked, needed } = viewModel.playback.skip;
    const touched = viewModel.playback.play_id === this.#asked && asked === this.#before;
    const heard = Math.min(needed, asked + Number(touched));
    setAttribute(this.#key, "aria-pressed", String(this.#hasAsked));
    setAttribute(this.#key, "aria-label", say("skip.ask", { asked: heard, needed }));
    setText(part(this.#key, "asked"), String(heard));
    setText(part(this.#key, "needed"), String(needed));
    setPips(part(this.#key, "pips"), heard, needed);
  }

  async press() {
    if (!this.#viewModel || !this.#isAllowed) return;
    if (this.#hasAsked) {
      const { asked, needed } = this.#viewModel.playback.skip;
      this.#showMessage(say("skip.asked", { asked, needed }));
      return;
    }
    const { play_id, skip } = this.#viewModel.playback;
    this.#asked = play_id;
    this.#before = skip.asked;
    this.draw(this.#viewModel);
    const heard = await this.#ask();
    if (!heard && this.#asked === play_id) this.#asked = null;
    this.draw(this.#viewModel);
  }

  get #isAllowed() {
    return this.#viewModel !== null && this.#viewModel.can.askSkip && this.#viewModel.playback.state === "playing";
  }

  get #hasAsked() {
    const { me, playback } = /** @type {ViewModel} */ (this.#viewModel);
    return playback.play_id === this.#asked || playback.play_id === me.skip;
  }
}
