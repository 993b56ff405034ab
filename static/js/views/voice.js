// @ts-check
import { news } from "./news.js";
import { artists } from "./words.js";

/** @typedef {import("./scene.js").Show} Show */

/** Reads what is on view aloud, as far as it concerns this person. */
export class Voice {
  #announcer;
  #rack;
  /** @type {Show|null} */
  #before = null;

  /** @param {import("./announcer.js").Announcer} announcer @param {{focused: unknown}} rack */
  constructor(announcer, rack) {
    this.#announcer = announcer;
    this.#rack = rack;
  }

  /** @param {Show} show */
  draw(show) {
    const before = this.#before;
    this.#before = show;
    if (!before) return;
    const { playback, queue, me } = show;
    if (playback.track && playback.state === "playing" && playback.play_id !== before.playback.play_id) {
      this.#announcer.say(`Now playing ${playback.track.title}, ${artists(playback.track)}`);
    }
    // Who moved a track by hand has heard of it.
    if (queue === before.queue || show.placing) return;
    const listening = this.#rack.focused !== null || queue.some((item) => item.added_by === me.id);
    this.#announcer.tell(news(before.queue, queue, { me: me.id, listening }));
  }
}
