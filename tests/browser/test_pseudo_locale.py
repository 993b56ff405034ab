"""Everything that scripts say comes from the catalogue: nothing else is left in a page."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import pseudo_locale
from tests.browser.conftest import NO_LIMIT, TITLES, WAIT_FOR_LIBRARY
from tests.browser.people import Person
from tests.servers import serving

# Titles, artists and what people write here.
WRITTEN = [*TITLES, *(f"{title} Band" for title in TITLES), "Friday", "Good evening"]


@pytest.fixture
def reader(browser: Browser, music: Path, tmp_path: Path) -> Iterator[Person]:
    """The host of a room in whose browser each sentence of the catalogue is marked."""
    with serving(tmp_path, MUSIC_DIRS=str(music), BUNDLE="false", **NO_LIMIT) as server:
        server.run(WAIT_FOR_LIBRARY.replace("Cracked", "Elm"))
        person = Person(browser, server)
        pseudo_locale.speak(person.context)
        yield person
        person.leave()


def expect_no_other_words(reader: Person, code: str) -> None:
    members = reader.api("GET", f"/{code}")["members"]
    written = [*WRITTEN, code, f"{code[:3]} {code[3:]}", *(member["name"] for member in members)]
    shown = reader.page.evaluate(pseudo_locale.SHOWN)
    served = reader.page.evaluate(pseudo_locale.SERVED)
    assert any("[" in text for text in shown)
    left = pseudo_locale.untranslated(shown, served, [*written, *words_of_library(reader, code)])
    assert left == set(), sorted(left)


def words_of_library(reader: Person, code: str) -> set[str]:
    """The titles and names of all tracks that can be found."""
    words: set[str] = set()
    cursor = ""
    while cursor is not None:
        page = reader.api(
            "GET", f"/{code}/search?q=&{urlencode({'cursor': cursor} if cursor else {})}"
        )
        for track in page["items"]:
            words |= {track["title"], track["album"], *track["artists"]} - {""}
        cursor = page["next"]
    return words


def test_scripts_say_nothing_but_their_catalogue(reader: Person) -> None:
    reader.page.goto("/")
    expect(reader.page.locator("[data-theme-key]").first).to_have_accessible_name(re.compile(r"\["))
    code: str = reader.api("POST", "", {"name": "Friday"})["code"]
    for title in TITLES[:4]:
        reader.add(code, title)
    reader.api("POST", f"/{code}/playback/play", {})
    reader.page.goto(f"/r/{code}")
    expect(reader.page.get_by_role("banner")).to_contain_text("[")
    expect_no_other_words(reader, code)
    for open_part in PARTS:
        open_part(reader)
        expect_no_other_words(reader, code)
        reader.page.keyboard.press("Escape")
        expect(reader.dialog).to_be_hidden()


def write_to_the_chat(reader: Person) -> None:
    field = reader.page.locator("[data-composer] textarea")
    field.fill("Good evening")
    field.press("Enter")
    expect(reader.page.locator("[data-chat-list]")).to_contain_text("Good evening")


def show_people(reader: Person) -> None:
    reader.show_people()
    expect(reader.page.locator("[data-people-title]")).to_contain_text("[")


def look_for_tracks(reader: Person) -> None:
    reader.search("Elm")
    expect(reader.found.first).to_contain_text("Elm")


def open_a_track(reader: Person) -> None:
    reader.queue.get_by_role("article").last.locator("[data-open]").click()
    expect(reader.dialog).to_contain_text("[")


def open_the_name(reader: Person) -> None:
    reader.page.locator("[data-rename]").click()
    expect(reader.dialog).to_contain_text("[")


def open_what_played(reader: Person) -> None:
    reader.page.locator("[data-played-key]").click()
    expect(reader.dialog).to_be_visible()


def browse_the_library(reader: Person) -> None:
    reader.search("")
    reader.page.locator("[data-browse]").first.click()
    expect(reader.page.locator("[data-groups]")).to_have_attribute("aria-label", re.compile(r"\["))


PARTS: list[Callable[[Person], None]] = [
    write_to_the_chat,
    show_people,
    open_the_name,
    look_for_tracks,
    browse_the_library,
    open_a_track,
    open_what_played,
]
