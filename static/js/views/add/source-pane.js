// @ts-check
import { part, setShown } from "../elements/pieces.js";
import { sourceName } from "../words/words.js";
import { Finder } from "./finder.js";
import { sayOf } from "../../words/add/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */
/** @typedef {import("../../state/shapes.js").RoomSource} RoomSource */
/** @typedef {import("../../state/shapes.js").Capabilities} Capabilities */

/** What one source beside the library has: a search, and, for those who may see them, playlists. */
export class SourcePane {
  #root;
  #source;
  #can;
  #makePlaylists;
  #changed;
  /** @type {import("./playlists.js").Playlists|null} */
  #playlists = null;
  /** They are loaded once for each time that the source is chosen. */
  #asksForPlaylists = true;

  /**
   * @param {HTMLElement} root
   * @param {{source: string, can: Capabilities, parts: Omit<ConstructorParameters<typeof Finder>[1], "source"|"pauseMs"|"fewest"|"everything">,
   *   makePlaylists: (root: HTMLElement, source: string) => Promise<import("./playlists.js").Playlists|null>, changed: () => void}} options
   *   makePlaylists: gives none where they do not load; changed: they stand here now
   */
  constructor(root, { source, can, parts, makePlaylists, changed }) {
    this.#root = root;
    this.#source = source;
    this.#can = can;
    this.#makePlaylists = makePlaylists;
    this.#changed = changed;
    const { pause_ms: pauseMs, fewest_letters: fewest, browses: everything } = can;
    this.finder = new Finder(part(root, "searched"), { ...parts, source, pauseMs, fewest, everything });
  }

  get playlists() {
    return this.#playlists;
  }

  /** Somebody has chosen the source anew. */
  choose() {
    this.#asksForPlaylists = this.#playlists === null;
  }

  /**
   * @param {{isChosen: boolean, isEmpty: boolean, mayBrowse: boolean, at_ms: number}} facts  isEmpty: nothing is typed; at_ms: since when
   *   the source is as it is
   */
  show({ isChosen, isEmpty, mayBrowse, at_ms }) {
    setShown(this.#root, isChosen);
    const browses = this.#can.playlists && isChosen && isEmpty && (mayBrowse || !this.#can.personal);
    const pane = part(this.#root, "playlists-pane");
    if (pane) setShown(pane, browses);
    setShown(part(this.#root, "searched"), !browses);
    if (browses) this.#enterPlaylists(pane, at_ms);
    else if (isChosen && isEmpty && !this.#can.browses) {
      this.finder.list.note(sayOf("letters_enough", String(this.#can.fewest_letters), { source: sourceName(this.#source) }, ""));
    }
  }

  /** @param {HTMLElement} pane @param {number} at_ms */
  async #enterPlaylists(pane, at_ms) {
    if (this.#playlists) {
      this.#playlists.enter(at_ms);
    } else if (this.#asksForPlaylists) {
      this.#asksForPlaylists = false;
      this.#playlists = await this.#makePlaylists(pane, this.#source);
      this.#changed();
    }
  }
}
