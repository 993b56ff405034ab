import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { SoundSwitch } from "../../../../static/js/views/sound/sound-switch.js";
import { can, memberInView, playing, spotify, streamed } from "../../cast.mjs";
import { FakePart } from "../../audio/fake-page.mjs";

let place, speaker, along, claims, asked, sound;

beforeEach(() => {
  claims = [];
  asked = [];
  place = new FakePart();
  speaker = {
    device: "here", name: "laptop (Chrome on Linux)", speaking: false, unable: null, unlock() {},
    async claim(options) { claims.push(options); },
  };
  along = {
    listening: false, blocked: false, sync: { state: "in_step", offset_ms: -3, jitter_ms: 2, uncertainty_ms: 1 },
    on() { this.listening = true; },
    off() { this.listening = false; },
  };
  const sheet = { show: (name) => asked.push(name) && new FakePart() };
  sound = new SoundSwitch(place, { speaker, along, sheet, adjust() {}, refused: assert.fail });
});

function draws(lease, isHost = true, { sources = [], ...facts } = {}) {
  const playback = playing(1, 0, { speaker: lease, ...facts });
  const members = new Map(["m1", "m2"].map((id) => [id, memberInView(id)]));
  sound.draw({
    me: { id: "m1" }, isHost, can: can(isHost ? "host" : "listener"), members, room: { host: "m1" }, playback, state: { playback, sources },
  });
}

const note = () => place.querySelector("[data-sound-note]").textContent;

test("where nobody holds the sound any more, one tap takes it", async () => {
  draws({ member: "m1", device: "the tab before", name: "laptop" });
  assert.equal(note(), "Off. m1’s laptop plays.");
  assert.equal(sound.wanted, false);
  draws(null);
  assert.equal(note(), "Off. No device plays the sound.");
  assert.equal(sound.wanted, true, "starting the music sounds it here");
  await sound.toggle();
  assert.deepEqual(claims, [{ takeover: false }]);
});

test("one's own other device is taken over without a question", async () => {
  draws({ member: "m1", device: "the tab before", name: "laptop" });
  await sound.toggle();
  assert.deepEqual(claims, [{ takeover: true }]);
  assert.deepEqual(asked, []);
});

test("another person's device is taken over only after a question", async () => {
  draws({ member: "m2", device: "there", name: "phone" });
  await sound.toggle();
  assert.deepEqual(asked, ["sheet-takeover"]);
  assert.deepEqual(claims, []);
});

test("a listener turns along on and off, and reads whose sound it is", () => {
  draws({ member: "m2", device: "there", name: "phone" }, false);
  const words = () => place.querySelector("[data-along-note]").textContent;
  assert.equal(words(), "Off. Sound comes from m2’s phone.");
  assert.ok(place.querySelector("[data-sound-row]").hidden);
  sound.toggleAlong();
  draws({ member: "m2", device: "there", name: "phone" }, false);
  assert.equal(words(), "In step with m2’s phone");
  sound.toggleAlong();
  assert.ok(!along.listening);
});

test("who listens along to a song of Spotify reads why nothing is heard", () => {
  along.on();
  draws({ member: "m2", device: "there", name: "phone" }, false, { track: streamed(1) });
  const words = place.querySelector("[data-along-note]").textContent;
  assert.equal(words, "Spotify plays on the host’s device only.");
});

test("with an own account it follows, and what stands in the way of that is said here", () => {
  Object.assign(along, { hasOwnPlayer: true, ownTrouble: null });
  along.on();
  const words = (facts) => {
    Object.assign(along, facts);
    draws(null, false, { track: streamed(1), sources: [spotify()] });
    return place.querySelector("[data-along-note]").textContent;
  };
  assert.equal(words({}), "Follows the room as closely as Spotify lets it");
  assert.equal(words({ blocked: true }), "Waits for one tap");
  assert.equal(words({ ownTrouble: { kind: "premium", message: "" } }), "Spotify Premium is needed to listen along.");
  assert.equal(words({ ownTrouble: { kind: "refused", message: "Another room plays." } }), "Another room plays.");
});

test("a speaker whose browser cannot play Spotify says so", () => {
  Object.assign(speaker, { speaking: true, unable: { source: "spotify", why: "unsupported" } });
  draws({ member: "m1", device: "here", name: "laptop" });
  assert.match(note(), /^This browser cannot play Spotify\./);
});

test("a device that sounds says how well it keeps time, and a silent one nothing", () => {
  const row = place.querySelector("[data-sync-row]");
  draws(null);
  assert.ok(row.hidden);
  along.on();
  draws(null);
  assert.ok(!row.hidden);
  assert.equal(place.querySelector("[data-badge]").querySelector("[data-badge-words]").textContent, "In sync, ±6 ms");
});

const song = { track: streamed(1) };

test("while another device plays Spotify, this one claims no sound and measures none", () => {
  speaker.speaking = true;
  const lease = { member: "m1", device: "here", name: "laptop" };
  draws(lease, true, { ...song, sources: [spotify({ output: "Kitchen" })] });
  assert.equal(place.querySelector("[data-sound-title]").textContent, "Kitchen plays");
  assert.equal(note(), "Library tracks sound on this laptop");
  assert.ok(place.querySelector("[data-sync-row]").hidden);
  assert.equal(place.querySelector("[data-sound-switch]").getAttribute("aria-label"), "Sound from this laptop");
  draws(lease, true, { sources: [spotify({ output: "Kitchen" })] });
  assert.equal(place.querySelector("[data-sound-title]").textContent, "This laptop plays");
  assert.ok(!place.querySelector("[data-sync-row]").hidden);
});

test("while this page plays Spotify, it is this laptop that plays", () => {
  speaker.speaking = true;
  draws(null, true, { ...song, sources: [spotify({ output: "BeatSync: laptop (Chrome on Linux)" })] });
  assert.equal(place.querySelector("[data-sound-title]").textContent, "This laptop plays");
});

test("the speaker itself is not offered to listen along", () => {
  speaker.speaking = true;
  draws({ member: "m1", device: "here", name: "laptop" });
  assert.ok(place.querySelector("[data-along-row]").hidden);
});

test("an add to an idle room makes the sound here, where the switch says that it will", async () => {
  const idle = { state: "idle", item: null, track: null };
  const cases = [
    ["an idle room", () => draws(null, true, idle), 1],
    ["a room that plays", () => draws(null), 0],
    ["another device plays", () => draws({ member: "m2", device: "there", name: "phone" }, true, idle), 0],
    ["a listener's page", () => draws(null, false, idle), 0],
    ["switched off", async () => (draws(null, true, idle), await sound.toggle()), 0],
  ];
  const found = [];
  for (const [name, prepare] of cases) {
    claims.length = 0;
    await prepare();
    await sound.claimToAdd();
    found.push([name, claims.length]);
  }
  assert.deepEqual(found, cases.map(([name, , n]) => [name, n]));
});
