// @ts-check
import { newKey } from "./keys.js";
import { JsonStorage } from "./json-storage.js";

const KEY = "beatsync:device";
/** So begin the names of our pages among the devices of an account. */
const PAGE = "BeatSync: ";

/**
 * The name of this tab among the devices of a room: kept over a reload, never shared. While the page lives the name is
 * not in the storage, so that a duplicated tab, which copies the storage, gets a name of its own.
 * @param {{storage?: () => Storage, window?: EventTarget, crypto?: Crypto}} [options]
 * @returns {string}
 */
export function takeDeviceId({
  storage = () => globalThis.sessionStorage,
  window = globalThis.window,
  crypto = globalThis.crypto,
} = {}) {
  const jsonStorage = new JsonStorage(storage);
  const id = jsonStorage.read(KEY) ?? newKey(crypto);
  jsonStorage.remove(KEY);
  window?.addEventListener("pagehide", () => jsonStorage.write(KEY, id));
  window?.addEventListener("pageshow", (event) => {
    if (/** @type {PageTransitionEvent} */ (event).persisted) jsonStorage.remove(KEY);
  });
  return id;
}

/**
 * What people call this device: "laptop (Chrome on Linux)".
 * @param {{userAgent: string, maxTouchPoints?: number}} [navigator]
 */
export function deviceName({ userAgent, maxTouchPoints = 0 } = globalThis.navigator) {
  return `${deviceWord(userAgent, maxTouchPoints)} (${browserName(userAgent)} on ${systemName(userAgent, maxTouchPoints)})`;
}

/** What this page is called among the devices of an account. @param {string} [name]  of the device */
export function pageName(name = deviceName()) {
  return `${PAGE}${name}`;
}

/** The device on which one of our pages is by this name; null: it is none of them. @param {string} name */
export function deviceOfPage(name) {
  return name.startsWith(PAGE) ? name.slice(PAGE.length) : null;
}

/** @param {string} agent @param {number} touches */
function deviceWord(agent, touches) {
  if (/iPad|Tablet/.test(agent) || isIpad(agent, touches)) return "tablet";
  if (/Android/.test(agent)) return /Mobile/.test(agent) ? "phone" : "tablet";
  if (/iPhone|Mobile/.test(agent)) return "phone";
  return "laptop";
}

/** Order matters: most browsers also claim to be the ones below them. @param {string} agent */
function browserName(agent) {
  if (/Firefox|FxiOS/.test(agent)) return "Firefox";
  if (/Edg/.test(agent)) return "Edge";
  if (/OPR|Opera/.test(agent)) return "Opera";
  if (/SamsungBrowser/.test(agent)) return "Samsung Internet";
  if (/Chrom|CriOS/.test(agent)) return "Chrome";
  if (/Safari/.test(agent)) return "Safari";
  return "Browser";
}

/** @param {string} agent @param {number} touches */
function systemName(agent, touches) {
  if (/iPad/.test(agent) || isIpad(agent, touches)) return "iPadOS";
  if (/iPhone/.test(agent)) return "iOS";
  if (/Android/.test(agent)) return "Android";
  if (/Windows/.test(agent)) return "Windows";
  if (/CrOS/.test(agent)) return "ChromeOS";
  if (/Mac OS/.test(agent)) return "macOS";
  if (/Linux/.test(agent)) return "Linux";
  return "another system";
}

/** An iPad calls itself a Mac; no Mac has a touch screen. @param {string} agent @param {number} touches */
function isIpad(agent, touches) {
  return /Macintosh/.test(agent) && touches > 1;
}
