import assert from "node:assert/strict";
import { test } from "node:test";

import { peopleBesideFaces } from "../../../../static/js/views/room/header.js";
import { newsSince } from "../../../../static/js/views/room/news-since.js";
import { manyWords, skippedWords } from "../../../../static/js/views/words/outcomes.js";
import { itemName, queueLength, yours } from "../../../../static/js/views/words/queue-words.js";
import * as words from "../../../../static/js/views/words/words.js";

const MINUTE = 60_000;
const track = { uri: "u", source: "library", title: "Cardamom", artists: ["Ines Okafor Trio"], duration_ms: 4 * MINUTE };
const item = { id: "1", track, added_by: "7", added_at: 0, up: 4, down: 0, score: 4, reason: "4 votes, Quiet Otter has waited 14 min", eta_ms: null, locked: false };

test("a title of ours is in the words of the page, and one that somebody gave is as it was given", () => {
  assert.equal(words.titleWords("In English", "past_room", { name: "Friday" }), "Again: Friday");
  assert.equal(words.titleWords("In English", "of_tomorrow"), "In English");
  assert.equal(words.titleWords("Liked songs", null), "Liked songs");
  assert.equal(words.titleWords("Of the last release"), "Of the last release");
});

test("durations read as on a sleeve", () => {
  assert.equal(words.duration(226_000), "3:46");
  assert.equal(words.duration(9_999), "0:09");
  assert.equal(words.duration(3_723_000), "1:02:03");
  assert.equal(words.duration(-5), "0:00");
});

test("a position is spoken in words", () => {
  assert.equal(words.spokenPosition(92_000, 243_000), "1 minute 32 of 4 minutes 3");
  assert.equal(words.spokenPosition(1_000, 60_000), "1 second of 1 minute");
});

test("places have their English endings", () => {
  assert.deepEqual([1, 2, 3, 4, 11, 12, 13, 21, 22, 103].map(words.ordinal), ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "103rd"]);
});

test("one of something is not many", () => {
  assert.equal(words.votes(1), "1 vote");
  assert.equal(words.votes(0), "0 votes");
  assert.equal(words.people(1), "1 person");
  assert.equal(words.tracks(1204), "1,204 tracks");
});

test("who is alone here is told of those who are away", () => {
  assert.equal(peopleBesideFaces({ here: 1, away: 14, faces: 1 }), "Just you here, 14 away");
  assert.equal(peopleBesideFaces({ here: 1, away: 0, faces: 1 }), "Just you so far");
  assert.equal(peopleBesideFaces({ here: 2, away: 14, faces: 2 }), "2 people");
  assert.equal(peopleBesideFaces({ here: 14, away: 2, faces: 6 }), "+8 people");
});

test("my chip says how many wait and when the first plays", () => {
  const eta_ms = new Date(2024, 0, 1, 21, 56).getTime();
  const mine = { ...item, eta_ms };
  assert.equal(yours([mine]), "Yours: 1 waiting, 21:56");
  assert.equal(yours([mine, item]), "Yours: 2 waiting, next 21:56");
  assert.equal(yours([mine, item], true), "Yours 21:56");
  assert.equal(yours([item]), "Yours: 1 waiting");
  assert.equal(yours([{ ...mine, locked: true }], true), "Yours is next");
});

test("of my tracks, one that waits for its source does not hide when the next plays", () => {
  const eta_ms = new Date(2024, 0, 1, 21, 56).getTime();
  assert.equal(yours([item, { ...item, eta_ms }]), "Yours: 2 waiting, next 21:56");
});

test("what was left out is counted and explained", () => {
  assert.equal(skippedWords({ local: 1, episode: 1, unplayable: 1 }), "3 left out: 1 local file, 1 podcast episode, 1 not available here");
  assert.equal(skippedWords({ local: 2, gone: 0 }), "2 left out: 2 local files");
  assert.equal(skippedWords({ unplayable: 1, market: 2 }), "3 left out: 3 not available here");
  assert.equal(skippedWords({ moon: 1, toString: 1 }), "2 left out: 2 that cannot be read");
  assert.equal(skippedWords({}), "");
});

test("what came of adding many is told in one line", () => {
  const outcome = (kind, message = "") => ({ uri: "u", outcome: kind, error: { code: "c", message } });
  assert.equal(manyWords([outcome("added"), outcome("added")]), "2 added.");
  assert.equal(manyWords([outcome("added"), outcome("waiting")]), "1 added, 1 waited already.");
  assert.equal(manyWords([outcome("refused", "Too long here."), outcome("refused", "It rests.")]), "0 added, 2 not: Too long here.");
});

test("votes below zero have a real minus", () => {
  assert.deepEqual([-1, 0, 2].map(words.votes), ["−1 vote", "0 votes", "2 votes"]);
});

test("a row says place, track, who added it and when it plays", () => {
  const eta_ms = new Date(2024, 0, 1, 21, 47).getTime();
  assert.equal(itemName({ ...item, eta_ms }, 3, "Tomasz"), "3, Cardamom by Ines Okafor Trio, added by Tomasz, about 21:47");
  assert.equal(itemName({ ...item, locked: true, added_by: null }, 1, null), "Next, Cardamom by Ines Okafor Trio, from the shelf");
});

test("a time is told in hours and minutes, and neither of them is zero", () => {
  assert.deepEqual([0, 59, 60, 61, 120].map((n) => words.minutes(n * MINUTE)), ["1 min", "59 min", "1 h", "1 h 1 min", "2 h"]);
});

test("the length of the queue is told in tracks and minutes", () => {
  assert.equal(queueLength([]), "nothing waiting");
  assert.equal(queueLength([item]), "1 track, 4 min");
  assert.equal(queueLength(Array(20).fill(item)), "20 tracks, 1 h 20 min");
});

test("the time of the queue is that of the tracks that can play, and the others are counted beside it", () => {
  const held = { ...item, track: { ...track, source: "spotify" } };
  const away = new Set(["spotify"]);
  assert.equal(queueLength([item, held, item, held], away), "4 tracks, 8 min, 2 held");
  assert.equal(queueLength([held], away), "1 track, 1 held");
  assert.equal(queueLength([item, held]), "2 tracks, 8 min");
});

test("after a gap only tracks that came or went are counted", () => {
  const [one, two, three] = ["i1", "i2", "i3"].map((id) => ({ ...item, id }));
  assert.equal(newsSince([one], [one], 2 * MINUTE), "You were away for 2 min. Votes you tap now count.");
  assert.equal(newsSince([one], [one, two], 2 * MINUTE), "1 track added in the 2 min you were away. Votes you tap now count.");
  assert.equal(newsSince([one, two], [three], MINUTE), "1 track added, 2 gone in the 1 min you were away. Votes you tap now count.");
  assert.equal(newsSince([one, two], [], MINUTE), "2 tracks gone in the 1 min you were away. Votes you tap now count.");
});

test("a device is called by its kind and its person", () => {
  assert.equal(words.deviceOf({ name: "laptop (Chrome on Linux)" }, "Mika"), "Mika’s laptop");
  assert.equal(words.deviceOf({ name: "" }, "Mika"), "Mika’s device");
});

test("times of day are written by the device's clock where the server's is off", () => {
  const noon = new Date(2026, 10, 29, 12, 0).getTime();
  const hour = 60 * MINUTE;
  const written = [noon, noon - hour, noon + 5_000].map((server) => {
    words.writeTimesByDevice(server, noon);
    return words.clockTime(server);
  });
  words.writeTimesByDevice(noon, noon);
  assert.deepEqual(written, ["12:00", "12:00", "12:00"]);
});
