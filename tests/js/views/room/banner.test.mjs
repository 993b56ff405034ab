import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { JsonStorage } from "../../../../static/js/browser/json-storage.js";
import { Banner } from "../../../../static/js/views/room/banner.js";
import { FakeStorage, restoreTime, stopTime } from "../../browser.mjs";
import { can, idle, item, rules, spotify, streamed } from "../../cast.mjs";
import { FakePart, fakeDocument } from "../../audio/fake-page.mjs";

const queue = [item(1, { track: streamed(1) })];
const room = { created_at: 0, rules };
let storage;

beforeEach(() => {
  stopTime();
  globalThis.document = fakeDocument();
  globalThis.ResizeObserver = class { observe() {} };
  storage = new FakeStorage();
});
afterEach(() => {
  restoreTime();
  delete globalThis.document;
  delete globalThis.ResizeObserver;
});

/** The banner of a page that stands in this room. */
function banner(code = "KQ7F4M", socket = new EventTarget(), pending = []) {
  const root = Object.assign(new FakePart(), { previousElementSibling: new FakePart() });
  const outbox = Object.assign(new EventTarget(), { pending });
  const view = new Banner(root, {
    socket, outbox, clock: { now: () => Date.now() }, announcer: { say() {}, now() {} }, onStale() {}, mayClaim: () => false,
    storage: new JsonStorage(() => storage), code,
  });
  const draw = (facts) => {
    const sources = [spotify({ state: "away", cause: "spotify_reconnect", ...facts })];
    view.draw({ state: { revision: 1, sources }, queue, playback: idle, room, members: new Map(), can: can("host"), now: Date.now() });
    return !root.hidden;
  };
  return { draw, view, root, later: root.querySelector("[data-later]") };
}

test("a trouble that was put off comes again only as another one, and in another room", () => {
  const first = banner();
  assert.ok(first.draw());
  first.later.click();
  assert.ok(!first.draw());
  assert.ok(!banner().draw(), "after a reload");
  assert.ok(banner("ABCDEF").draw());
  assert.ok(first.draw({ at_ms: 2 }));
});

test("back on the line, it tells what came and went once it is known, and no number before", () => {
  const socket = new EventTarget();
  const { view, root } = banner("KQ7F4M", socket);
  const status = (state) => socket.dispatchEvent(new CustomEvent("status", { detail: { state, retryInMs: null } }));
  const draw = (...waiting) => view.draw({ state: { queue: waiting, sources: [] }, queue: waiting, playback: idle, room, members: new Map(), can: can("host"), now: Date.now() });
  const words = () => root.querySelector("[data-rest]").textContent;
  draw(item(1));
  status("offline");
  mock.timers.tick(60_000);
  status("live");
  assert.equal(words(), "You were away for 1 min. Votes you tap now count.");
  draw(item(1), item(2));
  assert.equal(words(), "1 track added in the 1 min you were away. Votes you tap now count.");
});

test("off the line, it counts what is kept of each kind", () => {
  const words = (...kinds) => {
    const socket = new EventTarget();
    const { root } = banner("KQ7F4M", socket, kinds.map((kind) => ({ kind })));
    socket.dispatchEvent(new CustomEvent("status", { detail: { state: "offline", retryInMs: null } }));
    mock.timers.tick(2_000);
    return root.querySelector("[data-rest]").textContent;
  };
  assert.equal(words("message"), "1 message is kept and goes out once. Trying now.");
  assert.equal(words("vote", "message", "vote"), "2 votes and 1 message are kept and go out once. Trying now.");
  assert.equal(words("message", "add", "vote"), "1 vote, 1 track and 1 message are kept and go out once. Trying now.");
});
