/** A small stand-in for Spotify's SDK in a page: it does what the test says, and is asked as the real one is. */
export class FakeSdk {
  /** The player that was made last. */
  static last = null;
  /** All that were made, the last one at the end. */
  static made = [];
  /** What `connect` answers, once for each call; then true. */
  static answers = [];

  listeners = new Map();
  calls = [];
  current = null;

  constructor(options) {
    this.options = options;
    FakeSdk.last = this;
    FakeSdk.made.push(this);
  }

  addListener(event, listener) {
    this.listeners.set(event, listener);
  }

  says(event, said) {
    this.listeners.get(event)?.(said);
  }

  /** The state of now, and an event about it. */
  becomes(state) {
    this.current = state;
    this.says("player_state_changed", state);
  }

  async connect() {
    this.calls.push("connect");
    return FakeSdk.answers.shift() ?? true;
  }

  disconnect() {
    this.calls.push("disconnect");
  }

  async activateElement() {
    this.calls.push("activate");
  }

  async setVolume(volume) {
    this.volume = volume;
  }

  async getCurrentState() {
    return typeof this.current === "function" ? this.current() : this.current;
  }

  count(name) {
    return this.calls.filter((call) => call === name).length;
  }
}

/** What it says of a track from `cast.mjs`, as the SDK shapes it. */
export function said(track, position, facts = {}) {
  const { before = [], ...more } = facts;
  return {
    paused: false, loading: false, position, duration: track.duration_ms,
    track_window: { current_track: shaped(track), previous_tracks: before.map(shaped), next_tracks: [] },
    ...more,
  };
}

export function shaped({ uri, title, artists, duration_ms, linked_from = { uri: null, id: null } }) {
  return { uri, name: title, artists: artists.map((name) => ({ name })), duration_ms, linked_from };
}
