// @ts-check

/** A phone on a bad line may need some seconds; after this long nobody still waits for the answer. */
const ANSWER_WITHIN_MS = 10_000;

/** What the server refused, or "offline" (status 0) when it could not be asked. */
export class ApiError extends Error {
  /** @param {{status: number, code: string, message: string, retryAfter?: number|null, untilMs?: number|null}} facts */
  constructor({ status, code, message, retryAfter = null, untilMs = null }) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    /** Seconds to wait before asking again, when the server said so. @type {number|null} */
    this.retryAfter = retryAfter;
    /** When it will be allowed, when the server knows. @type {number|null} */
    this.untilMs = untilMs;
  }
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
        headers: { ...this.#headers(method, key, body), ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: giveUp.signal,
      });
      return await use(response);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ApiError) throw error;
      throw new ApiError({ status: 0, code: "offline", message: "No connection." });
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

/** @param {Response} response @returns {Promise<any>} */
async function read(response) {
  const text = await response.text();
  const body = parsed(text);
  if (!response.ok) throw refusal(response, body);
  if (text === "") return null;
  if (body === undefined) throw refusal(response, undefined);
  return body;
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {Response} response @param {any} body */
function refusal(response, body) {
  const { code, message, retry_after, until_ms } = body?.error ?? {};
  const header = Number.parseFloat(response.headers.get("Retry-After") ?? "");
  return new ApiError({
    status: response.status,
    code: typeof code === "string" ? code : "unreadable",
    message: typeof message === "string" ? message : "Something broke on our side.",
    retryAfter: typeof retry_after === "number" ? retry_after : Number.isNaN(header) ? null : header,
    untilMs: typeof until_ms === "number" ? until_ms : null,
  });
}

export const api = new Api();
