// @ts-check
import { deviceOfPage } from "../../browser/device.js";
import { SPOTIFY } from "../../state/spotify/spotify-source.js";
import { part, piece, setAttribute, setFlag, setShown, setText } from "../elements/pieces.js";
import { sourceName } from "../words/words.js";
import { failedWords } from "./spotify-words.js";
import { say, sayOf } from "../../words/players/say.js";

/** @typedef {import("../../state/shapes.js").Player} Player */
/**
 * @typedef {{id: () => string|null, word: string, take: () => void}} OwnPlayer  this page as such a device
 * id: by which Spotify knows it, null while it does not; word: "laptop"; take: makes it the one, called inside the tap
 */

/** A slide that is still moving is not yet a wish. */
const VOLUME_SETTLES_MS = 300;

/**
 * @typedef {{sheet: import("../elements/sheet.js").Sheet, api: import("../../net/api.js").Api, code: string, opener: HTMLElement,
 *   some: boolean, own: OwnPlayer|null}} Options
 *   some: one is chosen, perhaps one that is not there now; own: null where this page cannot be one
 */

/** On which of the account's devices Spotify plays for the room: one tap each, and how loud it is there. @param {Options} options */
export async function openPlayers(options) {
  await new Players(options).look();
}

class Players {
  #sheet;
  #api;
  #path;
  #own;
  #some;
  #body;
  /** @type {readonly Player[]} */
  #players = [];
  /** The one that another room would have to give the account up for: a second tap says so. @type {string|null} */
  #contested = null;
  /** Which of them each key stands for. @type {Map<HTMLElement, number>} */
  #rows = new Map();

  /** @param {Options} options */
  constructor({ sheet, api, code, opener, some, own }) {
    this.#sheet = sheet;
    this.#api = api;
    this.#path = `/api/rooms/${code}/spotify`;
    this.#own = own;
    this.#some = some;
    this.#body = sheet.show("sheet-players", { opener });
    this.#draw();
    part(this.#body, "players").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      this.#press(/** @type {HTMLElement} */ (event.submitter));
    });
    wireVolume(part(this.#body, "slide"), (percent) => this.#try(() => api.put(`${this.#path}/volume`, { percent })));
    part(this.#body, "again").addEventListener("click", () => this.look());
  }

  /** Asks which there are. */
  look() {
    return this.#try(async () => {
      this.#players = (await this.#api.get(`${this.#path}/devices`)).items;
      const others = [...this.#players.keys()].filter((index) => !isOwn(this.#players[index], this.#own));
      this.#rows = new Map(others.map((index) => [piece("piece-player"), index]));
      part(this.#body, "list").replaceChildren(...this.#rows.keys());
      this.#say(this.#players.length === 0 ? say("player.none", { source: sourceName(SPOTIFY) }) : "");
      this.#draw();
    });
  }

  /** @param {HTMLElement} key */
  #press(key) {
    const player = this.#players[this.#rows.get(key) ?? -1];
    if (key === part(this.#body, "here")) {
      // Making the sound here may open a sheet of its own.
      this.#sheet.close();
      this.#own?.take();
    } else if (key === part(this.#body, "none")) {
      this.#try(async () => {
        await this.#api.delete(`${this.#path}/output`);
        this.#choose(null);
      });
    } else if (player) {
      const why = unusable(player);
      if (why === null) this.#try(() => this.#ask(player));
      else this.#say(sayOf("player_refuses", why, { name: playerName(player) }, ""));
    }
  }

  /** @param {Player} player */
  async #ask(player) {
    const takeover = player.id === this.#contested;
    this.#contested = player.id;
    await this.#api.put(`${this.#path}/output`, { kind: "connect", device_id: player.id, ...(takeover && { takeover }) });
    this.#contested = null;
    this.#choose(player);
  }

  /** Now this one is, and another is not: also not "active", as it was a moment ago. @param {Player|null} one */
  #choose(one) {
    this.#players = this.#players.map((player) => ({ ...player, chosen: player.id === one?.id, active: player.id === one?.id }));
    this.#some = one !== null;
    this.#draw();
  }

  #draw() {
    const [own, players] = [this.#own, this.#players];
    for (const [key, index] of this.#rows) drawPlayer(key, playerName(players[index]), playerNote(players[index]), players[index]);
    const mine = players.find((player) => isOwn(player, own)) ?? null;
    const here = part(this.#body, "here");
    setShown(here, own !== null);
    if (own) drawPlayer(here, say("player.here", { device: own.word }), mine?.chosen ? playerNote(mine) : say("player.here_note"), mine);
    setShown(part(this.#body, "none"), this.#some);
    drawVolume(part(this.#body, "volume"), players.find(({ chosen }) => chosen) ?? null);
  }

  /** @param {string} words */
  #say(words) {
    const note = part(this.#body, "note");
    setText(note, words);
    setShown(note, words !== "");
  }

  /** @param {() => Promise<unknown>} call */
  async #try(call) {
    try {
      await call();
    } catch (error) {
      this.#say(failedWords(/** @type {any} */ (error)) || /** @type {Error} */ (error).message);
    }
  }
}

/** Why Spotify cannot play there, null where it can. @param {Player} player @returns {"no_commands"|"private"|null} */
export function unusable({ restricted, private: secret }) {
  if (restricted) return "no_commands";
  return secret ? "private" : null;
}

/** @param {Player} player */
export function playerNote(player) {
  const why = unusable(player);
  if (why !== null) return say(`player.${why}`);
  if (player.chosen) return say("player.plays", { source: sourceName(SPOTIFY) });
  const type = deviceOfPage(player.name) === null ? typeWord(player.type) : say("player.page");
  return player.active ? say("player.active", { type }) : type;
}

/** "Chromecast" @param {string} type  as Spotify says it */
export function typeWord(type) {
  return sayOf("player_type", type.toLowerCase(), {}, say("player.device"));
}

/** @param {Player} player */
function playerName({ name }) {
  const page = deviceOfPage(name);
  return page ? page[0].toUpperCase() + page.slice(1) : name;
}

/** @param {Player} player @param {OwnPlayer|null} own */
function isOwn({ id }, own) {
  return own !== null && id !== null && id === own.id();
}

/** @param {HTMLElement} key @param {string} name @param {string} note @param {Player|null} player */
function drawPlayer(key, name, note, player) {
  const chosen = player?.chosen ?? false;
  setText(part(key, "name"), name);
  setText(part(key, "then"), note);
  setAttribute(key, "aria-pressed", String(chosen));
  setAttribute(key, "aria-disabled", player === null || unusable(player) === null ? null : "true");
  setFlag(key, "chosen", chosen);
}

/** @param {HTMLElement} row @param {Player|null} player */
function drawVolume(row, player) {
  const volume = player?.supports_volume ? player.volume : null;
  setShown(row, volume !== null);
  if (volume !== null) part(row, "slide").value = String(volume);
}

/** @param {HTMLInputElement} slide @param {(percent: number) => void} settled */
function wireVolume(slide, settled) {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  slide.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => settled(Number(slide.value)), VOLUME_SETTLES_MS);
  });
}
