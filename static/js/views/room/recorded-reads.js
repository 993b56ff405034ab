// @ts-check

/** @typedef {{state: Record<string, any>} & Record<string, any>} Model */

/**
 * What one view draws from: a view model that notes which of its facts, and which parts of its `state`, the view reads.
 * A view may keep it: it always holds what is current.
 */
export class RecordedReads {
  /** @type {any} */
  #current = {};
  /** @type {Set<string>} */
  #names = new Set();
  /** @type {any} */
  model;

  constructor() {
    const state = new Proxy({}, { get: (_, part) => this.#read(`state.${String(part)}`, this.#current.state[part]) });
    this.model = new Proxy({}, { get: (_, fact) => (fact === "state" ? state : this.#read(String(fact), this.#current[fact])) });
  }

  /** @param {Model} current */
  setCurrent(current) {
    this.#current = current;
  }

  /** Did the view read one of these? @param {ReadonlySet<string>} changed */
  hasAny(changed) {
    for (const name of this.#names) if (changed.has(name)) return true;
    return false;
  }

  /** @param {string} name @param {unknown} value */
  #read(name, value) {
    this.#names.add(name);
    return value;
  }
}

/**
 * Names of what is another value than before, with `state.` before those of the state's parts.
 * @param {Model|null} before @param {Model} after @returns {Set<string>}
 */
export function changesOf(before, after) {
  const { state, ...facts } = after;
  const { state: stateBefore, ...factsBefore } = before ?? {};
  const changed = differences(factsBefore, facts, "");
  for (const name of differences(stateBefore ?? {}, state, "state.")) changed.add(name);
  return changed;
}

/** @param {Record<string, any>} before @param {Record<string, any>} after @param {string} prefix */
function differences(before, after, prefix) {
  const names = Object.keys(after).filter((name) => !Object.is(before[name], after[name]));
  return new Set(names.map((name) => prefix + name));
}
