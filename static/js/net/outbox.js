// @ts-check
import { api as defaultApi, offlineError } from "./api.js";
import { newKey } from "../browser/keys.js";
import { JsonStorage } from "../browser/json-storage.js";

/** @typedef {import("./api.js").Api} Api */
/** @typedef {import("./api.js").ApiError} ApiError */
/** @typedef {import("../state/store.js").Store} Store */
/**
 * @typedef {{kind: "vote", lane: string, itemId: string, value: -1|0|1, key: string, at: number}} VoteEntry
 * @typedef {{kind: "add", lane: string, uri: string, key: string, at: number}} AddEntry
 * @typedef {{kind: "message", lane: string, text: string, mentions: readonly string[], key: string, at: number}} MessageEntry
 * @typedef {VoteEntry|AddEntry|MessageEntry} Entry
 * key: made once per intent; lane: entries of one lane go out one after the other
 */

/** Half a day later the party is over, and the server soon forgets its side of the key. */
const KEPT_FOR_MS = 12 * 60 * 60 * 1000;
/** While the line is down and nothing says it is back, look now and then. */
const RETRY_BASE_MS = 2_000;
const RETRY_CAP_MS = 30_000;
/** No answer of the API, or one that says "later". Below 500, everything else is a decision. */
const LATER = new Set([0, 408, 425, 429]);
/** The server itself fails at an entry so many times before the entry counts as refused: it would block its lane. */
const SERVER_FAILURES = 5;

/**
 * Votes, adds and messages on their way to the server: sent at once, kept on this device while that cannot be, sent once.
 * Events: "sent" {entry, answer}, "refused" {entry, error}, "kept" {entry, error}, "change".
 */
