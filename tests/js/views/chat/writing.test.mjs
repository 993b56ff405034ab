import assert from "node:assert/strict";
import { test } from "node:test";

import { clockTime } from "../../../../static/js/views/words/words.js";
import { lastWrittenMs, lengthOf, lengthWords, waitWords, writingState } from "../../../../static/js/views/chat/writing.js";

const MINUTE_MS = 60_000;
const state = ({ me = {}, can = {}, rules = {}, lastMs = null, now = 10 * MINUTE_MS } = {}) =>
  writingState(
    { me: { role: "listener", muted: false, mute: null, here_since_ms: 0, ...me }, can: { chat: true, ...can }, room: { rules: { slow_s: 0, chat_after_min: 0, ...rules } } },
    lastMs,
    now,
  );

test("where no rule stands against it, one may write at once", () => {
  assert.deepEqual(state({ lastMs: 10 * MINUTE_MS }), { closed: null, waitS: 0 });
});

test("in slow mode the seconds to the next message are counted", () => {
  assert.equal(state({ rules: { slow_s: 10 }, lastMs: 10 * MINUTE_MS - 2_500 }).waitS, 8);
  assert.equal(state({ rules: { slow_s: 10 }, lastMs: 9 * MINUTE_MS }).waitS, 0);
});

test("a message on its way was written last, whatever the clocks say", () => {
  const messages = [{ member: "me", at_ms: 5_000 }, { member: "m1", at_ms: 9_000 }];
  assert.equal(lastWrittenMs(messages, [], "me", 20_000), 5_000);
  assert.equal(lastWrittenMs(messages, [], "m2", 20_000), null);
  const pending = [{ kind: "message", at: 100_000 }, { kind: "vote", at: 101_000 }];
  assert.equal(lastWrittenMs(messages, pending, "me", 20_000, 102_000), 18_000);
});

test("a newcomer reads from when they may write", () => {
  assert.equal(state({ rules: { chat_after_min: 15 } }).closed, `You can write from ${clockTime(15 * MINUTE_MS)}.`);
  assert.equal(state({ rules: { chat_after_min: 5 } }).closed, null);
});

test("host and co-hosts need not wait", () => {
  const rules = { slow_s: 10, chat_after_min: 15 };
  assert.deepEqual(state({ me: { role: "cohost" }, rules, lastMs: 10 * MINUTE_MS }), { closed: null, waitS: 0 });
});

test("a muted person and one who may not write read why", () => {
  assert.equal(state({ me: { muted: true } }).closed, "You are muted. You can still vote.");
  const until_ms = 20 * MINUTE_MS;
  assert.equal(state({ me: { muted: true, mute: { why: "", until_ms } } }).closed, `You are muted until ${clockTime(until_ms)}. You can still vote.`);
  const told = state({ me: { muted: true, mute: { why: "spam", until_ms } } });
  assert.equal(told.closed, `You are muted until ${clockTime(until_ms)}. Reason: spam. You can still vote.`);
  assert.equal(told.waitS, 600);
  assert.equal(state({ can: { chat: false } }).closed, "Only the host and co-hosts write here.");
});

test("a wait is read in seconds below a minute, and in minutes above", () => {
  assert.deepEqual([0, 41, 59, 60, 581].map(waitWords), ["0 s", "41 s", "59 s", "1:00", "9:41"]);
});

test("letters are counted as the server counts them, and only near the end", () => {
  assert.equal(lengthOf("  a \n b 🎷 "), 5);
  assert.equal(lengthWords("x".repeat(399)), "");
  assert.equal(lengthWords("x".repeat(480)), "480 of 500");
});
