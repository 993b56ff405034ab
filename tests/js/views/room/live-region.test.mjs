import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { LiveRegion } from "../../../../static/js/views/room/live-region.js";
import { Announcer } from "../../../../static/js/views/elements/announcer.js";
import { item, playing } from "../../cast.mjs";
import { passes, restoreTime, stopTime } from "../../browser.mjs";

let said, region;

beforeEach(() => {
  stopTime();
  said = [];
  const polite = { set textContent(words) { if (words) said.push(words); } };
  region = new LiveRegion(new Announcer({ polite, assertive: {} }), { focused: null });
});
afterEach(restoreTime);

const draws = (playback, ...queue) => region.draw({ me: { id: "m1" }, placing: false, playback, queue });
const mine = (facts) => ({ ...item(2), added_by: "m1", ...facts });

test("news of the queue that has been overtaken is not said", async () => {
  draws(playing(1, 0), item(3), mine());
  draws(playing(1, 0), mine({ locked: true }), item(3));
  draws(playing(2, 0), item(3));
  await passes(12_000);
  assert.deepEqual(said.filter((words) => !words.startsWith("Now playing")), []);
});

test("news of the queue is said as it stands in the end", async () => {
  draws(playing(1, 0), item(3), item(4), mine());
  draws(playing(1, 0), item(3), mine({ eta_ms: null }), item(4));
  draws(playing(1, 0), mine({ eta_ms: null }), item(3), item(4));
  await passes(12_000);
  assert.deepEqual(said, ["Yours is now 1st"]);
});
