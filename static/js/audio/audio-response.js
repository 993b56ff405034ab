// @ts-check

/**
 * Whether an answer carries a file of ours. A portal of the network answers with its own page, and 200.
 * @param {{headers: {get: (name: string) => string|null}}} response
 */
export function isAudio(response) {
  return /^audio\//i.test(response.headers.get("Content-Type") ?? "");
}
