import assert from "node:assert/strict";
import { test } from "node:test";

import { playerNote, unusable } from "../../../static/js/views/players.js";

const player = { id: "d", name: "Kitchen", type: "Speaker", active: false, restricted: false, private: false, volume: 30, supports_volume: true };

test("a device says what it is, and whether it is in use", () => {
  assert.equal(playerNote(player, false), "Speaker");
  assert.equal(playerNote({ ...player, active: true }, false), "Speaker, active now");
  assert.equal(playerNote({ ...player, active: true }, true), "Spotify plays here");
});

test("a device that cannot be told to play says why", () => {
  assert.equal(unusable(player), null);
  assert.equal(playerNote({ ...player, restricted: true }, false), "Takes no commands from other apps");
  assert.match(playerNote({ ...player, private: true }, true), /^Is in a private session/);
});
