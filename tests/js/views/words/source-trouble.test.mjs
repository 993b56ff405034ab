import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../../../../static/js/net/api.js";
import { failedWords, oldWords, searchWords, sourceTroubleOf } from "../../../../static/js/views/words/source-trouble.js";
import { can, item, spotify, streamed } from "../../cast.mjs";

const at = (hours, minutes) => new Date(2024, 0, 1, hours, minutes).getTime();
const queue = [item(1), item(2, { track: streamed(2) }), item(3, { track: streamed(3) })];
const host = { can: can("host") };
const trouble = (cause, { facts = {}, ...show } = {}) =>
  sourceTroubleOf({ state: { sources: [spotify({ state: "away", cause, at_ms: at(21, 36), ...facts })] }, queue, can: can("listener"), playback: { state: "playing" }, unheard: false, ...show });

test("the host reads when Spotify logged them out, what waits, and what plays on", () => {
  const { kind, bold, rest, act } = trouble("spotify_reconnect", host);
  assert.equal(bold, "Spotify logged you out at 21:36.");
  assert.equal(rest, "Its 2 tracks keep their votes and wait. Library tracks play on.");
  assert.deepEqual([kind, act], ["stop", "reconnect"]);
});

test("listeners read no more than that Spotify is out, whatever the cause", () => {
  for (const cause of ["spotify_reconnect", "spotify_premium", "spotify_no_device", "spotify_moon", null]) {
    const { bold, rest, act } = trouble(cause);
    assert.equal(`${bold} ${rest}`, "Spotify is out for the moment. Library tracks play on.");
    assert.equal(act, null);
  }
});

test("a missing device is for host and co-hosts to choose", () => {
  assert.equal(trouble("spotify_no_device", host).act, "player");
  assert.equal(trouble("spotify_no_device", { can: can("cohost") }).act, "player");
});

test("a missing device is no trouble until a track waits for one", () => {
  assert.equal(trouble("spotify_no_device", { ...host, queue: queue.slice(0, 1) }), null);
});

test("a device that has only to be loaded is no trouble yet", () => {
  const { added_at } = queue[1];
  assert.equal(trouble("spotify_no_device", { ...host, now: added_at + 5_000 }), null);
  assert.equal(trouble("spotify_no_device", { ...host, now: added_at + 20_000 }).act, "player");
});

test("where somebody chose no device, what waits for one says so", () => {
  const { bold, act } = trouble("spotify_off", { ...host, now: queue[1].added_at });
  assert.deepEqual([bold, act], ["No device is chosen for Spotify.", "player"]);
  assert.equal(trouble("spotify_off", { ...host, queue: queue.slice(0, 1) }), null);
});

test("only the host is sent to the account", () => {
  assert.equal(trouble("spotify_reconnect", { can: can("cohost") }).act, null);
  const acts = ["spotify_scope", "spotify_not_connected", "spotify_not_listed", "spotify_premium"].map((cause) => trouble(cause, host).act);
  assert.deepEqual(acts, ["reconnect", "connect", "account", "account"]);
});

test("what is the operator's to mend sends the host to no account", () => {
  for (const cause of ["spotify_operator", "spotify_key", "spotify_client"]) {
    const { bold, act } = trouble(cause, host);
    assert.notEqual(bold, "Spotify is out for the moment.");
    assert.equal(act, null);
  }
});

test("a refusal that is not believed yet is mild and leads to the account", () => {
  const { kind, act } = trouble("spotify_unsure", host);
  assert.deepEqual([kind, act], ["wait", "account"]);
});

test("nothing is said to play on where nothing plays, or nobody hears it", () => {
  for (const quiet of [{ playback: { state: "idle" } }, { playback: { state: "paused" } }, { unheard: true }]) {
    for (const show of [host, { can: can("listener") }]) {
      assert.match(trouble("spotify_reconnect", { ...show, ...quiet }).rest, /The library still works\.$/);
    }
  }
});

