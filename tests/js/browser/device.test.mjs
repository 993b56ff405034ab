import assert from "node:assert/strict";
import { test } from "node:test";

import { deviceName, deviceOfPage, pageName, takeDeviceId } from "../../../static/js/browser/device.js";
import { FakeStorage } from "../browser.mjs";

const page = (storage, window = new EventTarget()) => takeDeviceId({ storage: () => storage, window });

test("a reloaded tab keeps its name", () => {
  const storage = new FakeStorage();
  const window = new EventTarget();
  const id = page(storage, window);
  window.dispatchEvent(new Event("pagehide"));
  assert.equal(page(storage), id);
});

test("a duplicated tab gets a name of its own", () => {
  const storage = new FakeStorage();
  const window = new EventTarget();
  const id = page(storage, window);
  window.dispatchEvent(new Event("pagehide"));
  assert.equal(page(storage), id);
  assert.notEqual(page(storage.copy()), id);
});

test("a page taken back from the browser's memory hides its name again", () => {
  const storage = new FakeStorage();
  const window = new EventTarget();
  const id = page(storage, window);
  window.dispatchEvent(new Event("pagehide"));
  window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  assert.notEqual(page(storage.copy()), id);
});

test("a tab without a storage has a name too", () => {
  assert.ok(takeDeviceId({ storage: () => { throw new Error("SecurityError"); }, window: new EventTarget() }));
});

const agents = {
  "laptop (Chrome on Linux)": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
  "laptop (Edge on Windows)": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
  "laptop (Safari on macOS)": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1 Version/17.5 Safari/605.1",
  "laptop (Firefox on Linux)": "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
  "phone (Safari on iOS)": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1 Version/17.5 Mobile/15E148 Safari/604.1",
  "phone (Chrome on Android)": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36",
  "tablet (Chrome on Android)": "Mozilla/5.0 (Linux; Android 14; SM-X200) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
  "laptop (Browser on another system)": "",
};
for (const [name, userAgent] of Object.entries(agents)) {
  test(`a device is called by words: ${name}`, () => assert.equal(deviceName({ userAgent }), name));
}

test("an iPad that calls itself a Mac is a tablet", () => {
  const userAgent = agents["laptop (Safari on macOS)"];
  assert.equal(deviceName({ userAgent, maxTouchPoints: 5 }), "tablet (Safari on iPadOS)");
});

test("our pages are known among the devices of a Spotify account", () => {
  assert.equal(deviceOfPage(pageName("laptop (Chrome on Linux)")), "laptop (Chrome on Linux)");
  assert.equal(deviceOfPage("Kitchen"), null);
});
