"""Somebody at a browser of any engine: what they see and do there."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from playwright.sync_api import Error as PlaywrightError

from tests.browser.people import PATIENCE_S, SAMPLE
from tests.engines.webdriver import WebDriverError
from tests.faults.client import Person as RemoteHost

SHOWS = """([selector, words]) =>
    [...document.querySelectorAll(selector)].some(
        (one) => one.getClientRects().length > 0 && one.innerText.includes(words))"""
# The header counts people once the page has joined.
JOINED = """() => /\\d here/.test(document.querySelector("header").textContent)"""


class DrivenPage(Protocol):
    """A page that a test drives: playwright's `Page` in Firefox, a `WebDriverPage` in WebKitGTK."""

    def goto(self, url: str, /) -> object: ...

    def evaluate(self, expression: str, arg: Any = None, /) -> Any: ...

    def click(self, selector: str, /) -> None: ...

    def fill(self, selector: str, value: str, /) -> None: ...


class Visitor:
    """Somebody who visits a server with a browser of their own."""

    def __init__(self, engine: str, page: DrivenPage, url: str) -> None:
        self.engine = engine
        self.page = page
        self._url = url

    def goto(self, path: str) -> None:
        """Open a page of the server."""
        self.page.goto(self._url + path)

    def enter(self, code: str) -> None:
        """Follow the link to a room, until one is in it."""
        self.goto(f"/r/{code}")
        self.stands_in_room()

    def stands_in_room(self) -> None:
        """Wait until the page has joined a room."""
        self._wait_until(JOINED, None, "in the room")

    def sees(self, selector: str, words: str) -> None:
        """Wait until an element of a CSS selector is visible and has these words."""
        self._wait_until(SHOWS, [selector, words], f"{selector} shows {words!r}")

    def hears(self) -> None:
        """Wait until the sound here really runs."""
        self._wait_until(f"async () => ({SAMPLE}).sounding", None, "there is sound")

    def _wait_until(self, predicate: str, arg: object, what: str) -> None:
        def is_true() -> object:
            # While one page gives way to the next, nothing can be asked.
            with suppress(PlaywrightError, WebDriverError):
                return self.page.evaluate(predicate, arg)
            return False

        wait_until(is_true, what)


def wait_until(is_true: Callable[[], object], what: str) -> None:
    """Ask until it is true. Fails after `PATIENCE_S`, and says that `what` was never so."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_true():
        assert time.monotonic() < deadline, f"never true: {what}"
        time.sleep(0.05)


def uri_of(host: RemoteHost, title: str) -> str:
    """The URI of the library's track of this title."""
    (track,) = host.ask("GET", f"/search?q={title}").json()["items"]
    uri: str = track["uri"]
    return uri
