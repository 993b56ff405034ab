// @ts-check
import { deviceOfPage } from "../../browser/device.js";
import { sourceOf, soundsOnDevice } from "../../state/sources.js";
import { badgeOf } from "../words/badge.js";
import { part, setAttribute, setShown, setText } from "../elements/pieces.js";
import { unableAlongWords, unableWords } from "../words/source-trouble.js";
import { drawBadge } from "./draw-badge.js";
import { deviceOf, deviceWord, sourceName } from "../words/words.js";
import { say } from "../../words/sound/say.js";

/** @typedef {import("../room/renderer.js").ViewModel} ViewModel */

/** Which device makes the sound, the switch that makes it this one, and the one that lets this one sound as well. */
export class SoundSwitch {
  #root;
  #hearKey;
  #speaker;
  #along;
  #sheet;
  #refused;
  #wanted = true;
  #pending = false;
  /** @type {ViewModel|null} */
  #viewModel = null;

  /**
   * @param {HTMLElement} root
   * @param {{hearKey?: HTMLElement|null, speaker: import("../../audio/speaker.js").Speaker, along: import("../../audio/listen-along.js").ListenAlong,
   *   sheet: import("../elements/sheet.js").Sheet, adjust: (opener: HTMLElement) => void,
   *   refused: (error: import("../../net/api.js").ApiError) => void}} options
   */
  constructor(root, { hearKey = null, speaker, along, sheet, adjust, refused }) {
    this.#root = root;
    this.#hearKey = hearKey;
    hearKey?.addEventListener("click", () => this.toggleHere());
    this.#speaker = speaker;
    this.#along = along;
    this.#sheet = sheet;
    this.#refused = refused;
    part(root, "sound-switch").addEventListener("click", () => this.toggle());
    part(root, "along-switch").addEventListener("click", () => this.toggleAlong());
    part(root, "adjust").addEventListener("click", () => adjust(part(root, "adjust")));
  }

  /** Should starting the music also make the sound here? Not where another device does, be it one's own. */
  get wanted() {
    return this.#wanted && !this.#other;
  }

  /** Is this device to make the sound as soon as music starts, as its switch says? */
  get willSound() {
    const { playback, isHost } = this.#viewModel ?? {};
    const idle = playback?.state === "idle" || !playback?.track;
    return Boolean(isHost) && idle && this.wanted;
  }

