// @ts-check
import { refusalWords } from "../words/refusal.js";
import { say } from "../words/common/say.js";

/** A phone on a bad line may need some seconds; after this long nobody still waits for the answer. */
const ANSWER_WITHIN_MS = 10_000;
/** Nobody waits longer on the word of a header, which may come from a machine in between. */
const LONGEST_WAIT_S = 120;

/** What the server refused, or "offline" (status 0) when it could not be asked: also when somebody else answered for it. */
export class ApiError extends Error {
  /**
   * @param {{status: number, code: string, message: string, detail?: string, values?: Readonly<Record<string, any>>, retryAfter?: number|null,
   *   untilMs?: number|null}} facts  message: in the words of this page
   */
  constructor({ status, code, message, detail = "", values = {}, retryAfter = null, untilMs = null }) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.values = values;
    /** Seconds to wait before asking again, when the server said so. @type {number|null} */
    this.retryAfter = retryAfter;
    /** When it will be allowed, when the server knows. @type {number|null} */
    this.untilMs = untilMs;
  }

  /** As the search and the sheets have a refusal. @returns {import("../state/shapes.js").Refusal} */
  get refusal() {
    const { code, detail, values, message, untilMs } = this;
    return { code, detail, values, message, until_ms: untilMs };
  }
}

/** Nobody who speaks for the server has answered. @param {number|null} [retryAfter]  seconds */
export function offlineError(retryAfter = null) {
  return new ApiError({ status: 0, code: "offline", message: say("line.offline"), retryAfter });
}

/**
 * @typedef {{key?: string, signal?: AbortSignal, keepalive?: boolean, headers?: Record<string, string>}} CallOptions
 * key: Idempotency-Key; signal: gives the call up (the call then throws the signal's reason).
 */

/** JSON over HTTP, as one person with a guest cookie. */
export class Api {
  #fetch;
  #cookies;
  #timeoutMs;

  /** @param {{fetch?: typeof fetch, cookies?: () => string, timeoutMs?: number}} [options] */
  constructor({
    fetch = (...request) => globalThis.fetch(...request),
    cookies = () => globalThis.document?.cookie ?? "",
    timeoutMs = ANSWER_WITHIN_MS,
  } = {}) {
    this.#fetch = fetch;
    this.#cookies = cookies;
    this.#timeoutMs = timeoutMs;
  }

  /** @param {string} path @param {CallOptions} [options] */
  get(path, options) {
    return this.#call("GET", path, undefined, options);
  }

  /** @param {string} path @param {any} [body] @param {CallOptions} [options] */
  post(path, body, options) {
    return this.#call("POST", path, body ?? {}, options);
  }

  /** @param {string} path @param {any} [body] @param {CallOptions} [options] */
  put(path, body, options) {
    return this.#call("PUT", path, body ?? {}, options);
  }

  /** @param {string} path @param {any} [body] @param {CallOptions} [options] */
  patch(path, body, options) {
    return this.#call("PATCH", path, body ?? {}, options);
  }

  /** @param {string} path @param {CallOptions} [options] */
  delete(path, options) {
    return this.#call("DELETE", path, undefined, options);
  }

  /**
   * What stands at the path if it is no longer what the tag names; body null when it still is.
   * @param {string} path
   * @param {string|null} etag
   * @param {CallOptions} [options]
   * @returns {Promise<{body: any, etag: string|null}>}
   */
  async getIfChanged(path, etag, options = {}) {
    /** @type {Record<string, string>} */
    const headers = etag === null ? {} : { "If-None-Match": etag };
    return this.#exchange("GET", path, undefined, { ...options, headers }, async (response) => {
      if (response.status === 304) return { body: null, etag };
      return { body: await read(response), etag: response.headers.get("ETag") };
    });
  }

  /** @param {string} method @param {string} path @param {any} body @param {CallOptions} [options] */
  #call(method, path, body, options = {}) {
    return this.#exchange(method, path, body, options, read);
  }

  /**
   * @template Answer
   * @param {string} method
   * @param {string} path
   * @param {any} body
   * @param {CallOptions} options
   * @param {(response: Response) => Promise<Answer>} use
   * @returns {Promise<Answer>}
   */
  async #exchange(method, path, body, { key, signal, keepalive = false, headers = {} }, use) {
    signal?.throwIfAborted();
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), this.#timeoutMs);
    const follow = () => giveUp.abort();
    signal?.addEventListener("abort", follow);
    try {
      const response = await this.#fetch(path, {
        method,
        keepalive,
        credentials: "same-origin",
        // The tag is ours to send and 304 ours to see: the browser's own cache would hide both.
        cache: "no-store",
        // The API never redirects. A login page of a hotel's network does, and its page is no answer.
        redirect: "error",
        headers: { ...this.#headers(method, key, body), ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: giveUp.signal,
      });
      return await use(response);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ApiError) throw error;
      throw offlineError();
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", follow);
    }
  }

  /** @param {string} method @param {string|undefined} key @param {any} body @returns {Record<string, string>} */
  #headers(method, key, body) {
    const token = /(?:^|;\s*)csrftoken=([^;]+)/.exec(this.#cookies())?.[1];
    return {
      Accept: "application/json",
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...(method !== "GET" && token && { "X-CSRFToken": decodeURIComponent(token) }),
      ...(key && { "Idempotency-Key": key }),
    };
  }
}

/** The body of an answer of the API. @param {Response} response @returns {Promise<any>} */
async function read(response) {
  const text = await response.text();
  if (response.ok && text === "") return null;
  const isJson = /^application\/json\b/i.test(response.headers.get("Content-Type") ?? "");
  const body = isJson ? parsed(text) : undefined;
  if (body === undefined) throw answeredByAnother(response);
  if (response.ok) return body;
  throw typeof body?.error?.code === "string" ? refusal(response, body.error) : answeredByAnother(response);
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A portal, a proxy or a firewall between us and the server: nothing was decided. @param {Response} response */
function answeredByAnother(response) {
  return offlineError(secondsToWait(response));
}

/** @param {Response} response @param {{code: string, message?: any, detail?: any, values?: any, retry_after?: any, until_ms?: any}} error */
function refusal(response, { code, message, detail, values, retry_after, until_ms }) {
  const inEnglish = typeof message === "string" ? message : say("line.broken");
  return new ApiError({
    status: response.status,
    code,
    detail,
    values,
    message: refusalWords({ code, detail, values, message: inEnglish }),
    retryAfter: typeof retry_after === "number" ? retry_after : secondsToWait(response),
    untilMs: typeof until_ms === "number" ? until_ms : null,
  });
}

/** What the header Retry-After asks for, in seconds. @param {Response} response */
function secondsToWait(response) {
  const seconds = Number.parseFloat(response.headers.get("Retry-After") ?? "");
  return Number.isNaN(seconds) ? null : Math.min(seconds, LONGEST_WAIT_S);
}

export const api = new Api();
