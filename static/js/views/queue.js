// @ts-check
import { part, piece, pieces, setShown, setText } from "./pieces.js";
import { playsWhenAdded } from "./stage.js";
import { queueLength, yours, clockTime, count } from "./words.js";

/** @typedef {import("./scene.js").Show} Show */

const BONES = 5;
/** A quick room never shows its bones. */
const BONES_AFTER_MS = 200;

const roomy = matchMedia("(min-width: 40em)");

/** What stands around the rack: its head, the empty slots, the bones while the room opens. */
export class Queue {
  #root;
  #blanks;
  #bones;
  #staleSince = 0;

  /** @param {HTMLElement} root @param {{find: () => void, invite: () => void, clear: () => void}} intents */
  constructor(root, { find, invite, clear }) {
    this.#root = root;
    this.#blanks = part(root, "blanks");
    this.#blanks.append(pieces("piece-blanks"));
    part(this.#blanks, "find").addEventListener("click", find);
    part(this.#blanks, "invite").addEventListener("click", invite);
    part(root, "clear").addEventListener("click", clear);
    this.#bones = setTimeout(() => this.#showBones(), BONES_AFTER_MS);
  }

  /** @param {Show} show */
  draw(show) {
    clearTimeout(this.#bones);
    const { queue, me, playback, stale } = show;
    if (!stale) this.#staleSince = show.now;
    const mine = queue.filter((item) => item.added_by === me.id);
    setText(part(this.#root, "queue-count"), stale ? `as of ${clockTime(this.#staleSince)}` : this.#length(show));
    setShown(part(this.#root, "yours"), mine.length > 0);
    if (mine.length > 0) setText(part(this.#root, "yours-words"), yours(mine, !roomy.matches));
    setShown(part(this.#root, "clear"), show.rules && queue.some(({ locked }) => !locked));
    setShown(part(this.#root, "queue-note"), !show.may.vote);
    setShown(this.#blanks, queue.length === 0);
    if (queue.length === 0) this.#drawBlank(playback);
  }

  /** @param {Show} show */
  #length({ queue, away }) {
    return roomy.matches || queue.length === 0 ? queueLength(queue, away) : count(queue.length, "track");
  }

  /** @param {Show["playback"]} playback */
  #drawBlank(playback) {
    const playing = playback.state !== "idle";
    const shelf = playback.shelf ? ` Until then the room plays from ${playback.shelf.title}.` : "";
    setText(part(this.#blanks, "blank-title"), playing ? "Your track here" : "The first track goes here");
    setText(part(this.#blanks, "blank-band"), playing ? "Add the first" : "Yours, or the first guest’s");
    const first = playsWhenAdded(playback) ? "It plays as soon as it is added." : "It plays once the music starts.";
    setText(part(this.#blanks, "blank-note"), playing ? `It plays right after this one.${shelf}` : first);
  }

  #showBones() {
    const list = part(this.#root, "rack");
    for (let rank = 1; rank <= BONES; rank += 1) {
      const slot = piece("piece-bones");
      setText(part(slot, "number"), String(rank));
      list.append(slot);
    }
  }
}
