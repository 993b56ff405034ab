// A page that uses the SDK as an app does: what happens is listed, the newest last.

const EVENTS = [
  "ready", "not_ready", "player_state_changed", "autoplay_failed", "initialization_error",
  "authentication_error", "account_error", "playback_error",
];

const at = (id) => document.getElementById(id);
let player = null;
let deviceId = "";

async function token() {
  const body = JSON.stringify({ person: at("person").value });
  const answer = await fetch("/_fake/tokens", { method: "POST", body });
  return (await answer.json()).access_token;
}

function log(event, data) {
  const line = document.createElement("li");
  line.dataset.event = event;
  line.dataset.state = JSON.stringify(data ?? null);
  line.textContent = `${event} ${JSON.stringify(data && brief(data))}`;
  at("log").append(line);
}

function brief(data) {
  if (!data.track_window) return data;
  const { paused, loading, position, duration, track_window: tracks } = data;
  const name = tracks.current_track.name;
  return { name, paused, loading, position, duration, previous: tracks.previous_tracks.length };
}

async function join() {
  player = new window.Spotify.Player({
    name: "Trial page",
    volume: 0.5,
    getOAuthToken: async (give) => give(await token()),
  });
  for (const event of EVENTS) {
    player.addListener(event, (data) => {
      if (event === "ready") deviceId = data.device_id;
      log(event, data);
    });
  }
  player.activateElement();
  log("connected", await player.connect());
}

async function play() {
  const answer = await fetch(`/v1/me/player/play?device_id=${deviceId}`, {
    method: "PUT",
    headers: { Authorization: `Bearer ${await token()}` },
    body: JSON.stringify({ uris: at("uri").value.split(" ") }),
  });
  log("play", answer.status);
}

at("join").addEventListener("click", join);
at("play").addEventListener("click", play);
at("pause").addEventListener("click", () => player.pause());
at("resume").addEventListener("click", () => player.resume());
at("leave").addEventListener("click", () => player.disconnect());

window.onSpotifyWebPlaybackSDKReady = () => {
  document.body.dataset.sdk = "here";
};
const script = document.createElement("script");
script.src = "/spotify-player.js";
document.head.append(script);
