import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { ApiError } from "../../../../static/js/net/api.js";
import { openPlayers, playerNote, typeWord, unusable } from "../../../../static/js/views/spotify/players.js";
import { settled } from "../../browser.mjs";
import { FakePart, fakeDocument } from "../../audio/fake-page.mjs";

const player = {
  id: "d", name: "Kitchen", type: "CastAudio", active: false, chosen: false, restricted: false, private: false,
  volume: 30, supports_volume: true,
};
const PAGE = "BeatSync: laptop (Chrome on Linux)";
let body, calls;

beforeEach(() => {
  globalThis.document = fakeDocument();
  [body, calls] = [new FakePart(), []];
});
afterEach(() => delete globalThis.document);

/** The sheet, opened where the account has these devices. */
async function open(items, own = null) {
  const api = {
    get: async () => ({ items }),
    put: async (_path, choice) => calls.push(choice),
    delete: async () => calls.push(null),
  };
  const some = items.some(({ chosen }) => chosen);
  await openPlayers({ sheet: { show: () => body, close() {} }, api, code: "KQ7F4M", opener: null, some, own });
}

const rows = () => body.querySelector("[data-list]").children;
const shown = () => rows().map((row) => ["name", "then"].map((name) => row.querySelector(`[data-${name}]`).textContent));

async function press(key) {
  const event = Object.assign(new Event("submit", { cancelable: true }), { submitter: key });
  body.querySelector("[data-players]").dispatchEvent(event);
  await settled();
}

test("a device says what it is in words that people have for it", () => {
  assert.equal(playerNote(player), "Chromecast");
  assert.deepEqual(["Smartphone", "TV", "Computer", "Speaker", "Toaster", "toString"].map(typeWord), ["Phone", "TV", "Computer", "Speaker", "Device", "Device"]);
  assert.equal(playerNote({ ...player, active: true }), "Chromecast, active now");
  assert.equal(playerNote({ ...player, active: true, chosen: true }), "Spotify plays here");
});

test("a device that cannot be told to play says why", () => {
  assert.equal(unusable(player), null);
  assert.equal(playerNote({ ...player, restricted: true }), "Takes no commands from other apps");
  assert.match(playerNote({ ...player, private: true, chosen: true }), /^Is in a private session/);
});

test("of two devices with one name, the chosen one is known by its id", async () => {
  await open([player, { ...player, id: "e", chosen: true }]);
  assert.deepEqual(shown(), [["Kitchen", "Chromecast"], ["Kitchen", "Spotify plays here"]]);
});

test("this page stands there once, as this laptop", async () => {
  const own = { id: () => "own", word: "laptop", take() {} };
  await open([{ ...player, id: "own", name: PAGE, chosen: true }, { ...player, id: "other", name: PAGE }], own);
  const here = body.querySelector("[data-here]");
  assert.equal(here.querySelector("[data-name]").textContent, "This laptop");
  assert.equal(here.querySelector("[data-then]").textContent, "Spotify plays here");
  assert.deepEqual(shown(), [["Laptop (Chrome on Linux)", "A page of BeatSync"]]);
});

test("once another device is chosen, that one plays and none is active beside it", async () => {
  await open([{ ...player, id: "e", name: "Hall", active: true, chosen: true }, player]);
  await press(rows()[1]);
  assert.deepEqual(calls, [{ kind: "connect", device_id: "d" }]);
  assert.deepEqual(shown(), [["Hall", "Chromecast"], ["Kitchen", "Spotify plays here"]]);
  await press(body.querySelector("[data-none]"));
  assert.deepEqual(shown(), [["Hall", "Chromecast"], ["Kitchen", "Chromecast"]]);
});

test("a device of an account that plays in another room is asked for, and taken by a second tap", async () => {
  const says = "Spotify plays in another room. Choose again to move it here.";
  const choices = [];
  const put = async (_path, choice) => {
    choices.push(choice);
    if (!choice.takeover) throw new ApiError({ status: 409, code: "spotify_in_use", message: says });
  };
  const api = { get: async () => ({ items: [player] }), put };
  await openPlayers({ sheet: { show: () => body, close() {} }, api, code: "KQ7F4M", opener: null, some: false, own: null });
  await press(rows()[0]);
  assert.equal(body.querySelector("[data-note]").textContent, says);
  await press(rows()[0]);
  assert.deepEqual(choices.map(({ takeover }) => takeover), [undefined, true]);
  assert.deepEqual(shown(), [["Kitchen", "Spotify plays here"]]);
});

test("a limit of Spotify says until when", async () => {
  const untilMs = new Date(2024, 0, 1, 5, 42).getTime();
  const api = { get: async () => { throw new ApiError({ status: 503, code: "spotify_limited", message: "For a while.", untilMs }); } };
  await openPlayers({ sheet: { show: () => body }, api, code: "KQ7F4M", opener: null, some: false, own: null });
  assert.equal(body.querySelector("[data-note]").textContent, "Spotify limits us until 05:42.");
});
