"""Spotify in the page of whoever connected it: a real server, real sound, no real Spotify."""

import re
import secrets
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests import chromium
from tests.browser.people import PATIENCE_S, SILENT, Person
from tests.fakes.spotify import FakeSpotify
from tests.fakes.spotify import Person as Customer
from tests.servers import Server

Arrive = Callable[..., Person]
# What is promised of Spotify's devices, by the page of anybody.
AGREES_MS = 1_000
# Every element that was ever to sound in a frame: the player's is in no document.
REMEMBER_SOUNDS = """{
    window.sounds = new Set();
    const { play } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.play = function () {
        window.sounds.add(this);
        return play.call(this);
    };
}"""
# Where in its track that element is, and when that was.
HEARD = """() => {
    const sounding = (one) => !one.paused && !one.ended && one.currentTime > 0;
    const heard = [...window.sounds].find(sounding);
    return heard ? { ms: heard.currentTime * 1000, at: Date.now() } : null;
}"""
# Where the bar of a page says that the track is, and when that was.
SHOWN = """() => {
    const bar = document.querySelector("[data-bar]");
    const whole = Number(bar.getAttribute("aria-valuemax")) * 1000;
    return { ms: Number(bar.style.getPropertyValue("--at")) * whole, at: Date.now() };
}"""


@pytest.fixture(scope="module")
def server(spotify_server: Server) -> Server:
    """Where everybody arrives here."""
    return spotify_server


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium that sounds without a tap; where one is needed, Spotify's player says so."""
    browser = chromium.launch(playwright, "--autoplay-policy=no-user-gesture-required")
    yield browser
    browser.close()


@pytest.fixture
def ann(spotify: FakeSpotify) -> Iterator[Customer]:
    """Somebody with Premium, new to each test. Spotify is well, and asks who it is."""
    spotify.signed_in = ""
    yield spotify.person(f"Ann {secrets.token_hex(3)}")
    spotify.clear_faults()


@pytest.fixture
def host(arrive: Arrive) -> Person:
    host = arrive()
    host.run_at_start(REMEMBER_SOUNDS)
    return host


def connect(host: Person, code: str, ann: Customer) -> None:
    """Log in at Spotify on the way of the pages, and come back to the room."""
    host.page.goto(f"/r/{code}/spotify")
    host.page.get_by_role("button", name=re.compile("^Connect (Spotify|again)$")).click()
    host.page.get_by_label(ann.name or ann.id).check()
    host.key("Agree").click()
    host.sees("Connected.")
    host.enter(code)


def connect_own(guest: Person, bea: Customer) -> None:
    """Log in at Spotify from the room in which one listens, and come back there."""
    guest.page.get_by_role("link", name="Connect it").click()
    guest.key("Go to Spotify").click()
    guest.page.get_by_label(bea.name or bea.id).check()
    guest.key("Agree").click()
    guest.stand_in_room()
    expect(guest.page.get_by_role("link", name="your own account")).to_be_visible()


def speaks(host: Person) -> None:
    """Let the room's sound come from the host's page; Spotify's, too."""
    host.page.get_by_role("switch", name="Sound from this laptop").click()
    expect(host.page.get_by_role("switch", name="This laptop plays")).to_be_checked()


def add_song(person: Person, code: str, title: str) -> None:
    found = person.api("GET", f"/{code}/search?source=spotify&q={title}")["items"]
    uri = next(each["uri"] for each in found if each["title"] == title)
    person.api("POST", f"/{code}/queue", {"uri": uri})


def source(person: Person, code: str) -> tuple[str, str | None]:
    """How Spotify is in the room, and why."""
    (spotify,) = person.api("GET", f"/{code}")["sources"]
    return spotify["state"], spotify["cause"]


def speaker(person: Person, code: str) -> Any:
    return person.api("GET", f"/{code}")["playback"]["speaker"]


def until(person: Person, true: Callable[[], Any], what: str) -> Any:
    """Ask until it is so, while the browser goes on; what is asked lies in several processes."""
    deadline = time.monotonic() + PATIENCE_S
    while not (said := true()):
        assert time.monotonic() < deadline, f"never: {what}"
        person.page.wait_for_timeout(50)
    return said


def heard(host: Person) -> dict[str, float] | None:
    """What Spotify's player sounds just now, by its element."""
    frames = [each for each in host.page.frames if "/sdk/frame.html" in each.url]
    return next((said for each in frames if (said := each.evaluate(HEARD))), None)


