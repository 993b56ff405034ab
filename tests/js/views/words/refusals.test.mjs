import assert from "node:assert/strict";
import { test } from "node:test";

import { placesWords, refusalNow, refusalShort, refusalTitle, untilWords } from "../../../../static/js/views/words/refusals.js";
import { can, item, rules, snapshot } from "../../cast.mjs";

const at = (hours, minutes) => new Date(2024, 0, 1, hours, minutes).getTime();
const rests = { code: "rests", message: "It played at 20:47.", until_ms: at(22, 10) };

/** Ana with so many tracks waiting, the first of them at 21:56. */
function show(waiting, facts = {}) {
  const { room, me } = snapshot();
  const queue = Array.from({ length: waiting }, (_, index) => item(index + 1, { eta_ms: at(21, 56) + index }));
  return { state: { queue }, room, me, can: can("listener"), now: at(21, 40), ...facts };
}

test("a refused result says so in a few words", () => {
  const short = (code, until_ms = null) => refusalShort({ code, message: "", until_ms }, 3);
  assert.equal(short("rests", at(22, 10)), "Rests until 22:10");
  assert.deepEqual(["rests", "too_long", "explicit_off", "too_many_waiting", "moon"].map((code) => short(code)), ["Rests", "Too long", "Explicit", "3 of yours wait", "Not here"]);
});

test("what time does not heal is not called not yet", () => {
  assert.deepEqual(["rests", "too_many_waiting", "too_long", "explicit_off"].map(refusalTitle), ["Not yet", "Not yet", "Not here", "Not here"]);
  assert.equal(untilWords("rests"), "It is free again at");
});

test("a rest that is over refuses no more", () => {
  assert.equal(refusalNow(rests, show(0)), rests);
  assert.equal(refusalNow(rests, show(0, { now: at(22, 10) })), null);
  assert.equal(refusalNow(null, show(0)), null);
});

test("places fill and empty while the results stand", () => {
  const full = { code: "too_many_waiting", message: "as found", until_ms: null };
  assert.equal(refusalNow(full, show(2)), null);
  assert.deepEqual(refusalNow(null, show(3)), {
    code: "too_many_waiting", until_ms: at(21, 56),
    message: "You have 3 tracks waiting, the most for one person here. The next place opens when one of them plays.",
  });
});

test("nobody counts the places of host and co-hosts, or where there is no limit", () => {
  const { room } = snapshot();
  assert.equal(refusalNow(null, show(9, { can: can("cohost") })), null);
  assert.equal(refusalNow(null, show(9, { room: { ...room, rules: { ...rules, open_requests: null } } })), null);
});

test("places are told as used and left", () => {
  const words = (used, most, opensAt = null) => placesWords({ used, most, opensAt });
  assert.equal(words(2, 3), "2 of your 3 places used. One more fits.");
  assert.equal(words(1, 3), "1 of your 3 places used. 2 more fit.");
  assert.equal(words(0, 3), "3 tracks of yours may wait.");
  assert.equal(words(3, 3, at(21, 56)), "All your 3 places are used. The next opens about 21:56.");
  assert.equal(words(1, 1), "Your place is used.");
});
