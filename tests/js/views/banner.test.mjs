import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Drawer } from "../../../static/js/storage.js";
import { Banner } from "../../../static/js/views/banner.js";
import { FakeStorage, restoreTime, stopTime } from "../browser.mjs";
import { idle, item, spotify, streamed } from "../cast.mjs";
import { FakePlace, fakeDocument } from "../place.mjs";

const queue = [item(1, { track: streamed(1) })];
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
function banner(code = "KQ7F4M") {
  const root = Object.assign(new FakePlace(), { previousElementSibling: new FakePlace() });
  const outbox = Object.assign(new EventTarget(), { pending: [] });
  const view = new Banner(root, {
    socket: new EventTarget(), outbox, clock: { now: () => Date.now() }, announcer: { say() {} }, onStale() {}, mayClaim: () => false,
    drawer: new Drawer(() => storage), code,
  });
  const draw = (facts) => {
    const sources = [spotify({ state: "away", cause: "spotify_reconnect", ...facts })];
    view.draw({ state: { revision: 1, sources }, queue, playback: idle, members: new Map(), may: {}, hosts: true, rules: true, now: Date.now() });
    return !root.hidden;
  };
  return { draw, later: root.querySelector("[data-later]") };
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
