import assert from "node:assert/strict";
import { test } from "node:test";

import "../../../../static/js/views/sources-in-page.js";
import { incidentWords } from "../../../../static/js/views/words/incident.js";

test("an incident is told of somebody's device, or of one that nobody has", () => {
  const slept = (values) => incidentWords({ code: "slept", values, says: "" });
  assert.equal(slept({ who: "Mika", device: "laptop" }), "Mika’s laptop was asleep, and is back.");
  assert.equal(slept({ device: "laptop" }), "A laptop was asleep, and is back.");
});

test("tracks that wait for a folder are counted", () => {
  const away = (waiting) => incidentWords({ code: "folder_away", values: { folder: "A", ...(waiting && { waiting }) }, says: "" });
  assert.equal(away(0), "The folder A cannot be reached.");
  assert.equal(away(1), "The folder A cannot be reached. 1 track keeps its votes and waits.");
  assert.equal(away(2), "The folder A cannot be reached. 2 tracks keep their votes and wait.");
});

test("a folder that the server has named has its name in the words of the page", () => {
  const values = { folder: "In English", folder_code: "house" };
  assert.equal(incidentWords({ code: "folder_away", values, says: "" }), "The folder House dozen cannot be reached.");
});

test("a source that is away has the words of its refusal", () => {
  assert.equal(incidentWords({ code: "spotify_unsure", values: {}, says: "" }), "Spotify refuses just now. It is asked again soon.");
  assert.equal(incidentWords({ code: "spotify_away", values: {}, says: "" }), "Spotify is out for the moment. The library still works.");
});

test("an incident without a code, or with one of tomorrow, is told as the server says it", () => {
  assert.equal(incidentWords({ code: "", values: {}, says: "It stalled." }), "It stalled.");
  assert.equal(incidentWords({ code: "of_tomorrow", values: { waiting: 3 }, says: "It rains." }), "It rains.");
});
