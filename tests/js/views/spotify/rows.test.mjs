/** Where Spotify plays, and who may choose that. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { SpotifyRows } from "../../../../static/js/views/spotify/rows.js";
import { can, spotify } from "../../cast.mjs";
import { FakePart } from "../../audio/fake-page.mjs";

let place, player, rows, speaker;

beforeEach(() => {
  place = new FakePart();
  player = { isOutput: false };
  speaker = { name: "laptop (Chrome on Linux)", speaking: false, unable: null, engineOf: () => player };
  rows = new SpotifyRows(place, { speaker, choose() {} });
});

function draws(role, sources = []) {
  rows.draw({ can: can(role), state: { sources } });
}

const title = () => place.querySelector("[data-player-title]").textContent;

test("that it takes an own account is said only where the room has Spotify", () => {
  const line = place.querySelector("[data-along-own]");
  draws("listener");
  assert.ok(line.hidden);
  draws("listener", [spotify()]);
  assert.ok(!line.hidden);
});

test("where Spotify plays is shown to those who may choose it, and only where there is Spotify", () => {
  const row = place.querySelector("[data-player-row]");
  draws("host");
  assert.ok(row.hidden);
  draws("host", [spotify({ output: "Kitchen speaker" })]);
  assert.equal(title(), "Spotify plays on: Kitchen speaker");
  draws("host", [spotify()]);
  assert.equal(title(), "Spotify plays on no device");
  draws("listener", [spotify()]);
  assert.ok(row.hidden);
});

test("this page among Spotify’s devices is called this laptop, another one by its kind", () => {
  const sources = [spotify({ output: "BeatSync: laptop (Chrome on Linux)" })];
  Object.assign(speaker, { speaking: true });
  player.isOutput = true;
  draws("host", sources);
  assert.equal(title(), "Spotify plays on: this laptop");
  Object.assign(speaker, { speaking: false });
  draws("host", sources);
  assert.equal(title(), "Spotify plays on: laptop (Chrome on Linux)");
});

test("the speaker that can play Spotify says that it will, unless that was switched off", () => {
  speaker.speaking = true;
  draws("host", [spotify({ state: "away", cause: "spotify_no_device" })]);
  assert.equal(title(), "Spotify plays on: this laptop");
  draws("host", [spotify({ state: "away", cause: "spotify_off" })]);
  assert.equal(title(), "Spotify plays on no device");
});
