// @ts-check
import { deviceOfPage } from "../device.js";
import { part, piece, setAttribute, setFlag, setShown, setText } from "./pieces.js";
import { failedWords } from "./source-trouble.js";

/** @typedef {import("../shapes.js").Player} Player */
/**
 * @typedef {{id: () => string|null, word: string, take: () => void}} OwnPlayer  this page as such a device
 * id: by which Spotify knows it, null while it does not; word: "laptop"; take: makes it the one, called inside the tap
 */

/** A slide that is still moving is not yet a wish. */
const VOLUME_SETTLES_MS = 300;
/** What Spotify calls devices that nobody else calls so. @type {Record<string, string>} */
const TYPES = {
  computer: "Computer",
  tablet: "Tablet",
  smartphone: "Phone",
  speaker: "Speaker",
  tv: "TV",
  avr: "Amplifier",
  stb: "TV box",
  audiodongle: "Speaker",
  gameconsole: "Game console",
  castvideo: "Chromecast",
  castaudio: "Chromecast",
  automobile: "Car",
};

/**
 * On which of the account's devices Spotify plays for the room: one tap each, and how loud it is there.
 * @param {{sheet: import("./sheet.js").Sheet, api: import("../api.js").Api, code: string, opener: HTMLElement,
 *   some: boolean, own: OwnPlayer|null}} options
 *   some: one is chosen, perhaps one that is not there now; own: null where this page cannot be one
 */
export async function openPlayers({ sheet, api, code, opener, some, own }) {
  const path = `/api/rooms/${code}/spotify`;
  const body = sheet.show("sheet-players", { opener });
  const [list, note, here, none] = ["list", "note", "here", "none"].map((name) => part(body, name));
  /** @type {readonly Player[]} */
  let players = [];
  /** The one that another room would have to give the account up for: a second tap says so. @type {string|null} */
  let contested = null;
  /** Which of them each key stands for. @type {Map<HTMLElement, number>} */
  let rows = new Map();

  const say = (/** @type {string} */ words) => {
    setText(note, words);
    setShown(note, words !== "");
  };
  const draw = () => {
    for (const [key, index] of rows) drawPlayer(key, playerName(players[index]), playerNote(players[index]), players[index]);
    const mine = players.find((player) => isOwn(player, own)) ?? null;
    setShown(here, own !== null);
    if (own) drawPlayer(here, `This ${own.word}`, mine?.chosen ? playerNote(mine) : "Its tracks sound here, in this tab", mine);
    setShown(none, some);
    drawVolume(part(body, "volume"), players.find(({ chosen }) => chosen) ?? null);
  };
  /** Now this one is, and another is not: also not "active", as it was a moment ago. @param {Player|null} one */
  const choose = (one) => {
    players = players.map((player) => ({ ...player, chosen: player.id === one?.id, active: player.id === one?.id }));
    some = one !== null;
    draw();
  };
  const look = async () => {
    players = (await api.get(`${path}/devices`)).items;
    const others = [...players.keys()].filter((index) => !isOwn(players[index], own));
    rows = new Map(others.map((index) => [piece("piece-player"), index]));
    list.replaceChildren(...rows.keys());
    say(players.length === 0 ? "No device of this account is there. Open Spotify on one." : "");
    draw();
  };
  const attempt = (/** @type {() => Promise<void>} */ act) => act().catch((error) => say(failedWords(error)));

  draw();
  part(body, "players").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const key = /** @type {HTMLElement} */ (event.submitter);
    const player = players[rows.get(key) ?? -1];
    if (key === here) {
      // Making the sound here may open a sheet of its own.
      sheet.close();
      own?.take();
    } else if (key === none) {
      attempt(async () => {
        await api.delete(`${path}/output`);
        choose(null);
      });
    } else if (player) {
      const why = unusable(player);
      if (why !== null) say(`${playerName(player)}: ${why}.`);
      else {
        attempt(async () => {
          const takeover = player.id === contested;
          contested = player.id;
          await api.put(`${path}/output`, { kind: "connect", device_id: player.id, ...(takeover && { takeover }) });
          contested = null;
          choose(player);
        });
      }
    }
  });
  wireVolume(part(body, "slide"), (percent) => attempt(() => api.put(`${path}/volume`, { percent })));
  part(body, "again").addEventListener("click", () => attempt(look));
  await attempt(look);
}

/** Why Spotify cannot play there, null where it can. @param {Player} player @returns {string|null} */
export function unusable({ restricted, private: secret }) {
  if (restricted) return "takes no commands from other apps";
  return secret ? "is in a private session, which has to end there first" : null;
}

/** @param {Player} player */
export function playerNote(player) {
  const why = unusable(player);
  if (why !== null) return why[0].toUpperCase() + why.slice(1);
  if (player.chosen) return "Spotify plays here";
  const type = deviceOfPage(player.name) === null ? typeWord(player.type) : "A page of BeatSync";
  return player.active ? `${type}, active now` : type;
}

/** "Chromecast" @param {string} type  as Spotify says it */
export function typeWord(type) {
  const known = type.toLowerCase();
  return Object.hasOwn(TYPES, known) ? TYPES[known] : "Device";
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

/** @param {HTMLElement} place @param {Player|null} player */
function drawVolume(place, player) {
  const volume = player?.supports_volume ? player.volume : null;
  setShown(place, volume !== null);
  if (volume !== null) part(place, "slide").value = String(volume);
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
