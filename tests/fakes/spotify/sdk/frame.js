// The half of the SDK that runs in the hidden frame: it plays, and talks with the fake.

// Copies of an end come this far apart, and differ by as much in the length they tell.
const COPY_MS = 120;
const COPY_DIFFERENCE_MS = 24;
// Some ends are told as a position this far before the end.
const SHORT_OF_END_MS = 30;

class Inside {
  #port;
  #audio = new Audio();
  #events;
  #connection = "";
  // One of this kind for each object that a page makes.
  #player = crypto.randomUUID();
  #deviceId = "";
  #conditions = {};
  #idle;
  #activated = false;
  // What the fake has told to play; null while another device plays, or none.
  #load = null;
  #paused = true;
  #loading = false;
  // Whether the sound of this load is there.
  #fetched = false;
  // While loading, position is told by this clock, whatever the sound does.
  #clockFrom = { at: 0, position: 0 };
  // Set when a seek or a load makes a state another one.
  #moves = 0;
  #told = "";
  #tokens = new Map();
  #asked = 0;
  // Reports go one after the other.
  #reports = Promise.resolve();

  constructor(port) {
    this.#port = port;
    port.onmessage = ({ data }) => this.#hear(data);
    this.#audio.preload = "auto";
    this.#audio.addEventListener("playing", () => this.#sounds());
    this.#audio.addEventListener("ended", () => this.#report("ended"));
    this.#audio.addEventListener("error", () => this.#fails("The track could not be loaded"));
    addEventListener("pagehide", () => this.#leave());
  }

  async #hear({ number, command, values, token, given }) {
    if (token) {
      this.#tokens.get(token)?.(given);
      this.#tokens.delete(token);
      return;
    }
    try {
      this.#port.postMessage({ number, value: await this[command](...values) });
    } catch (trouble) {
      this.#port.postMessage({ number, error: trouble.message });
    }
  }

  // --- What the page may call ------------------------------------------------------------------

