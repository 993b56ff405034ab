import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Sound } from "../../../static/js/views/sound.js";
import { member, playing } from "../cast.mjs";

let place, speaker, claims, asked, sound;

beforeEach(() => {
  claims = [];
  asked = [];
  place = new FakePlace();
  speaker = {
    device: "here", name: "laptop (Chrome on Linux)", speaking: false, unlock() {},
    async claim(options) { claims.push(options); },
  };
  const sheet = { show: (name) => asked.push(name) && new FakePlace() };
  sound = new Sound(place, { speaker, sheet, refused: assert.fail });
});

function draws(lease) {
  const playback = playing(1, 0, { speaker: lease });
  const members = new Map(["m1", "m2"].map((id) => [id, member(id)]));
  sound.draw({
    me: { id: "m1" }, hosts: true, rules: true, members, room: { host: "m1" }, playback, state: { playback },
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

class FakePlace extends EventTarget {
  #parts = new Map();
  #attributes = new Map();

  querySelector(selector) {
    if (!this.#parts.has(selector)) this.#parts.set(selector, new FakePlace());
    return this.#parts.get(selector);
  }

  getAttribute(name) {
    return this.#attributes.get(name) ?? null;
  }

  setAttribute(name, value) {
    this.#attributes.set(name, value);
  }
}
