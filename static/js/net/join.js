// @ts-check
import { closeCode } from "./socket.js";

/** @typedef {import("./api.js").ApiError} ApiError */

/** After a failure that names no time of its own. */
const RETRY_MS = 3_000;

/** What no later try changes: cookies are off, the page stands at an address that is not the server's, or a ban meets newcomers. */
const NOT_LET_IN = new Set(["csrf", "wrong_origin", "network_banned"]);

/**
 * Becomes a member, however many tries that takes.
 * @param {{api: import("./api.js").Api, code: string, waits: (error: ApiError, ms: number) => void}} options
 *   waits: this try failed, the next one is so many ms away
 * @returns {Promise<number|string|null>} null when inside, else what the server has said for good: see closeCode()
 */
export async function join({ api, code, waits }) {
  for (;;) {
    try {
      await api.post(`/api/rooms/${code}/join`);
      return null;
    } catch (failure) {
      const error = /** @type {ApiError} */ (failure);
      const refused = NOT_LET_IN.has(error.code) ? error.code : closeCode(error);
      if (refused) return refused;
      const ms = error.retryAfter === null ? RETRY_MS : error.retryAfter * 1_000;
      waits(error, ms);
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  }
}
