// The half of the SDK that runs in the app's page: the public class, and a line to the hidden frame.
// A classic script, as the real one is. The frame has the fake's own origin, so the sound, its
// requests and its events need nothing of the page's policy but that the frame may be there.
(() => {
  "use strict";

  const ORIGIN = "{origin}";
  const COMMANDS = [
    "disconnect", "getCurrentState", "setName", "getVolume", "setVolume", "pause", "resume",
    "togglePlay", "seek", "previousTrack", "nextTrack",
  ];

  class Player {
    #options;
    #listeners = new Map();
      #opened;
    #port;
    #waiting = new Map();
    #asked = 0;

    constructor(options) {
      if (typeof options?.getOAuthToken !== "function") {
        throw new Error("getOAuthToken must be a function");
      }
      this.#options = { volume: 1, ...options };
      this.#opened = this.#open();
    }

    // Resolves to whether the device is there.
    connect() {
      return this.#ask("connect", { name: this.#options.name, volume: this.#options.volume });
    }

    // Must be called in a gesture: sound is then allowed for the frame, too.
    activateElement() {
      return this.#ask("activateElement");
    }

    addListener(event, listener) {
      const listeners = this.#listeners.get(event) ?? [];
      if (listeners.includes(listener)) return false;
      this.#listeners.set(event, [...listeners, listener]);
      return true;
    }

    on(event, listener) {
      return this.addListener(event, listener);
    }

    // Without a listener: all of this event.
    removeListener(event, listener) {
      const listeners = this.#listeners.get(event);
      if (!listeners) return false;
      this.#listeners.set(event, listener ? listeners.filter((each) => each !== listener) : []);
      return true;
    }

    async #ask(command, ...values) {
      await this.#opened;
      const number = ++this.#asked;
      return new Promise((resolve, reject) => {
        this.#waiting.set(number, { resolve, reject });
        this.#port.postMessage({ number, command, values });
      });
    }

    async #open() {
      if (!document.body) {
        await new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve));
      }
      const frame = document.createElement("iframe");
      frame.src = `${ORIGIN}/sdk/frame.html`;
      frame.allow = "encrypted-media; autoplay";
      frame.title = "Spotify player";
      frame.hidden = true;
      frame.tabIndex = -1;
      const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
      document.body.append(frame);
      await loaded;
      const line = new MessageChannel();
      this.#port = line.port1;
      line.port1.onmessage = ({ data }) => this.#hear(data);
      frame.contentWindow.postMessage("open", ORIGIN, [line.port2]);
    }

    #hear({ event, data, token, number, value, error }) {
      if (event) {
        for (const listener of this.#listeners.get(event) ?? []) listener(data);
      } else if (token) {
        // The app is asked each time: it may have a fresher one.
        this.#options.getOAuthToken((given) => this.#port.postMessage({ token, given }));
      } else if (number) {
        const { resolve, reject } = this.#waiting.get(number);
        this.#waiting.delete(number);
        if (error) reject(new Error(error));
        else resolve(value);
      }
    }

    static {
      for (const command of COMMANDS) {
        Player.prototype[command] = function (...values) {
          return this.#ask(command, ...values);
        };
      }
    }
  }

  window.Spotify = { Player };
  if (typeof window.onSpotifyWebPlaybackSDKReady !== "function") {
    throw new Error("onSpotifyWebPlaybackSDKReady is not defined");
  }
  window.onSpotifyWebPlaybackSDKReady();
})();
