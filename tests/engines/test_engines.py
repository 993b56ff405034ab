"""The room in Firefox and in WebKitGTK: what most people do there, as it is served.

All other browser tests run in Chromium.
"""

from tests.engines.visitors import Visitor, uri_of, wait_until
from tests.faults.client import Person as RemoteHost
from tests.servers import Server

ROW = "[data-queue-row]"
SCRIPTS = """() => performance.getEntriesByType("resource")
    .filter(({ name }) => name.endsWith(".js")).length"""


def test_a_guest_joins_by_the_code_and_sees_the_room(visitor: Visitor, host: RemoteHost) -> None:
    visitor.goto("/")
    visitor.page.fill("#code", host.code)  # goes there at the sixth character
    visitor.sees("[data-now-playing-title]", "Amber")
    visitor.sees(ROW, "Birch")
    visitor.stands_in_room()
    # Bundles and the parts that a wide page loads by itself, not 150 modules.
    assert 1 <= visitor.page.evaluate(SCRIPTS) <= 10


def test_a_vote_shows_at_once_and_counts(visitor: Visitor, host: RemoteHost) -> None:
    visitor.enter(host.code)
    visitor.page.click(f"{ROW} [data-up]")
    visitor.sees(f"{ROW} [data-up][aria-pressed=true]", "2")
    wait_until(lambda: host.snapshot()["queue"][0]["up"] == 2, "two votes")


def test_a_guest_searches_a_track_and_adds_it(visitor: Visitor, host: RemoteHost) -> None:
    visitor.enter(host.code)
    found = "[data-library-searched] [data-results]"
    visitor.page.fill("input[type=search]", "Cedar")
    visitor.sees(found, "Cedar")
    visitor.page.click(f"{found} .result__keys button")
    visitor.sees(ROW, "Cedar")
    wait_until(lambda: len(host.snapshot()["queue"]) == 2, "two tracks wait")


def test_a_host_starts_the_music_and_hears_it(visitor: Visitor, sound_card: dict[str, str]) -> None:
    visitor.goto("/")
    visitor.page.click(".open button")
    visitor.sees("[data-start-key]", "Start the music")
    visitor.page.click("[data-start-key]")
    if sound_card or visitor.engine == "WebKitGTK":  # which without a card plays into nothing
        visitor.hears()
    else:
        visitor.sees("[data-banner]", "plays no sound")


def test_a_page_is_back_by_itself_when_the_server_is(
    visitor: Visitor, host: RemoteHost, server: Server
) -> None:
    visitor.enter(host.code)
    server.kill()
    try:
        visitor.sees("[data-banner]", "No connection.")
    finally:
        server.restart()
    host.add(uri_of(host, "Cedar"))
    visitor.sees(ROW, "Cedar")
