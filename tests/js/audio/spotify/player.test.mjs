import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { SpotifyPlayer } from "../../../../static/js/audio/spotify/player.js";
import { loadSdk } from "../../../../static/js/audio/spotify/sdk.js";
import { passes, record, restoreTime, settled, stopTime } from "../../browser.mjs";
import { track } from "../../cast.mjs";
import { FakeSdk, said } from "./sdk.mjs";

let player, tokens, loads, told;

beforeEach(() => {
  stopTime();
  FakeSdk.answers = [];
  FakeSdk.made = [];
  loads = [async () => ({ Player: FakeSdk })];
  tokens = [];
  player = new SpotifyPlayer({
    url: "https://sdk.example/player.js", name: "BeatSync: laptop",
    token: async () => (tokens.length > 0 ? tokens.shift()() : "fresh"),
    load: () => (loads.length > 1 ? loads.shift() : loads[0])(),
  });
  told = record(player, "ready", "gone", "refused", "blocked", "trouble", "denied", "state");
});
afterEach(() => {
  player.disconnect();
  restoreTime();
});

const sdk = () => FakeSdk.last;
const connects = () => FakeSdk.made.reduce((sum, one) => sum + one.count("connect"), 0);
const offline = () => { throw Object.assign(new Error(), { status: 0 }); };
const refused = () => { throw Object.assign(new Error(), { status: 409 }); };
const given = () => new Promise((resolve) => sdk().options.getOAuthToken(resolve));

function connect() {
  player.prepare();
  player.connect();
}

async function isReady(id = "d1") {
  connect();
  await settled();
  sdk().says("ready", { device_id: id });
}

test("the page is a device as soon as the player says which one", async () => {
  await isReady();
  assert.equal(player.deviceId, "d1");
  assert.deepEqual(told, [{ name: "ready" }]);
});

test("a player that is prepared can be touched in a tap, and is no device yet", async () => {
  player.prepare();
  await settled();
  player.activate();
  assert.deepEqual(sdk().calls, ["activate"]);
});

test("a tap that comes before the player counts for it", async () => {
  player.activate();
  connect();
  await settled();
  assert.equal(sdk().count("activate"), 1);
});

test("each token is asked for anew", async () => {
  await isReady();
  tokens = [async () => "one", async () => "two"];
  assert.deepEqual([await given(), await given()], ["one", "two"]);
});

test("a token that a bad line held up is asked for again", async () => {
  await isReady();
  tokens = [offline, async () => "late"];
  const token = given();
  await passes(1_000);
  assert.equal(await token, "late");
});

test("a refused token is no fault of the token", async () => {
  await isReady();
  tokens = [refused];
  assert.equal(await given(), "");
  sdk().says("authentication_error", { message: "Authentication failed" });
  assert.deepEqual(told.map(({ name }) => name), ["ready", "denied", "gone"]);
});

test("a player that cannot connect tries again, less and less often", async () => {
  FakeSdk.answers = [false, false, false];
  connect();
  await passes(3_000);
  assert.equal(connects(), 3);
  await passes(4_000);
  assert.equal(connects(), 4);
});

test("after two connects that led to nothing another player object takes its place", async () => {
  await isReady();
  player.reconnect();
  await settled();
  const stale = sdk();
  sdk().says("ready", { device_id: "d2" });
  player.reconnect();
  await settled();
  assert.notEqual(sdk(), stale);
  sdk().says("ready", { device_id: "d3" });
  stale.says("not_ready", { device_id: "d3" });
  assert.deepEqual([player.deviceId, stale.count("disconnect") > 0, sdk().count("connect")], ["d3", true, 1]);
});

test("a player that has played keeps its object however often it connects", async () => {
  await isReady();
  const first = sdk();
  for (let time = 0; time < 6; time += 1) {
    sdk().becomes(said(track(1), 1_000));
    player.reconnect();
    await settled();
  }
  assert.equal(sdk(), first);
});

