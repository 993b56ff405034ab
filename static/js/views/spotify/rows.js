// @ts-check
import { deviceOfPage } from "../../browser/device.js";
import { SPOTIFY, spotifyOf } from "../../state/spotify/spotify-source.js";
import { part, setShown, setText } from "../elements/pieces.js";
import { deviceWord } from "../words/words.js";
import { say } from "../../words/spotify/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */

/** What the panels of the room have of Spotify: where it plays, the own account of a listener, and the way to connect one. */
export class SpotifyRows {
  #root;
  #speaker;

  /**
   * @param {ParentNode} root
   * @param {{speaker: import("../../audio/speaker.js").Speaker, choose: (opener: HTMLElement) => void}} options
   *   choose: opens the sheet of devices
   */
  constructor(root, { speaker, choose }) {
    this.#root = root;
    this.#speaker = speaker;
    const key = part(root, "player-choose");
    key?.addEventListener("click", () => choose(key));
  }

  /** @param {ViewModel} viewModel */
  draw({ state, can }) {
    const source = spotifyOf(state.sources);
    const [start, own, row] = ["start-spotify", "along-own", "player-row"].map((name) => part(this.#root, name));
    if (start) setShown(start, can.govern && source === null);
    if (own) setShown(own, source !== null);
    if (!row) return;
    setShown(row, can.control && source !== null);
    if (source) this.#drawPlayer(source);
  }

  /** Where Spotify sounds is for host and co-hosts to choose. @param {import("../../state/shapes.js").RoomSource} source */
  #drawPlayer({ output, cause }) {
    const { speaking, name, unable } = this.#speaker;
    const player = this.#speaker.engineOf(SPOTIFY);
    const missing = cause === "spotify_no_device";
    const comes = !output && missing && player !== null && speaking && !unable;
    const here = comes || (speaking && player?.isOutput);
    const where = here ? say("spotify_row.plays_here", { device: deviceWord(name) }) : output && say("spotify_row.plays_on", { device: deviceOfPage(output) ?? output });
    const note = output && missing ? say("spotify_row.gone_device") : comes ? say("spotify_row.from_first_track") : "";
    setText(part(this.#root, "player-title"), where || say("spotify_row.plays_nowhere"));
    setText(part(this.#root, "player-note"), where ? note : say("spotify_row.waits_for_one"));
  }
}
