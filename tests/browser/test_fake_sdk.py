"""The stand-in for Spotify's SDK, in a real browser, with real sound."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import PATIENCE_S
from tests.fakes.spotify import FakeSpotify

# What an app's page allows: itself, and of the stand-in what a page may need of Spotify.
POLICY = "default-src 'self'; script-src 'self' {spotify}; frame-src {spotify}; img-src data:"
# The app's own script. Its first play comes without a tap, as when a room goes on by itself.
SCRIPT = """
const log = (line) => document.body.append(Object.assign(document.createElement("p"), line));
window.onSpotifyWebPlaybackSDKReady = async () => {
  const player = new Spotify.Player({ name: "Room", getOAuthToken: (give) => give("TOKEN") });
  player.on("autoplay_failed", () => log({ className: "autoplay_failed" }));
  player.on("player_state_changed", (state) => {
    if (state && !state.paused && !state.loading) log({ className: "sounds" });
  });
  document.querySelector("button").addEventListener("click", () => {
    player.activateElement();
    player.resume();
  });
  await player.connect();
};
"""


@pytest.fixture
def spotify() -> Iterator[FakeSpotify]:
    with FakeSpotify() as spotify:
        # A test has enough of waiting elsewhere.
        spotify.faults.devices_appear_after_s = 0
        spotify.faults.idle_events_every_s = 0
        yield spotify


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def serve() -> Iterator[Callable[[dict[str, str], str], str]]:
    """Serves files by their paths with a policy, from an origin of its own; gives its address.

    A real one: no browser lets a page that only the test has made up reach this machine.
    """
    servers: list[ThreadingHTTPServer] = []

    def serve(files: dict[str, str], policy: str) -> str:
        class App(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                kind = "javascript" if self.path.endswith(".js") else "html"
                self.send_header("Content-Type", f"text/{kind}")
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(files[self.path].encode())

            def log_message(self, format: str, *args: object) -> None:
                pass

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), App))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that the stand-in knows, without asking the page."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def events(page: Page) -> list[tuple[str, Any]]:
    """What the trial page has heard, in order."""
    return [
        (str(line.get_attribute("data-event")), json.loads(line.get_attribute("data-state") or ""))
        for line in page.locator("#log li").all()
    ]


def test_a_track_sounds_to_its_end_which_is_told_more_than_once(
    spotify: FakeSpotify, page: Page
) -> None:
    track = spotify.catalogue.track("Ground Floor")
    track.duration_ms = 2000
    page.goto(f"{spotify.url}/sdk/try.html")
    expect(page.locator("body[data-sdk]")).to_be_visible()
    page.fill("#uri", track.uri)
    page.click("#join")
    expect(page.locator("[data-event=connected]")).to_be_visible()
    page.click("#play")
    expect(page.locator("[data-event=player_state_changed]")).to_have_count(4)
    loading, sounding, end, copy = (
        state for event, state in events(page) if event == "player_state_changed"
    )
    assert (loading["loading"], loading["paused"]) == (True, False)
    assert (sounding["loading"], sounding["paused"]) == (False, False)
    assert sounding["track_window"]["current_track"]["uri"] == track.uri
    for state in (end, copy):
        assert (state["paused"], state["position"]) == (True, 0)
        assert [each["uri"] for each in state["track_window"]["previous_tracks"]] == [track.uri]
    assert copy["duration"] - end["duration"] == 24
    # It took as long as it lasts: that was sound, not a clock.
    assert end["timestamp"] - sounding["timestamp"] >= 1900
    assert not spotify.player_of(spotify.people["ann"]).is_playing


def test_a_second_page_takes_the_sound_away_from_the_first(
    spotify: FakeSpotify, browser: Browser
) -> None:
    context = browser.new_context()
    pages = [context.new_page(), context.new_page()]
    for page in pages:
        page.goto(f"{spotify.url}/sdk/try.html")
        page.fill("#uri", spotify.catalogue.track("Sugo").uri)
        expect(page.locator("body[data-sdk]")).to_be_visible()
        page.click("#join")
        expect(page.locator("[data-event=connected]")).to_be_visible()
        page.click("#play")
        expect(page.locator("[data-event=player_state_changed]")).to_have_count(2)
    first, second = pages
    expect(first.locator("[data-event=player_state_changed]")).to_have_count(3)
    assert events(first)[-1] == ("player_state_changed", None)
    assert events(second)[-1][1]["paused"] is False
    context.close()


def test_an_app_needs_no_more_than_its_policy_allows_and_sound_needs_a_tap(
    spotify: FakeSpotify, page: Page, serve: Callable[[dict[str, str], str], str]
) -> None:
    token = spotify.tokens_for(spotify.people["ann"])["access_token"]
    address = spotify.settings()["SPOTIFY_SDK_URL"]
    files = {
        "/": f'<!doctype html><link rel="icon" href="data:,"><script src="/app.js"></script>'
        f'<button>Join</button><script src="{address}"></script>',
        "/app.js": SCRIPT.replace("TOKEN", token),
    }
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(serve(files, POLICY.format(spotify=spotify.url)))
    ann = spotify.people["ann"]
    # Whoever looks into a page through the driver has touched it, for the browser: not yet.
    until(lambda: spotify.player_of(ann).devices[-1].name == "Room")
    player = spotify.player_of(ann)
    with spotify.lock:
        player.start(player.devices[-1], [spotify.catalogue.track("Sugo").uri], 0, 5000)
    until(lambda: not player.is_playing)
    expect(page.locator(".autoplay_failed")).to_have_count(1)
    expect(page.locator(".sounds")).to_have_count(0)
    page.click("button")
    expect(page.locator(".sounds")).to_have_count(1)
    assert complaints == []
