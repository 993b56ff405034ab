// @ts-check
import { deviceOfPage } from "../device.js";
import { SPOTIFY, spotifyOf } from "../sources.js";
import { badgeOf } from "./badge.js";
import { part, setAttribute, setShown, setText } from "./pieces.js";
import { UNABLE, UNABLE_ALONG } from "./source-trouble.js";
import { drawBadge } from "./sync.js";
import { deviceOf, deviceWord } from "./words.js";

/** @typedef {import("./scene.js").Show} Show */

/** A track of Spotify is heard on one device, that of the host's account; and on those with an account of their own. */
const SPOTIFY_ELSEWHERE = "Spotify plays on the host’s device only.";
const FOLLOWS = "Follows the room as closely as Spotify lets it";

/** Which device makes the sound, the switch that makes it this one, and the one that lets this one sound as well. */
export class Sound {
  #root;
  #speaker;
  #along;
  #spotify;
  #sheet;
  #refused;
  #wanted = true;
  #pending = false;
  /** @type {Show|null} */
  #show = null;

  /**
   * @param {HTMLElement} root
   * @param {{speaker: import("../speaker.js").Speaker, along: import("../along.js").Along,
   *   spotify?: import("../spotify/sound.js").SpotifySound|null, sheet: import("./sheet.js").Sheet, adjust: (opener: HTMLElement) => void,
   *   choosePlayer: (opener: HTMLElement) => void,
   *   refused: (error: import("../api.js").ApiError) => void}} options
   *   spotify: what this page sounds of Spotify, where it can
   */
  constructor(root, { speaker, along, spotify = null, sheet, adjust, choosePlayer, refused }) {
    this.#root = root;
    this.#speaker = speaker;
    this.#along = along;
    this.#spotify = spotify;
    this.#sheet = sheet;
    this.#refused = refused;
    part(root, "sound-switch").addEventListener("click", () => this.toggle());
    part(root, "along-switch").addEventListener("click", () => this.toggleAlong());
    part(root, "adjust").addEventListener("click", () => adjust(part(root, "adjust")));
    const choose = part(root, "player-choose");
    choose?.addEventListener("click", () => choosePlayer(choose));
  }

  /** Should starting the music also make the sound here? Not where another device does, be it one's own. */
  get wanted() {
    return this.#wanted && !this.#other;
  }

  /** Is this device to make the sound as soon as music starts, as its switch says? */
  get willSound() {
    const { playback, hosts } = this.#show ?? {};
    const idle = playback?.state === "idle" || !playback?.track;
    return Boolean(hosts) && idle && this.wanted;
  }

