"""One server and one browser for all of these tests; everybody gets a context of their own."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests import audio, chromium
from tests.browser.people import PATIENCE_S, ContextPool, Person
from tests.fakes.spotify import FakeSpotify
from tests.servers import Server, serving

# In the words of the server: until all music has been found.
WAIT_FOR_LIBRARY = """
import time
from music.models import Track
until = time.monotonic() + 60
while time.monotonic() < until and not Track.objects.filter(title="Cracked").exists():
    time.sleep(0.05)
"""
TITLES = ("Amber", "Birch", "Cedar", "Dune", "Elm")
MOON = "月亮代表我的心"
MARKUP = "<img src=x onerror=alert(1)> <b>Bold</b>"
# Many rooms are opened from this one address, and many tracks added by few people.
LIMITS = (
    "ROOMS", "ADDRESS_ROOMS", "ADDS", "CHAT", "SEARCHES",
    "WRONG_CODES", "ADDRESS_WRONG_CODES", "READS",
)  # fmt: skip
NO_LIMIT = {f"LIMIT_{name}": "10000/1" for name in LIMITS}
# Far more than a page takes; only a test that fails waits so long.
expect.set_options(timeout=PATIENCE_S * 1000)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Last of all, in whatever order: while the browser is driven, an event loop runs here."""
    items.sort(key=lambda item: Path(__file__).parent in item.path.parents)


@pytest.fixture(autouse=True)
def _fresh_process() -> None:
    """Rooms live in another process here; in this one there is nothing to forget."""


@pytest.fixture(scope="package")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Music of our own: silence, a minute each."""
    folder = tmp_path_factory.mktemp("home") / "Music"
    for title in TITLES:
        audio.make(folder / f"{title}.wav", seconds=60, title=title, artists=(f"{title} Band",))
    audio.make(folder / "markup.wav", seconds=60, title=MARKUP, artists=('"><script>',))
    audio.make(folder / "moon.wav", seconds=60, title=MOON, artists=("U2",), album="Moon")
    audio.make(folder / "rtl.wav", seconds=60, title="قمر على السطح 🌙", artists=("داليا",))
    audio.make(folder / "broken.wav", seconds=60, title="Cracked", artists=("Nobody",))
    return folder


@pytest.fixture(scope="package")
def server(music: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own."""
    data = tmp_path_factory.mktemp("data")
    with serving(data, MUSIC_DIRS=str(music), LOCAL_ACCOUNTS="true", **NO_LIMIT) as server:
        server.run(WAIT_FOR_LIBRARY)
        _break_unnoticed(music / "broken.wav")
        yield server


def _break_unnoticed(file: Path) -> None:
    """Leave a file that no browser plays, and in which the library sees no change.

    What cannot be played when the library reads it is not in the library at all.
    """
    was = file.stat()
    file.write_bytes(b"\0" * was.st_size)
    os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))


@pytest.fixture(scope="package")
def spotify() -> Iterator[FakeSpotify]:
    """Something that behaves like Spotify."""
    with FakeSpotify() as fake:
        yield fake


@pytest.fixture(scope="package")
def spotify_server(
    music: Path, spotify: FakeSpotify, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that is set to use it in every way."""
    limits = {
        **NO_LIMIT,
        "LIMIT_LOGINS": "10000/1",
        "LIMIT_ADDRESS_LOGINS": "10000/1",
        "LIMIT_CHANGES": "10000/1",
    }
    all_of_it = {**spotify.environment(), "SPOTIFY_LISTEN_ALONG": "true"}
    data = tmp_path_factory.mktemp("data")
    with serving(data, MUSIC_DIRS=str(music), **limits, **all_of_it) as server:
        yield server


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """What drives all browsers of a process: there can be only one."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium as people have it: sound needs a tap."""
    browser = chromium.launch(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def pools() -> dict[Browser, ContextPool]:
    """The contexts of each browser: some files have a browser of their own."""
    return {}


@pytest.fixture
def pool(browser: Browser, pools: dict[Browser, ContextPool]) -> ContextPool:
    """The contexts of all who arrive, used again and again."""
    return pools.setdefault(browser, ContextPool(browser))


@pytest.fixture
def arrive(browser: Browser, server: Server, pool: ContextPool) -> Iterator[Callable[..., Person]]:
    """Somebody new at a browser. In the end nobody's browser may have complained."""
    people: list[Person] = []

    def arrive(**options: Any) -> Person:
        people.append(Person(browser, server, pool=pool, **options))
        return people[-1]

    yield arrive
    complaints = [complaint for person in people for complaint in person.complaints()]
    for person in people:
        person.leave()
    assert complaints == []


@pytest.fixture
def host(arrive: Callable[..., Person]) -> Person:
    """Who opens the room, at a laptop."""
    return arrive()