  async connect({ name, volume }) {
    if (!isSecureContext) {
      this.#emit("initialization_error", { message: "Failed to initialize player" });
      return false;
    }
    this.disconnect();
    const token = await this.#token();
    const answer = await this.#post("connect", { token, name, volume, player: this.#player });
    if (answer.error) {
      this.#emit(answer.error, { message: answer.message });
      return false;
    }
    this.#connection = answer.connection;
    this.#deviceId = answer.device_id;
    this.#conditions = answer.conditions;
    this.#audio.volume = volume;
    await this.#listen();
    if (!this.#connection) return false;
    this.#ready();
    return true;
  }

  disconnect() {
    if (!this.#connection) return;
    this.#leave();
    this.#silence();
    this.#emit("not_ready", { device_id: this.#deviceId });
  }

  activateElement() {
    // A browser goes by the gesture in the page; what is blocked on request is allowed by this.
    this.#activated = true;
  }

  getCurrentState() {
    return this.#state();
  }

  setName(name) {
    return this.#connection ? this.#post("rename", { name }) : undefined;
  }

  getVolume() {
    return this.#audio.volume;
  }

  setVolume(volume) {
    this.#audio.volume = volume;
    this.#report(this.#paused ? "paused" : "playing", { volume });
  }

  pause() {
    if (!this.#load || this.#paused) return;
    this.#stop();
    this.#changed();
    this.#report("paused");
  }

  async resume() {
    if (!this.#load || !this.#paused || this.#load.refused) return;
    this.#clockFrom = { at: performance.now(), position: this.#position() };
    this.#paused = false;
    // What is still on its way will sound when it has come.
    if (this.#fetched) await this.#play();
    this.#changed();
  }

  togglePlay() {
    return this.#paused ? this.resume() : this.pause();
  }

  async seek(position) {
    if (!this.#load) return;
    if (position >= this.#load.track.duration_ms) {
      await this.#post("skip", {});
      return;
    }
    this.#goTo(position);
    this.#changed();
    this.#report(this.#paused ? "paused" : "playing");
  }

  async nextTrack() {
    if (this.#load) await this.#post("skip", {});
  }

  async previousTrack() {
    if (this.#load) await this.#post("skip", { back: true });
  }

  // --- What the fake tells ---------------------------------------------------------------------

  #listen() {
    this.#events = new EventSource(`/sdk/events?connection=${this.#connection}`);
    this.#events.onmessage = ({ data }) => this.#obey(JSON.parse(data));
    return new Promise((resolve) => {
      this.#events.onopen = resolve;
      this.#events.onerror = () => {
        this.#lost();
        resolve();
      };
    });
  }

  #obey(message) {
    const does = {
      load: () => this.#begin(message),
      pause: () => this.pause(),
      resume: () => this.resume(),
      seek: () => this.#seekTo(message),
      ended: () => this.#end(message),
      next: () => this.#lineUp(message),
      options: () => this.#set(message),
      volume: () => { this.#audio.volume = message.percent / 100; },
      inactive: () => this.#silence(),
      token: () => this.#renew(),
      ready: () => this.#ready(),
      not_ready: () => this.#unready(),
      event: () => this.#emit(message.event, message.data),
    };
    does[message.kind]?.();
  }

  // The line is closed: by the fake, or because the fake is gone.
  #lost() {
    if (!this.#connection) return;
    this.#events.close();
    this.#connection = "";
    clearInterval(this.#idle);
    this.#unready();
  }

  #ready() {
    clearInterval(this.#idle);
    const every = this.#conditions.idle_events_every_s;
    if (every) this.#idle = setInterval(() => this.#load && this.#tell(), every * 1000);
    this.#emit("ready", { device_id: this.#deviceId });
  }

  #unready() {
    this.#silence();
    this.#emit("not_ready", { device_id: this.#deviceId });
  }

  async #renew() {
    const answer = await this.#post("token", { token: await this.#token() });
    if (answer.error) this.#emit(answer.error, { message: answer.message });
  }

  #begin(load) {
    this.#load = load;
    this.#conditions = load.conditions;
    this.#paused = load.paused;
    this.#loading = true;
    this.#moves += 1;
    this.#clockFrom = { at: performance.now(), position: load.position_ms };
    this.#empty();
    this.#changed({ inSeconds: this.#conditions.first_position_is_in_seconds });
    if (load.refused) {
      this.#fails("Cannot perform operation; the track is not available");
      return;
    }
    setTimeout(() => this.#fetch(load), this.#conditions.buffering_s * 1000);
  }

  async #fetch(load) {
    if (this.#load !== load) return;
    this.#audio.src = load.sound;
    await new Promise((resolve) => {
      this.#audio.addEventListener("loadedmetadata", resolve, { once: true });
    });
    if (this.#load !== load) return;
    this.#fetched = true;
    // The clock has gone on meanwhile, the sound begins where it was asked to.
    this.#audio.currentTime = this.#clockFrom.position / 1000;
    if (this.#paused) {
      this.#loading = false;
      this.#changed();
      this.#report("paused");
      return;
    }
    await this.#play();
  }

  async #play() {
    try {
      if (this.#conditions.autoplay_is_blocked && !this.#activated) {
        throw new DOMException("play() failed because the user did not interact", "NotAllowedError");
      }
      await this.#audio.play();
    } catch (trouble) {
      // Another load or a pause came in between; that one tells how it goes on.
      if (trouble.name !== "NotAllowedError") return;
      this.#stop();
      this.#loading = false;
      this.#emit("autoplay_failed");
      this.#changed();
      this.#report("paused");
    }
  }

  #sounds() {
    if (!this.#load || this.#paused) return;
    this.#loading = false;
    this.#changed();
    this.#report("playing");
  }

  #fails(message) {
    if (!this.#load) return;
    this.#stop();
    this.#empty();
    this.#loading = false;
    this.#load.refused = true;
    this.#emit("playback_error", { message });
    this.#changed();
    this.#report("failed");
  }

  #seekTo({ play, position_ms }) {
    if (play === this.#load?.play) this.seek(position_ms);
  }

  // The list is over: paused at the beginning of what was last, which is also what was before.
  #end({ play, previous }) {
    if (play !== this.#load?.play) return;
    this.#stop();
    this.#goTo(0);
    this.#load.previous = previous;
    const load = this.#load;
    const position = this.#conditions.end_is_told_short
      ? load.track.duration_ms - SHORT_OF_END_MS
      : 0;
    this.#told = this.#key();
    for (let copy = 0; copy < this.#conditions.end_is_told_times; copy += 1) {
      setTimeout(() => {
        if (this.#load !== load || !this.#paused) return;
        const state = this.#state();
        state.duration += copy * COPY_DIFFERENCE_MS;
        this.#emit("player_state_changed", { ...state, position });
      }, copy * COPY_MS);
    }
  }

  #lineUp({ play, next }) {
    if (play !== this.#load?.play) return;
    this.#load.next = next;
    this.#changed();
  }

  #set({ play, repeat_mode, shuffle }) {
    if (play !== this.#load?.play) return;
    Object.assign(this.#load, { repeat_mode, shuffle });
    this.#changed();
  }

  // Another device plays, or nobody knows this one any more.
  #silence() {
    if (!this.#load) return;
    this.#stop();
    this.#load = null;
    this.#told = "";
    this.#emit("player_state_changed", null);
  }

  // --- What it says of itself ------------------------------------------------------------------

  #state() {
    if (!this.#load) return null;
    const { track, previous, next, context, repeat_mode, shuffle, play } = this.#load;
    const disallows = { [this.#paused ? "pausing" : "resuming"]: true };
    if (!previous.length) disallows.skipping_prev = true;
    return {
      timestamp: Date.now(),
      context,
      duration: track.duration_ms,
      paused: this.#paused,
      shuffle,
      shuffle_mode: 0,
      position: Math.round(this.#position()),
      loading: this.#loading,
      repeat_mode,
      track_window: { current_track: track, next_tracks: next, previous_tracks: previous },
      disallows,
      restrictions: {
        disallow_pausing_reasons: this.#paused ? ["already_paused"] : [],
        disallow_resuming_reasons: this.#paused ? [] : ["not_paused"],
        disallow_skipping_prev_reasons: previous.length ? [] : ["no_prev_track"],
      },
      playback_id: `play-${play}`,
      playback_quality: "VERY_HIGH",
      playback_features: { hifi_status: "NONE" },
      playback_speed: 1,
    };
  }

  #position() {
    if (!this.#loading) return this.#audio.currentTime * 1000;
    const passed = this.#paused ? 0 : performance.now() - this.#clockFrom.at;
    return this.#clockFrom.position + passed;
  }

  #goTo(position) {
    this.#moves += 1;
    this.#clockFrom = { at: performance.now(), position };
    if (this.#audio.readyState) this.#audio.currentTime = position / 1000;
  }

  #stop() {
    this.#clockFrom = { at: performance.now(), position: this.#position() };
    this.#paused = true;
    this.#audio.pause();
  }

  // The sound of the load before must not be taken for that of the next one.
  #empty() {
    this.#fetched = false;
    this.#audio.pause();
    this.#audio.removeAttribute("src");
    this.#audio.load();
  }

  #key() {
    const { play, next, previous, repeat_mode, shuffle } = this.#load;
    return JSON.stringify([
      play, this.#paused, this.#loading, this.#moves, next, previous, repeat_mode, shuffle,
    ]);
  }

  // A state that is the same as the last one is not told.
  #changed({ inSeconds = false } = {}) {
    if (!this.#load || this.#key() === this.#told) return;
    this.#told = this.#key();
    this.#tell({ inSeconds });
  }

  #tell({ inSeconds = false } = {}) {
    const state = this.#state();
    if (inSeconds) state.position = Math.round(state.position / 1000);
    this.#emit("player_state_changed", state);
  }

  #emit(event, data) {
    this.#port.postMessage({ event, data });
  }

  #report(what, more = {}) {
    const report = { play: this.#load?.play ?? 0, what, position_ms: this.#position(), ...more };
    this.#reports = this.#reports.then(() => this.#connection && this.#post("report", report));
  }

  #token() {
    const token = ++this.#asked;
    this.#port.postMessage({ token });
    return new Promise((resolve) => this.#tokens.set(token, resolve));
  }

  async #post(path, body) {
    try {
      const answer = await fetch(`/sdk/${path}`, {
        method: "POST",
        body: JSON.stringify({ connection: this.#connection, ...body }),
      });
      return await answer.json();
    } catch {
      // The fake is away. Whoever connects hears of it; what else was said is lost.
      return path === "connect"
        ? { error: "initialization_error", message: "Failed to initialize player" }
        : {};
    }
  }

  #leave() {
    if (!this.#connection) return;
    const body = JSON.stringify({ connection: this.#connection });
    navigator.sendBeacon("/sdk/disconnect", body);
    this.#events.close();
    this.#connection = "";
    clearInterval(this.#idle);
  }
}

addEventListener("message", (event) => {
  if (event.data === "open" && event.source === parent) new Inside(event.ports[0]);
});
