// @ts-check
import { part, piece, setAttribute, setFlag, setShown, setText } from "./pieces.js";

/** @typedef {import("../shapes.js").Player} Player */

/** A slide that is still moving is not yet a wish. */
const VOLUME_SETTLES_MS = 300;

/**
 * On which of the account's devices Spotify plays for the room: one tap each, and how loud it is there.
 * @param {{sheet: import("./sheet.js").Sheet, api: import("../api.js").Api, code: string, opener: HTMLElement,
 *   output: () => string|null, here: (() => void)|null}} options
 *   output: the name of the chosen one; here: makes this browser the one, called inside the tap; null: it cannot be
 */
export async function openPlayers({ sheet, api, code, opener, output, here }) {
  const path = `/api/rooms/${code}/spotify`;
  const body = sheet.show("sheet-players", { opener });
  const [list, note, browser, none] = ["list", "note", "here", "none"].map((name) => part(body, name));
  /** @type {Map<string, Player>} */
  let players = new Map();
  let chosen = output();

  const say = (/** @type {string} */ words) => {
    setText(note, words);
    setShown(note, words !== "");
  };
  const draw = () => {
    for (const [id, player] of players) drawPlayer(list.querySelector(`[value="${CSS.escape(id)}"]`), player, player.name === chosen);
    setShown(none, chosen !== null);
    drawVolume(part(body, "volume"), [...players.values()].find(({ name }) => name === chosen) ?? null);
  };
  const look = async () => {
    const { items } = await api.get(`${path}/devices`);
    players = new Map(items.map((/** @type {Player} */ player, /** @type {number} */ index) => [player.id ?? `${index}`, player]));
    list.replaceChildren(...[...players.keys()].map(row));
    say(items.length === 0 ? "No device of this account is there. Open Spotify on one." : "");
    draw();
  };
  const choose = async (/** @type {Player} */ { id, name }) => {
    await api.put(`${path}/output`, { kind: "connect", device_id: id, name });
    chosen = name;
    draw();
  };
  const letGo = async () => {
    await api.delete(`${path}/output`);
    chosen = null;
    draw();
  };
  const attempt = (/** @type {() => Promise<void>} */ act) => act().catch((error) => say(error.message));

  setShown(browser, here !== null);
  part(body, "players").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const key = /** @type {HTMLButtonElement} */ (event.submitter);
    const player = players.get(key.value);
    if (key === browser) {
      // Making the sound here may open a sheet of its own.
      sheet.close();
      here?.();
    } else if (key === none) {
      attempt(letGo);
    } else if (player) {
      const why = unusable(player);
      if (why === null) attempt(() => choose(player));
      else say(`${player.name}: ${why}.`);
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

/** @param {Player} player @param {boolean} chosen */
export function playerNote(player, chosen) {
  const why = unusable(player);
  if (why !== null) return why[0].toUpperCase() + why.slice(1);
  if (chosen) return "Spotify plays here";
  return player.active ? `${player.type}, active now` : player.type;
}

/** @param {string} value */
function row(value) {
  const key = /** @type {HTMLButtonElement} */ (piece("piece-player"));
  key.value = value;
  return key;
}

/** @param {HTMLElement} key @param {Player} player @param {boolean} chosen */
function drawPlayer(key, player, chosen) {
  setText(part(key, "name"), player.name);
  setText(part(key, "then"), playerNote(player, chosen));
  setAttribute(key, "aria-pressed", String(chosen));
  setAttribute(key, "aria-disabled", unusable(player) === null ? null : "true");
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