export class Outbox extends EventTarget {
  #code;
  #api;
  #store;
  #storage;
  #locks;
  #crypto;
  #key;
  #running = new Set();
  /** Until when the server asked to wait, by kind: each has limits of its own. @type {Map<string, number>} */
  #waits = new Map();
  /** Keys of entries said to be kept: once is enough. @type {Set<string>} */
  #told = new Set();
  #failures = 0;
  /** How many times the server has failed at an entry, by its key. @type {Map<string, number>} */
  #serverFailures = new Map();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /**
   * @param {{code: string, store?: Store, api?: Api, storage?: () => Storage, locks?: LockManager, crypto?: Crypto,
   *   window?: EventTarget}} options
   * store: learns my own votes from the answers; its snapshots tell that the line is back
   */
  constructor({
    code,
    store,
    api = defaultApi,
    storage = () => globalThis.localStorage,
    locks = globalThis.navigator?.locks,
    crypto = globalThis.crypto,
    window = globalThis.window,
  }) {
    super();
    this.#code = code;
    this.#store = store;
    this.#api = api;
    this.#storage = new JsonStorage(storage);
    this.#locks = locks;
    this.#crypto = crypto;
    this.#key = `beatsync:outbox:${code}`;
    window?.addEventListener("online", () => this.flush());
    window?.addEventListener("storage", (event) => {
      if (/** @type {StorageEvent} */ (event).key === this.#key) this.#changed();
    });
    // A fresh snapshot means that the server answers again.
    store?.addEventListener("change", (event) => {
      if (/** @type {CustomEvent} */ (event).detail.frame.type === "snapshot") this.flush();
    });
    if (this.pending.length > 0) this.flush();
  }

  /** What has not been answered yet, oldest first. @returns {Entry[]} */
  get pending() {
    const oldest = Date.now() - KEPT_FOR_MS;
    const kept = this.#storage.read(this.#key);
    return Array.isArray(kept) ? kept.filter((entry) => entry.at > oldest) : [];
  }

  /** My vote is now this; a later one takes the place of an unsent one. @param {string} itemId @param {-1|0|1} value */
  vote(itemId, value) {
    const lane = voteLane(itemId);
    /** @type {VoteEntry} */
    const entry = { kind: "vote", lane, itemId, value, key: newKey(this.#crypto), at: Date.now() };
    this.#keep((entries) => [...entries.filter((one) => one.lane !== lane), entry]);
    this.#run(lane);
    return entry;
  }

  /** Adds a track; asking twice while the first waits is one intent. @param {string} uri */
  add(uri) {
    const waiting = this.pending.find((entry) => entry.kind === "add" && entry.uri === uri);
    if (waiting) return waiting;
    /** @type {AddEntry} */
    const entry = { kind: "add", lane: "add", uri, key: newKey(this.#crypto), at: Date.now() };
    this.#keep((entries) => [...entries, entry]);
    this.#run("add");
    return entry;
  }

  /** Writes a message to the room. Messages go out in the order of writing. @param {string} text @param {readonly string[]} mentions  ids of members */
  post(text, mentions) {
    /** @type {MessageEntry} */
    const entry = { kind: "message", lane: "chat", text, mentions, key: newKey(this.#crypto), at: Date.now() };
    this.#keep((entries) => [...entries, entry]);
    this.#run("chat");
    return entry;
  }

  /** Tries to send what is kept; where the server asked to wait, that wait is kept too. */
  flush() {
    clearTimeout(this.#timer);
    const lanes = new Set(this.pending.map(({ lane }) => lane));
    return Promise.all([...lanes].map((lane) => this.#run(lane)));
  }

  /** @param {string} lane */
  async #run(lane) {
    if (this.#running.has(lane)) return;
    this.#running.add(lane);
    await this.#alone(lane, async () => {
      try {
        for (let entry = this.#first(lane); entry; entry = this.#first(lane)) {
          if (!(await this.#send(entry))) break;
        }
      } finally {
        this.#running.delete(lane);
      }
    });
  }

  /** Another tab of this person waits here and then finds the work done. */
  async #alone(/** @type {string} */ lane, /** @type {() => Promise<void>} */ work) {
    let begun = false;
    const begin = () => {
      begun = true;
      return work();
    };
    try {
      await (this.#locks ? this.#locks.request(`${this.#key}:${lane}`, begin) : begin());
    } catch {
      // Some browsers have locks and refuse them; the keys keep a second sending harmless.
      if (!begun) await begin();
    }
  }

  /** @param {Entry} entry @returns {Promise<boolean>} whether the lane is free for its next entry */
  async #send(entry) {
    if ((this.#waits.get(entry.kind) ?? 0) > Date.now()) return this.#postpone(entry, null);
    try {
      const answer = answered(entry, await this.#put(entry));
      this.#failures = 0;
      this.#learn(entry, answer);
      this.#done(entry);
      this.#emit("sent", { entry, answer });
      return true;
    } catch (error) {
      const { retryAfter } = /** @type {ApiError} */ (error);
      if (this.#isUndecided(entry, /** @type {ApiError} */ (error))) {
        if (retryAfter !== null) this.#waits.set(entry.kind, Date.now() + retryAfter * 1000);
        return this.#postpone(entry, error);
      }
      this.#done(entry);
      this.#emit("refused", { entry, error });
      return true;
    }
  }

  /** Whether the entry has to be sent again. @param {Entry} entry @param {ApiError} error */
  #isUndecided(entry, { status }) {
    if (status !== 500) return status > 500 || LATER.has(status);
    const failures = (this.#serverFailures.get(entry.key) ?? 0) + 1;
    this.#serverFailures.set(entry.key, failures);
    return failures < SERVER_FAILURES;
  }

  /** @param {Entry} entry */
  #put(entry) {
    const room = `/api/rooms/${this.#code}`;
    const queue = `${room}/queue`;
    if (entry.kind === "message") return this.#api.post(`${room}/chat`, { text: entry.text, mentions: entry.mentions }, { key: entry.key });
    return entry.kind === "vote"
      ? this.#api.put(`${queue}/${entry.itemId}/vote`, { value: entry.value })
      : this.#api.post(queue, { uri: entry.uri }, { key: entry.key });
  }

  /** My vote is known from the answer, before the event that tells of it comes. @param {Entry} entry @param {any} answer */
  #learn(entry, answer) {
    if (entry.kind === "message") return;
    const item = entry.kind === "vote" ? entry.itemId : answer.id;
    this.#store?.receive({ type: "me.voted", votes: { [item]: answer.my_vote } });
  }

  /** @param {Entry} entry @param {unknown} error  null: not even tried, the server asked to wait */
  #postpone(entry, error) {
    if (error !== null) this.#failures += 1;
    if (!this.#told.has(entry.key)) {
      this.#told.add(entry.key);
      this.#emit("kept", { entry, error });
    }
    const asked = (this.#waits.get(entry.kind) ?? 0) - Date.now();
    const backoff = Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** Math.max(0, this.#failures - 1));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), asked > 0 ? asked : backoff);
    return false;
  }

  /** Answered; a newer vote that came meanwhile has another key and stays. @param {Entry} entry */
  #done(entry) {
    this.#told.delete(entry.key);
    this.#serverFailures.delete(entry.key);
    this.#keep((entries) => entries.filter(({ key }) => key !== entry.key));
  }

  /** @param {string} lane @returns {any} */
  #first(lane) {
    return this.pending.find((entry) => entry.lane === lane);
  }

  /** Storage is read again each time: another tab may have written. @param {(entries: Entry[]) => Entry[]} change */
  #keep(change) {
    const entries = change(this.pending);
    if (entries.length > 0) this.#storage.write(this.#key, entries);
    else this.#storage.remove(this.#key);
    this.#changed();
  }

  #changed() {
    this.#emit("change", { pending: this.pending });
  }

  /** @param {string} name @param {any} detail */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** @param {string} itemId */
function voteLane(itemId) {
  return `vote:${itemId}`;
}

/**
 * The answer, if it is one to this entry: JSON alone may also come from a portal of the network.
 * @param {Entry} entry
 * @param {any} answer
 */
function answered(entry, answer) {
  const fits = entry.kind === "vote" ? answer?.item === entry.itemId : typeof answer?.id === "string";
  if (!fits) throw offlineError();
  return answer;
}
