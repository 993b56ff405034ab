// @ts-check
import { part, pieces, setShown, setText } from "../elements/pieces.js";
import { playsWhenAdded } from "../../state/on-air.js";
import { queueLength, yours } from "../words/queue-words.js";
import { clockTime, titleWords, tracks } from "../words/words.js";
import { say } from "../../words/queue/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */

const roomy = matchMedia("(min-width: 40em)");

/** What stands around the queue: its head, and what to do while nothing waits. */
export class QueueHead {
  #root;
  #blanks;
  #staleSince = 0;

  /** @param {HTMLElement} root @param {{find: () => void, invite: () => void, clear: () => void}} intents */
  constructor(root, { find, invite, clear }) {
    this.#root = root;
    this.#blanks = part(root, "blanks");
    this.#blanks.append(pieces("piece-blanks"));
    part(this.#blanks, "find").addEventListener("click", find);
    part(this.#blanks, "invite").addEventListener("click", invite);
    part(root, "clear").addEventListener("click", clear);
  }

  /** @param {ViewModel} viewModel */
  draw(viewModel) {
    const { queue, me, playback, stale } = viewModel;
    if (!stale) this.#staleSince = viewModel.now;
    const mine = queue.filter((item) => item.added_by === me.id);
    setText(part(this.#root, "queue-count"), stale ? say("queue.as_of", { time: clockTime(this.#staleSince) }) : this.#length(viewModel));
    setShown(part(this.#root, "yours"), mine.length > 0);
    if (mine.length > 0) setText(part(this.#root, "yours-words"), yours(mine, !roomy.matches));
    setShown(part(this.#root, "clear"), viewModel.can.curate && queue.some(({ locked, added_by }) => !locked && added_by !== null));
    setShown(part(this.#root, "queue-note"), !viewModel.can.vote);
    setShown(this.#blanks, queue.length === 0);
    if (queue.length === 0) this.#drawBlank(playback, viewModel.can);
  }

  /** @param {ViewModel} viewModel */
  #length({ queue, away }) {
    return roomy.matches || queue.length === 0 ? queueLength(queue, away) : tracks(queue.length);
  }

  /** @param {ViewModel["playback"]} playback @param {ViewModel["can"]} can */
  #drawBlank(playback, can) {
    const playing = playback.state !== "idle";
    setText(part(this.#blanks, "blank-band"), can.add ? say("blank.add_first") : say("blank.others_add"));
    const next = playback.shelf ? say("blank.after_this_shelf", { shelf: titleWords(playback.shelf.title, playback.shelf.title_code, playback.shelf.title_values) }) : say("blank.after_this");
    const first = playsWhenAdded(playback) ? say("blank.soon") : say("blank.with_music");
    setText(part(this.#blanks, "blank-note"), playing ? next : first);
    setShown(part(this.#blanks, "blank-note"), can.add);
    setShown(part(this.#blanks, "find"), can.add);
  }
}