def hears_spotify(host: Person) -> None:
    until(host, lambda: heard(host), "a sound of Spotify's player")


def agrees(host: Person, person: Person) -> bool:
    """Whether a page shows the position at which the sound really is."""
    sound, shown = heard(host), person.page.evaluate(SHOWN)
    if sound is None:
        return False
    apart_ms: float = abs(sound["ms"] - sound["at"] - (shown["ms"] - shown["at"]))
    return apart_ms < AGREES_MS


@pytest.fixture
def party(host: Person, ann: Customer) -> str:
    """A room whose host has connected Spotify, and sounds it; a library track plays."""
    code = host.open_room("Amber")
    connect(host, code, ann)
    speaks(host)
    return code


def plays_song(host: Person, code: str, title: str) -> None:
    """Let a song of Spotify be next, and wait for its sound."""
    add_song(host, code, title)
    until(host, lambda: source(host, code)[0] == "available", "Spotify is there")
    host.api("POST", f"/{code}/playback/skip", {})
    expect(host.title).to_have_text(title)
    hears_spotify(host)


def test_from_the_login_to_the_sound_and_everybody_sees_where_it_is(
    spotify: FakeSpotify, host: Person, ann: Customer, arrive: Arrive
) -> None:
    spotify.faults.change(autoplay_is_blocked=True)
    code = host.open_room("Amber")
    connect(host, code, ann)
    speaks(host)
    host.hears()
    listeners = [arrive(), arrive()]
    for listener in listeners:
        listener.enter(code)
    plays_song(host, code, "Copper Summer")
    for person in (host, *listeners):
        until(host, partial(agrees, host, person), "the bar is where the sound is")
    expect(host.page.get_by_text("Position estimated")).to_be_visible()


def test_a_playlist_that_the_host_chooses_plays_when_nothing_waits(
    host: Person, party: str, ann: Customer, spotify: FakeSpotify
) -> None:
    spotify.playlist(ann, "Slow hours", [spotify.catalogue.track("Copper Summer")])
    host.page.get_by_role("tab", name="Spotify").click()
    host.key("Open Slow hours").click()
    host.key("Play it when nothing waits").click()
    host.sees("When nothing waits, the room plays")
    expect(host.titles).to_have_text(["Copper Summer"])
    expect(host.row("Copper Summer")).to_contain_text("From the shelf")
    host.key("Skip this track").click()
    expect(host.title).to_have_text("Copper Summer")
    hears_spotify(host)


def test_nothing_of_spotify_is_loaded_before_a_track_of_it_is_there(
    host: Person, ann: Customer, spotify: FakeSpotify
) -> None:
    asked: list[str] = []
    host.page.on("request", lambda it: asked.extend([it.url] * it.url.startswith(spotify.url)))
    code = host.open_room("Amber")
    connect(host, code, ann)
    asked.clear()
    host.page.reload()
    speaks(host)
    host.hears()
    assert asked == []
    plays_song(host, code, "Copper Summer")
    assert f"{spotify.url}/spotify-player.js" in asked


def test_a_login_that_is_taken_away_in_mid_track_leaves_the_song_waiting(
    spotify: FakeSpotify, host: Person, party: str, ann: Customer
) -> None:
    plays_song(host, party, "Copper Summer")
    host.add(party, "Birch")
    host.forgive("/sdk/(token|connect)|/spotify/token")  # none of them is for a revoked login
    spotify.revoke(ann)
    expect(host.title).to_have_text("Birch")
    host.hears()
    assert source(host, party) == ("away", "spotify_unsure")
    expect(host.titles).to_have_text(["Copper Summer"])
    host.page.goto("/")
    until(host, lambda: speaker(host, party) is None, "nobody speaks")
    connect(host, party, ann)
    speaks(host)
    until(host, lambda: source(host, party)[0] == "available", "Spotify is back")
    host.key("Skip this track").click()
    expect(host.title).to_have_text("Copper Summer")
    hears_spotify(host)


def test_one_tap_heals_a_player_that_the_browser_keeps_silent(
    spotify: FakeSpotify, host: Person, party: str
) -> None:
    plays_song(host, party, "Copper Summer")
    spotify.faults.change(autoplay_is_blocked=True)
    host.page.reload()
    expect(host.page.get_by_text("This browser wants one more tap: play")).to_be_visible()
    assert heard(host) is None
    host.key("Play").click()
    hears_spotify(host)
    expect(host.page.get_by_text("This browser wants one more tap: play")).to_be_hidden()


