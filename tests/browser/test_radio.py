"""A radio station in a room: added on a page, heard on the speaker, shown to everybody."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NO_LIMIT
from tests.browser.people import PHONE, Person
from tests.fakes.radio import FakeRadio
from tests.servers import Server, serving

Arrive = Callable[..., Person]
# The sound of a station that runs here: how far it is, in seconds.
STREAM = """async (beyond) => {
    const streams = [...document.querySelectorAll("audio")];
    const one = streams.find(({ src, paused }) => src.includes("/sound?") && !paused);
    return one !== undefined && one.currentTime > beyond && one.currentTime;
}"""
NO_STREAM = """async () => ![...document.querySelectorAll("audio")]
    .some(({ src }) => src.includes("/sound?"))"""


@pytest.fixture(scope="module")
def radio() -> Iterator[FakeRadio]:
    with FakeRadio() as radio:
        yield radio


@pytest.fixture(scope="module")
def server(
    music: Path, radio: FakeRadio, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that may open stations on this machine."""
    data = tmp_path_factory.mktemp("radio")
    with serving(data, MUSIC_DIRS=str(music), RADIO_NETWORKS="127.0.0.1/32", **NO_LIMIT) as server:
        yield server


def _shot(person: Person, name: str) -> None:
    """A picture of the page, where somebody asks for pictures by `SCREENSHOTS`."""
    if folder := os.environ.get("SCREENSHOTS"):
        person.page.screenshot(path=f"{folder}/radio-{name}.png")


def add_station(host: Person, code: str, radio: FakeRadio, path: str = "mp3") -> None:
    """Add a station on the page of stations, put it into the queue, and return to the room."""
    host.page.goto(f"/r/{code}/radio")
    host.page.get_by_label("Name").fill("Radio Sol")
    host.page.get_by_label("Address").fill(radio.url(path))
    host.key("Add the station").click()
    host.sees("The station is in the list")
    host.key("Add Radio Sol to the queue").click()
    host.sees("The station is in the queue.")
    host.enter(code)


def play_station(host: Person, radio: FakeRadio) -> str:
    """A station that plays on the host's laptop, in a room without a shelf."""
    code = host.open_room()
    host.api("PUT", f"/{code}/playback/shelf", {"shelf": None})
    add_station(host, code, radio)
    host.api("POST", f"/{code}/playback/play", {})
    host.page.get_by_role("switch", name="Sound from this laptop").click()
    expect(host.title).to_have_text("Radio Sol")
    return code


def test_a_station_is_heard_on_the_speaker_shown_on_phones_and_gives_way(
    host: Person, arrive: Arrive, radio: FakeRadio
) -> None:
    code = play_station(host, radio)
    phone = arrive(**PHONE)
    phone.enter(code)
    host.waits_for(STREAM, 1)
    expect(phone.title).to_have_text("Radio Sol")
    expect(phone.now).to_contain_text("Mira Sol, Cardamom")
    _shot(host, "host")
    _shot(phone, "phone")
    radio.title = b"Ono Band - Goldfinch"
    expect(phone.now).to_contain_text("Ono Band, Goldfinch")
    phone.add(code, "Amber")
    for person in (host, phone):
        expect(person.title).to_have_text("Amber")
    host.hears()
    host.waits_for(NO_STREAM)
    assert radio.wait_until(lambda: radio.open["mp3"] == 0)


def test_a_paused_station_is_silent_and_goes_on_live(host: Person, radio: FakeRadio) -> None:
    play_station(host, radio)
    host.waits_for(STREAM, 0.5)
    host.key("Pause").click()
    host.waits_for(NO_STREAM)
    assert radio.wait_until(lambda: radio.open["mp3"] == 0)
    host.key("Play").click()
    host.waits_for(STREAM, 0.5)


def test_a_station_that_stops_waits_and_returns_by_itself(host: Person, radio: FakeRadio) -> None:
    play_station(host, radio)
    host.waits_for(STREAM, 0.5)
    radio.dead.add("mp3")
    try:
        expect(host.banner).to_contain_text("Radio Sol does not answer.", timeout=60_000)
        expect(host.row("Radio Sol")).to_be_visible()
        _shot(host, "away")
    finally:
        radio.dead.clear()
    expect(host.title).to_have_text("Radio Sol", timeout=60_000)
    host.waits_for(STREAM, 0.5)


def test_a_guest_finds_the_station_in_the_search(
    host: Person, arrive: Arrive, radio: FakeRadio
) -> None:
    code = host.open_room("Amber")
    host.page.goto(f"/r/{code}/radio")
    _shot(host, "page-empty")
    host.page.get_by_label("Name").fill("Radio Sol")
    host.forgive("422")  # the answer to the next one
    host.page.get_by_label("Address").fill(radio.url("text"))
    host.key("Add the station").click()
    host.sees("There is no MP3, AAC or Ogg stream at that address.")
    host.page.get_by_label("Address").fill(radio.url("listen.pls"))
    host.key("Add the station").click()
    host.sees("The station is in the list")
    _shot(host, "page")
    guest = arrive(**PHONE)
    guest.enter(code)
    guest.search("")
    guest.page.get_by_role("tab", name="Radio").tap()
    guest.key("Add Radio Sol").tap()
    _shot(guest, "search")
    host.enter(code)
    expect(host.row("Radio Sol")).to_contain_text("When nothing else waits")
    _shot(host, "queue")


def test_a_station_that_the_host_chooses_plays_whenever_nothing_waits(
    host: Person, arrive: Arrive, radio: FakeRadio
) -> None:
    code = host.open_room()
    host.page.goto(f"/r/{code}/radio")
    host.page.get_by_label("Name").fill("Radio Sol")
    host.page.get_by_label("Address").fill(radio.url("mp3"))
    host.key("Add the station").click()
    host.key("Play Radio Sol when nothing waits").click()
    host.sees("When nothing waits, the room plays this station.")
    host.sees("Plays when nothing else waits.")
    _shot(host, "page-shelf")
    host.enter(code)
    host.api("POST", f"/{code}/playback/play", {})
    host.page.get_by_role("switch", name="Sound from this laptop").click()
    expect(host.title).to_have_text("Radio Sol")
    host.waits_for(STREAM, 0.5)
    guest = arrive(**PHONE)
    guest.enter(code)
    expect(guest.now).to_contain_text("From the shelf")
    _shot(guest, "shelf")
    guest.add(code, "Amber")
    expect(guest.title).to_have_text("Amber")
    host.api("POST", f"/{code}/playback/skip", {})
    expect(guest.title).to_have_text("Radio Sol")
