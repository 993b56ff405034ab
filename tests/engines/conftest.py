"""One server and one browser of each engine for all of these tests."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests import audio
from tests.browser.conftest import NO_LIMIT
from tests.browser.people import Person
from tests.engines import firefox, webdriver
from tests.engines.visitors import Visitor, uri_of
from tests.engines.webdriver import WebDriverPage
from tests.faults.client import Person as RemoteHost
from tests.servers import Server, serving
from tests.sound_card import virtual_sound_card

# Set where all engines have to be there: what would be skipped fails.
REQUIRED = "ENGINES_REQUIRED"


class Engine(NamedTuple):
    """How an engine is found, and the fixture of a page in it."""

    is_installed: Callable[[], bool]
    page: str


ENGINES = {
    "Firefox": Engine(lambda: firefox.executable() is not None, "firefox_page"),
    "WebKitGTK": Engine(webdriver.is_installed, "webkit_page"),
}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After those without a browser: while Firefox is driven, an event loop runs here."""
    items.sort(key=lambda item: Path(__file__).parent in item.path.parents)


@pytest.fixture(autouse=True)
def _fresh_process() -> None:
    """Rooms live in another process here; in this one there is nothing to forget."""


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with three tracks of a minute each, beside those it comes with."""
    folder = tmp_path_factory.mktemp("engines")
    for title in ("Amber", "Birch", "Cedar"):
        audio.make(folder / "Music" / f"{title}.wav", seconds=60, title=title, artists=("Band",))
    (folder / "data").mkdir()
    with serving(folder / "data", MUSIC_DIRS=str(folder / "Music"), **NO_LIMIT) as server:
        yield server


@pytest.fixture(scope="package")
def sound_card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a browser that has a sound card; empty where none can be made."""
    with ExitStack() as stack:
        try:
            environment = stack.enter_context(virtual_sound_card(tmp_path_factory.mktemp("card")))
        except (FileNotFoundError, RuntimeError):
            environment = {}
        yield environment


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def firefox_browser(playwright: Playwright, sound_card: dict[str, str]) -> Iterator[Browser]:
    browser = firefox.launch(playwright, environment=sound_card)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def webkit_driver(sound_card: dict[str, str]) -> Iterator[str]:
    with webdriver.webkit_driver(sound_card) as url:
        yield url


@pytest.fixture
def firefox_page(firefox_browser: Browser, server: Server) -> Iterator[Page]:
    """A page of somebody new. In the end the browser may have complained of nothing."""
    person = Person(firefox_browser, server, asked=False)
    person.forgive("ws://")  # one of the tests ends the server
    yield person.page
    complaints = person.complaints()
    person.leave()
    assert complaints == []


@pytest.fixture
def webkit_page(webkit_driver: str) -> Iterator[WebDriverPage]:
    page = WebDriverPage(webkit_driver)
    yield page
    page.close()


@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ENGINES]
)
def visitor(request: pytest.FixtureRequest) -> Visitor:
    """Somebody new, at a browser of each engine."""
    engine = ENGINES[request.param]
    if not engine.is_installed():
        (pytest.fail if REQUIRED in os.environ else pytest.skip)(
            f"{request.param} is not installed: make engines"
        )
    page = request.getfixturevalue(engine.page)
    return Visitor(request.param, page, request.getfixturevalue("server").url)


@pytest.fixture
def host(server: Server) -> RemoteHost:
    """Who hosts a room without a browser: Amber plays, Birch waits, and nothing from a shelf."""
    host = RemoteHost.opens_room(server.url)
    for title in ("Amber", "Birch"):
        host.add(uri_of(host, title))
    host.ask("PUT", "/playback/shelf", {"shelf": None})
    host.post("/playback/play", {})
    return host