test("a page that Spotify never finds is given up and says so, until somebody wants it again", async () => {
  await isReady();
  for (let time = 0; time < 20; time += 1) {
    player.reconnect();
    await settled();
    sdk().says("ready", { device_id: `d${time}` });
  }
  assert.deepEqual([FakeSdk.made.length, connects()], [4, 8]);
  assert.ok(told.some(({ name, kind }) => name === "trouble" && kind === "lost"));
  await passes(120_000, 5_000);
  assert.equal(connects(), 8);
  player.revive();
  await settled();
  assert.equal(connects(), 9);
});

test("a script that does not load is loaded again", async () => {
  loads.unshift(async () => { throw new Error("offline"); });
  connect();
  await passes(1_000);
  assert.equal(sdk().count("connect"), 1);
});

test("a player that never answers is asked again", async () => {
  connect();
  await settled();
  await passes(15_000);
  assert.equal(sdk().count("connect"), 2);
});

test("a device that is lost sight of connects again, and may be another one", async () => {
  await isReady();
  sdk().says("not_ready", { device_id: "d1" });
  assert.equal(player.deviceId, null);
  await passes(5_000);
  assert.equal(sdk().count("connect"), 2);
  sdk().says("ready", { device_id: "d2" });
  assert.equal(player.deviceId, "d2");
});

test("news of a device that it no longer is are none", async () => {
  await isReady("d2");
  sdk().says("not_ready", { device_id: "d1" });
  assert.equal(player.deviceId, "d2");
});

test("an account without Premium is told of, tried once more after a minute, and then believed", async () => {
  FakeSdk.answers = [false];
  connect();
  await settled();
  sdk().says("account_error", { message: "premium users only" });
  await passes(60_000, 5_000);
  assert.equal(sdk().count("connect"), 1);
  await passes(10_000, 5_000);
  assert.equal(sdk().count("connect"), 2);
  sdk().says("account_error", { message: "premium users only" });
  await passes(300_000, 5_000);
  assert.deepEqual(told, Array(2).fill({ name: "trouble", kind: "premium" }));
  assert.equal(sdk().count("connect"), 2);
});

test("a false word of missing Premium keeps nobody from being a device", async () => {
  FakeSdk.answers = [false];
  connect();
  await settled();
  sdk().says("account_error", { message: "premium users only" });
  await passes(70_000, 5_000);
  sdk().says("ready", { device_id: "d1" });
  assert.equal(player.deviceId, "d1");
});

test("a token that Spotify refuses is told of, and another one tried", async () => {
  await isReady();
  sdk().says("authentication_error", { message: "Authentication failed" });
  assert.deepEqual(told.filter(({ name }) => name === "trouble"), [{ name: "trouble", kind: "token" }]);
  await passes(1_000);
  assert.equal(sdk().count("connect"), 2);
});

test("a volume that was set before there was a device holds for it", async () => {
  player.volume = 0.3;
  await isReady();
  assert.equal(sdk().volume, 0.3);
});

test("who leaves is no device any more, whatever the player says", async () => {
  await isReady();
  player.disconnect();
  sdk().says("ready", { device_id: "d1" });
  assert.equal(player.deviceId, null);
  assert.equal(sdk().count("disconnect"), 1);
});

test("the script is called back as soon as it runs", async () => {
  const window = {};
  const scripts = [];
  const script = Object.assign(new EventTarget(), { remove() {} });
  const document = { createElement: () => script, head: { append: (one) => scripts.push(one) } };
  const loading = loadSdk("https://sdk.example/player.js", { window, document });
  window.Spotify = { Player: FakeSdk };
  window.onSpotifyWebPlaybackSDKReady();
  assert.equal((await loading).Player, FakeSdk);
  await loadSdk("https://sdk.example/player.js", { window, document });
  assert.equal(scripts.length, 1, "it is loaded once for the page");
});

test("a script that fails is taken away again", async () => {
  const removed = [];
  const script = Object.assign(new EventTarget(), { remove: () => removed.push(true) });
  const document = { createElement: () => script, head: { append() {} } };
  const loading = loadSdk("https://sdk.example/player.js", { window: {}, document });
  script.dispatchEvent(new Event("error"));
  await assert.rejects(loading);
  assert.equal(removed.length, 1);
});