  /** The host chooses the speaker; a co-host does while the host is away. */
  get may() {
    if (!this.#show) return false;
    const { hosts, rules, members, room } = this.#show;
    return hosts || (rules && !members.get(room.host)?.here);
  }

  /** Inside a tap. */
  async toggle() {
    const { playback = null } = this.#show ?? {};
    if (!(this.may || this.#speaker.speaking) || this.#pending) return;
    if (this.#speaker.speaking) {
      this.#wanted = false;
      await this.#try(() => this.#speaker.release());
    } else if (this.#wanted && !this.#other && playback?.state === "idle") {
      this.#wanted = false;
    } else {
      this.#wanted = true;
      this.#speaker.unlock();
      if (playback?.state !== "idle" || this.#other) await this.claim();
    }
    if (this.#show) this.draw(this.#show);
  }

  /** Inside a tap. */
  toggleAlong() {
    if (this.#along.listening) this.#along.off();
    else this.#along.on();
  }

  /** Inside a tap that makes music start: a room that plays for nobody is no room, so it is heard here. */
  async claimToStart() {
    if (this.#speaker.speaking) this.#speaker.unlock();
    if (this.#speaker.speaking || !this.wanted || !this.may || this.#pending) return;
    this.#speaker.unlock();
    await this.claim();
  }

  /** Inside a tap on *Add*: what is added to an idle room makes its music start. */
  async claimToAdd() {
    if (this.willSound) await this.claimToStart();
  }

  /** Inside a tap: the room's sound comes from here from now on. */
  async here() {
    this.#wanted = true;
    this.#speaker.unlock();
    await this.claim();
  }

  /**
   * Becomes the speaker, after asking where another person's device plays. One's own other device needs no question:
   * often it is this very page, closed a moment ago. Call unlock() in the tap before.
   */
  async claim() {
    const other = this.#other;
    if (other && other.member !== this.#show?.me.id) this.#ask(other);
    else await this.#try(() => this.#speaker.claim({ takeover: other !== null }));
  }

  /** @param {Show} show */
  draw(show) {
    this.#show = show;
    const { playback, hosts } = show;
    const word = deviceWord(this.#speaker.name);
    const idle = playback.state === "idle" || !playback.track;
    const on = this.#speaker.speaking || this.willSound;
    const toggle = part(this.#root, "sound-switch");
    setShown(this.#root, true);
    setShown(part(this.#root, "sound-row"), this.may || this.#speaker.speaking);
    setAttribute(toggle, "aria-checked", String(on));
    const elsewhere = this.#elsewhere;
    const [title, note] = this.#words(show, word, idle);
    // The switch is of this device, whatever plays now.
    setAttribute(toggle, "aria-label", elsewhere ? `Sound from this ${word}` : null);
    setAttribute(toggle, "aria-labelledby", elsewhere ? null : "sound-title");
    setText(part(this.#root, "sound-title"), title);
    setText(part(this.#root, "sound-note"), note);
    this.#drawAlong(show, word, on);
    this.#drawPlayer(show, word);
    this.drawSync();
  }

  /** Where Spotify sounds is for host and co-hosts to choose. @param {Show} show @param {string} word */
  #drawPlayer({ state, rules }, word) {
    const source = spotifyOf(state.sources);
    const row = part(this.#root, "player-row");
    if (!row) return;
    setShown(row, rules && source !== null);
    if (!source) return;
    const { output, cause } = source;
    const missing = cause === "spotify_no_device";
    const comes = !output && missing && this.#spotify !== null && this.#speaker.speaking && !this.#speaker.spotifyTrouble;
    const here = comes || (this.#speaker.speaking && this.#spotify?.isOutput);
    const where = here ? `this ${word}` : output && (deviceOfPage(output) ?? output);
    const note = output && missing ? "It is not there now" : comes ? "From its first track on" : "";
    setText(part(this.#root, "player-title"), where ? `Spotify plays on: ${where}` : "Spotify plays on no device");
    setText(part(this.#root, "player-note"), where ? note : "Its tracks wait for one");
  }

  /** @param {Show} show @param {string} word @param {boolean} speaks  does this device sound for the room anyway? */
  #drawAlong({ members, playback, state }, word, speaks) {
    const { listening, blocked } = this.#along;
    const lease = playback.speaker;
    const from = lease ? deviceOf(lease, members.get(lease.member)?.name ?? "Another person") : null;
    const off = from ? `Off. Sound comes from ${from}.` : "Off. No device plays the sound.";
    const step = from ? `In step with ${from}` : "In step with the room";
    const sounds = playback.state === "playing" ? step : "On. Sounds when the music plays.";
    const on = blocked ? "Waits for one tap" : sounds;
    const spotify = playback.track?.source === SPOTIFY && playback.state !== "idle";
    const own = part(this.#root, "along-own");
    if (own) setShown(own, spotifyOf(state.sources) !== null);
    setShown(part(this.#root, "along-row"), !speaks);
    setAttribute(part(this.#root, "along-switch"), "aria-checked", String(listening));
    setText(part(this.#root, "along-title"), `Listen along on this ${word}`);
    setText(part(this.#root, "along-note"), spotify ? this.#spotifyNote(playback, off) : listening ? on : off);
  }

  /** @param {Show["playback"]} playback @param {string} off */
  #spotifyNote({ state }, off) {
    const { blocked, listening, hasSpotify, spotifyTrouble } = this.#along;
    if (!hasSpotify) return SPOTIFY_ELSEWHERE;
    if (!listening) return off;
    if (spotifyTrouble) return UNABLE_ALONG[spotifyTrouble.kind] ?? spotifyTrouble.message;
    if (blocked) return "Waits for one tap";
    return state === "playing" ? FOLLOWS : "On. Sounds when the music plays.";
  }

  /** How well this device keeps time; call it now and then. */
  drawSync() {
    const { listening, sync } = this.#along;
    const heard = this.#elsewhere === null || (listening && this.#along.hasSpotify);
    // That it waits for a tap is said above.
    const shown = heard && (listening || this.#speaker.speaking) && sync.state !== "blocked";
    setShown(part(this.#root, "sync-row"), shown);
    if (shown) drawBadge(part(this.#root, "badge"), badgeOf(sync));
  }

  /** @param {Show} show @param {string} word @param {boolean} idle @returns {[string, string]} */
  #words({ members, playback, hosts }, word, idle) {
    const elsewhere = this.#elsewhere;
    if (this.#speaker.speaking && elsewhere) return [`${elsewhere} plays`, `Library tracks sound on this ${word}`];
    if (this.#speaker.speaking) return [`This ${word} plays`, this.#spokenNote];
    const lease = playback.speaker;
    if (lease) {
      const device = deviceOf(lease, members.get(lease.member)?.name ?? "Another person");
      return [`Sound from this ${word}`, `Off. ${elsewhere ?? device} plays.`];
    }
    if (hosts && idle && this.#wanted) return [`This ${word} will play`, "Sound starts with your tap"];
    return [`Sound from this ${word}`, "Off. No device plays the sound."];
  }

  get #spokenNote() {
    const { blocked, spotifyTrouble } = this.#speaker;
    if (blocked) return "Waits for one tap";
    return spotifyTrouble ? UNABLE[spotifyTrouble] : "The room hears this one";
  }

  /** The device, none of a page here, that sounds what plays: then nothing of it can be heard or measured here. */
  get #elsewhere() {
    const { state, playback } = this.#show ?? {};
    if (!state || !playback || playback.state === "idle" || playback.track?.source !== SPOTIFY) return null;
    const output = spotifyOf(state.sources)?.output ?? null;
    return output !== null && deviceOfPage(output) === null ? output : null;
  }

  /** The lease of another device, if there is one. */
  get #other() {
    const lease = this.#show?.state.playback?.speaker ?? null;
    return lease && lease.device !== this.#speaker.device ? lease : null;
  }

  /** @param {{member: string, name: string}} lease */
  #ask(lease) {
    const device = deviceOf(lease, this.#show?.members.get(lease.member)?.name ?? "Another person");
    const body = this.#sheet.show("sheet-takeover");
    setText(part(body, "title"), `${device} plays the sound. Take over?`);
    part(body, "take").addEventListener("click", () => {
      this.#speaker.unlock();
      this.#sheet.close();
      this.#try(() => this.#speaker.claim({ takeover: true }));
    });
  }

  /** @param {() => Promise<unknown>} call */
  async #try(call) {
    this.#pending = true;
    try {
      await call();
    } catch (error) {
      const refusal = /** @type {import("../api.js").ApiError} */ (error);
      const lease = this.#other;
      if (refusal.code === "speaker_taken" && lease) this.#ask(lease);
      else this.#refused(refusal);
    } finally {
      this.#pending = false;
    }
  }
}