  /** The host chooses the speaker; a co-host does while the host is away, or may be, in a crowd. */
  get canClaim() {
    if (!this.#viewModel) return false;
    const { can, isHost, members, room } = this.#viewModel;
    return can.control && (isHost || !members.get(room.host ?? "")?.here);
  }

  /** Inside a tap. */
  async toggle() {
    const { playback = null } = this.#viewModel ?? {};
    if (!(this.canClaim || this.#speaker.speaking) || this.#pending) return;
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
    if (this.#viewModel) this.draw(this.#viewModel);
  }

  /** Inside a tap: this device sounds, or stops; as the speaker where that is for this person to say and no other one is. */
  toggleHere() {
    return this.#speaker.speaking || (this.canClaim && !this.#other) ? this.toggle() : this.toggleAlong();
  }

  /** Inside a tap. */
  toggleAlong() {
    if (this.#along.listening) this.#along.off();
    else this.#along.on();
  }

  /** Inside a tap that makes music start: a room that plays for nobody is no room, so it is heard here. */
  async claimToStart() {
    if (this.#speaker.speaking) this.#speaker.unlock();
    if (this.#speaker.speaking || !this.wanted || !this.canClaim || this.#pending) return;
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
    if (other && other.member !== this.#viewModel?.me.id) this.#ask(other);
    else await this.#try(() => this.#speaker.claim({ takeover: other !== null }));
  }

  /** @param {ViewModel} viewModel */
  draw(viewModel) {
    this.#viewModel = viewModel;
    const { playback } = viewModel;
    const word = deviceWord(this.#speaker.name);
    const idle = playback.state === "idle" || !playback.track;
    const on = this.#speaker.speaking || this.willSound;
    const toggle = part(this.#root, "sound-switch");
    setShown(this.#root, true);
    this.#drawHearKey(on || this.#along.listening);
    setShown(part(this.#root, "sound-row"), this.canClaim || this.#speaker.speaking);
    setAttribute(toggle, "aria-checked", String(on));
    const elsewhere = this.#elsewhere;
    const [title, note] = this.#words(viewModel, word, idle);
    // The switch is of this device, whatever plays now.
    setAttribute(toggle, "aria-label", elsewhere ? say("sound.from_here", { device: word }) : null);
    setAttribute(toggle, "aria-labelledby", elsewhere ? null : "sound-title");
    setText(part(this.#root, "sound-title"), title);
    setText(part(this.#root, "sound-note"), note);
    this.#drawAlong(viewModel, word, on);
    this.drawSync();
  }

  /** The same in short, in the header of a phone. @param {boolean} on */
  #drawHearKey(on) {
    if (!this.#hearKey) return;
    setShown(this.#hearKey, true);
    setAttribute(this.#hearKey, "aria-pressed", String(on));
  }

  /** @param {ViewModel} viewModel @param {string} word @param {boolean} speaks  does this device sound for the room anyway? */
  #drawAlong({ members, playback }, word, speaks) {
    const { listening, blocked } = this.#along;
    const lease = playback.speaker;
    const from = lease ? deviceOf(lease, members.get(lease.member)?.name) : null;
    const off = from ? say("along.off_from", { device: from }) : say("along.off");
    const step = from ? say("along.in_step_with", { device: from }) : say("along.in_step");
    const sounds = playback.state === "playing" ? step : say("along.waits");
    const on = blocked ? say("sync.blocked") : sounds;
    const onDevice = soundsOnDevice(playback.track) && playback.state !== "idle";
    setShown(part(this.#root, "along-row"), !speaks);
    setAttribute(part(this.#root, "along-switch"), "aria-checked", String(listening));
    setText(part(this.#root, "along-title"), say("along.here", { device: word }));
    setText(part(this.#root, "along-note"), onDevice ? this.#deviceNote(playback, off) : listening ? on : off);
  }

  /** What a device of its source sounds is heard on that, and on those of listeners who have an account of their own. @param {ViewModel["playback"]} playback @param {string} off */
  #deviceNote({ state, track }, off) {
    const { blocked, listening, hasOwnPlayer, ownTrouble } = this.#along;
    const source = track?.source ?? "";
    if (!hasOwnPlayer) return say("along.host_only", { source: sourceName(source) });
    if (!listening) return off;
    if (ownTrouble) return unableAlongWords(source, ownTrouble);
    if (blocked) return say("sync.blocked");
    return state === "playing" ? say("along.follows", { source: sourceName(source) }) : say("along.waits");
  }

  /** How well this device keeps time; call it now and then. */
  drawSync() {
    const { listening, sync } = this.#along;
    const heard = this.#elsewhere === null || (listening && this.#along.hasOwnPlayer);
    // That it waits for a tap is said above.
    const shown = heard && (listening || this.#speaker.speaking) && sync.state !== "blocked";
    setShown(part(this.#root, "sync-row"), shown);
    if (shown) drawBadge(part(this.#root, "badge"), badgeOf(sync));
  }

  /** @param {ViewModel} viewModel @param {string} word @param {boolean} idle @returns {[string, string]} */
  #words({ members, playback, isHost }, word, idle) {
    const elsewhere = this.#elsewhere;
    if (this.#speaker.speaking && elsewhere) return [say("sound.other", { device: elsewhere }), say("sound.library_here", { device: word })];
    if (this.#speaker.speaking) return [say("sound.here", { device: word }), this.#spokenNote];
    const lease = playback.speaker;
    if (lease) {
      const device = deviceOf(lease, members.get(lease.member)?.name);
      return [say("sound.from_here", { device: word }), say("sound.off_other", { device: elsewhere ?? device })];
    }
    if (isHost && idle && this.#wanted) return [say("sound.will_play", { device: word }), say("sound.tap")];
    return [say("sound.from_here", { device: word }), say("along.off")];
  }

  get #spokenNote() {
    const { blocked, unable } = this.#speaker;
    if (blocked) return say("sync.blocked");
    return unable ? unableWords(unable) : say("sound.heard");
  }

  /** The device, none of a page here, that sounds what plays: then nothing of it can be heard or measured here. */
  get #elsewhere() {
    const { state, playback } = this.#viewModel ?? {};
    if (!state || !playback || playback.state === "idle" || !playback.track || !soundsOnDevice(playback.track)) return null;
    const output = sourceOf(state.sources, playback.track.source)?.output ?? null;
    return output !== null && deviceOfPage(output) === null ? output : null;
  }

  /** The lease of another device, if there is one. */
  get #other() {
    const lease = this.#viewModel?.state.playback?.speaker ?? null;
    return lease && lease.device !== this.#speaker.device ? lease : null;
  }

  /** @param {{member: string, name: string}} lease */
  #ask(lease) {
    const device = deviceOf(lease, this.#viewModel?.members.get(lease.member)?.name);
    const body = this.#sheet.show("sheet-takeover");
    setText(part(body, "title"), say("sound.take_over", { device }));
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
      const refusal = /** @type {import("../../net/api.js").ApiError} */ (error);
      const lease = this.#other;
      if (refusal.code === "speaker_taken" && lease) this.#ask(lease);
      else this.#refused(refusal);
    } finally {
      this.#pending = false;
    }
  }
}