def test_a_page_that_loads_again_goes_on_where_the_room_is(host: Person, party: str) -> None:
    plays_song(host, party, "Copper Summer")
    host.bar.press("PageUp")
    until(host, lambda: agrees(host, host), "the sound is where the bar is")
    host.page.reload()
    hears_spotify(host)
    until(host, lambda: agrees(host, host), "the sound is where the bar is")
    playback = host.api("GET", f"/{party}")["playback"]
    assert playback["track"]["title"] == "Copper Summer"


def test_a_second_tab_takes_spotify_with_the_sound(host: Person, party: str) -> None:
    plays_song(host, party, "Copper Summer")
    host.new_tab()
    host.enter(party)
    speaks(host)
    hears_spotify(host)
    until(host, lambda: agrees(host, host), "the sound is where the bar is")
    assert source(host, party) == ("available", None)


def test_a_co_host_without_the_account_plays_the_library_and_songs_wait(
    host: Person, party: str, arrive: Arrive
) -> None:
    plays_song(host, party, "Copper Summer")
    guest = arrive()
    guest.enter(party)
    me = guest.api("GET", f"/{party}")["me"]["id"]
    host.api("PATCH", f"/{party}/members/{me}", {"role": "cohost"})
    host.add(party, "Birch")
    claim = {"action": "claim", "device": "in-a-pocket", "name": "phone", "takeover": True}
    guest.api("PUT", f"/{party}/playback/speaker", claim)
    expect(guest.title).to_have_text("Birch")
    expect(guest.titles).to_have_text(["Copper Summer"])
    until(host, lambda: heard(host) is None, "silence of Spotify's player")


def test_spotify_moves_to_another_device_and_back_to_this_browser(
    spotify: FakeSpotify, host: Person, party: str, ann: Customer
) -> None:
    plays_song(host, party, "Copper Summer")
    host.key("Choose where Spotify plays").click()
    host.dialog.get_by_role("button", name=re.compile("^Kitchen")).click()
    until(host, lambda: heard(host) is None, "silence in the page")
    until(host, lambda: spotify.player_of(ann).is_playing, "a sound in the kitchen")
    host.dialog.get_by_role("button", name="This laptop").click()
    hears_spotify(host)


def test_one_source_follows_the_other(host: Person, party: str) -> None:
    add_song(host, party, "Ground Floor")
    host.add(party, "Birch")
    until(host, lambda: source(host, party)[0] == "available", "Spotify is there")
    host.hears()
    host.api("POST", f"/{party}/playback/seek", {"position_ms": 57_000})
    expect(host.title).to_have_text("Ground Floor")
    hears_spotify(host)
    host.waits_for(SILENT)
    expect(host.title).to_have_text("Birch")
    host.hears()
    until(host, lambda: heard(host) is None, "silence of Spotify's player")


def test_a_listener_hears_songs_on_an_own_account_and_follows_a_pause_and_a_skip(
    spotify: FakeSpotify, host: Person, party: str, arrive: Arrive
) -> None:
    guest = arrive()
    guest.forgive("409.*/spotify/along")  # Spotify does not know a device as soon as it is one
    guest.run_at_start(REMEMBER_SOUNDS)
    guest.enter(party)
    connect_own(guest, spotify.person(f"Bea {secrets.token_hex(3)}"))
    guest.page.get_by_role("switch", name="Listen along on this laptop").click()
    plays_song(host, party, "Copper Summer")
    hears_spotify(guest)
    until(guest, lambda: agrees(guest, guest), "the listener hears where the room is")
    expect(guest.page.get_by_text("Position estimated, about ±")).to_be_visible()
    host.key("Pause").click()
    until(guest, lambda: heard(guest) is None, "silence with the room's")
    host.key("Play").click()
    until(guest, lambda: agrees(guest, guest), "a sound again, where the room is")
    add_song(host, party, "Ground Floor")
    host.key("Skip this track").click()
    expect(guest.title).to_have_text("Ground Floor")
    until(guest, lambda: agrees(guest, guest), "the next song, where the room is")
    assert heard(host) is not None


def test_whoever_listens_along_reads_why_nothing_is_heard(
    host: Person, party: str, arrive: Arrive
) -> None:
    guest = arrive()
    guest.enter(party)
    guest.page.get_by_role("switch", name="Listen along on this laptop").click()
    guest.hears()
    plays_song(host, party, "Copper Summer")
    expect(guest.page.get_by_text("Spotify plays on the host’s device only.")).to_be_visible()
    expect(guest.page.get_by_text("Position estimated")).to_be_visible()
