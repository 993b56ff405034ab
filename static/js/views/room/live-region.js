// @ts-check
import { news } from "../queue/news.js";
import { artists } from "../words/words.js";
import { say } from "../../words/sound/say.js";

/** @typedef {Pick<import("./renderer.js").ViewModel, "playback"|"queue"|"me">} Seen */

/** Reads what is on view aloud, as far as it concerns this person. */
export class LiveRegion {
  #announcer;
  #queueList;
  /** @type {Seen|null} */
  #now = null;
  /** The queue as this person has last heard of it. @type {Seen["queue"]} */
  #heard = [];

  /** @param {import("../elements/announcer.js").Announcer} announcer @param {{focused: unknown}} queueList */
  constructor(announcer, queueList) {
    this.#announcer = announcer;
    this.#queueList = queueList;
  }

  /** @param {import("./renderer.js").ViewModel} viewModel */
  draw(viewModel) {
    const before = this.#now;
    const { playback, queue, me, placing } = viewModel;
    this.#now = { playback, queue, me };
    // Who moved a track by hand has heard of it.
    if (!before || placing) this.#heard = queue;
    if (!before) return;
    if (playback.track && playback.state === "playing" && playback.play_id !== before.playback.play_id) {
      this.#announcer.say(say("playing.heard", { title: playback.track.title, artists: artists(playback.track) }));
    }
    if (queue !== before.queue && !placing) this.#announcer.announceLater(() => this.#takeNews());
  }

  /** What has changed since this person last heard of the queue, as it stands now. */
  #takeNews() {
    const { queue, me } = /** @type {Seen} */ (this.#now);
    const listening = this.#queueList.focused !== null || queue.some((item) => item.added_by === me.id);
    const found = news(this.#heard, queue, { me: me.id, listening });
    this.#heard = queue;
    return found;
  }
}