test("a device that has to be chosen again says why, and leads to the devices", () => {
  for (const cause of ["spotify_elsewhere", "spotify_in_use", "spotify_restricted"]) {
    const { bold, act } = trouble(cause, { can: can("cohost") });
    assert.notEqual(bold, "Spotify is out for the moment.");
    assert.equal(act, "player");
  }
  assert.equal(searchWords(spotify({ state: "away", cause: "spotify_in_use" }), queue), "Spotify plays in another room. What is added waits.");
});

test("a limit says until when, if that is known", () => {
  assert.equal(trouble("spotify_limited", { ...host, facts: { until_ms: at(21, 40) } }).bold, "Spotify limits us until 21:40.");
  assert.equal(trouble("spotify_limited", host).bold, "Spotify limits us for a while.");
});

test("one waiting track is not many, and none are not spoken of", () => {
  assert.match(trouble("spotify_away", { ...host, queue: queue.slice(0, 2) }).rest, /^Its track keeps its votes and waits\./);
  assert.equal(trouble("spotify_away", { ...host, queue: [] }).rest, "Library tracks play on.");
});

test("a source that is well, or only searches badly, is no trouble", () => {
  assert.equal(trouble(null, { ...host, facts: { state: "available" } }), null);
  assert.equal(trouble("spotify_limited", { ...host, facts: { state: "degraded" } }), null);
  assert.equal(sourceTroubleOf({ state: { sources: [] }, queue, ...host }), null);
});

test("the search tells of a missing device only while a track waits for one", () => {
  const source = spotify({ state: "away", cause: "spotify_no_device" });
  assert.equal(searchWords(source, queue.slice(0, 1)), "");
  assert.equal(searchWords(source, queue), "Spotify has no device to play on yet. What is added waits for one.");
});

test("nothing is said to play on where nothing plays, or nobody hears it", () => {
  for (const quiet of [{ playback: { state: "idle" } }, { playback: { state: "paused" } }, { unheard: true }]) {
    for (const show of [host, { can: can("listener") }]) {
      assert.match(trouble("spotify_reconnect", { ...show, ...quiet }).rest, /The library still works\.$/);
    }
  }
});

test("a device that has to be chosen again says why, and leads to the devices", () => {
  for (const cause of ["spotify_elsewhere", "spotify_in_use", "spotify_restricted"]) {
    const { bold, act } = trouble(cause, { can: can("cohost") });
    assert.notEqual(bold, "Spotify is out for the moment.");
    assert.equal(act, "player");
  }
  assert.equal(searchWords(spotify({ state: "away", cause: "spotify_in_use" }), queue), "Spotify plays in another room. What is added waits.");
});

test("a limit says until when, every other failure has the server’s sentence", () => {
  const error = (code) => new ApiError({ status: 503, code, message: "A sentence of the server.", untilMs: at(21, 40) });
  assert.equal(failedWords(error("spotify_limited")), "Spotify limits us until 21:40.");
  assert.equal(failedWords(error("spotify_away")), "A sentence of the server.");
});

test("what is old says from when", () => {
  assert.equal(oldWords(at(20, 41), "Spotify"), "From 20:41, Spotify is away.");
});

test("of a folder that is away people read which, and that its tracks wait; hosts also what to do", () => {
  const sources = [{ name: "folder-1", title: "Party", state: "away", cause: "folder_away", until_ms: null, at_ms: 5, output: null }];
  const show = { state: { sources }, queue: [item(1, { track: { ...item(1).track, folder: "folder-1" } })], can: can("listener") };
  const words = ({ bold, rest }) => `${bold} ${rest}`;
  const told = "The folder Party cannot be reached. Its track keeps its votes and waits.";
  assert.equal(words(sourceTroubleOf(show)), told);
  assert.equal(words(sourceTroubleOf({ ...show, can: can("host") })), `${told} Check its disk or share. It is tried again every 5 s.`);
  assert.equal(sourceTroubleOf({ ...show, queue: [item(2)] }), null);
});
