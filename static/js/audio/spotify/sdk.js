// @ts-check
/** The script of Spotify's Web Playback SDK: loaded when it is first needed, once for the page. */

/** A script that neither comes nor fails is not waited for any longer. */
const LOADED_WITHIN_MS = 20_000;

/**
 * @param {string} url
 * @param {{window?: any, document?: any}} [options]
 * @returns {Promise<{Player: new (options: object) => any}>}
 */
export function loadSdk(url, { window = globalThis.window, document = globalThis.document } = {}) {
  if (window.Spotify?.Player) return Promise.resolve(window.Spotify);
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const fail = () => {
      script.remove();
      reject(new Error("Spotify's player did not load."));
    };
    const patience = setTimeout(fail, LOADED_WITHIN_MS);
    // The script calls it as soon as it runs, so it has to be there before.
    window.onSpotifyWebPlaybackSDKReady = () => {
      clearTimeout(patience);
      resolve(window.Spotify);
    };
    script.addEventListener("error", () => {
      clearTimeout(patience);
      fail();
    });
    script.src = url;
    script.async = true;
    document.head.append(script);
  });
}
