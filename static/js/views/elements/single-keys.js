// @ts-check

const OFF_KEY = "beatsync:single-keys-off";

/** Are shortcuts of one letter switched off on this device? @param {import("../../browser/json-storage.js").JsonStorage} storage */
export function areSingleKeysOff(storage) {
  return storage.read(OFF_KEY) === true;
}

/** @param {import("../../browser/json-storage.js").JsonStorage} storage @param {boolean} off */
export function setSingleKeysOff(storage, off) {
  storage.write(OFF_KEY, off);
}
