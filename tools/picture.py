"""Takes the README's picture: a real room, with people in it, in a real browser.

python -m tools.picture docs/room.png
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Browser, Page, sync_playwright

from tests.chromium import launch
from tests.servers import serving

ADDRESS = "https://party.example"
GUESTS = ["Ana", "Jonas", "Priya", "Tomasz", "Lea", "Noor"]
# Which tracks (by place in the library) a guest adds, and which they vote for.
ADDS = {0: [7], 1: [2], 2: [4], 3: [1], 4: [8], 5: [11]}
# Who says what, by the guest's place.
SAID = (
    (1, "Salt on the Radio next, please"),
    (4, "Two votes more and it is"),
    (2, "Mine. Turn it up!"),
)
VOTES = {0: [2, 4, 1], 1: [4, 7], 2: [7, 2], 3: [2, 4], 4: [4, 2, 7], 5: [2]}


class Guest:
    """Somebody in the room who uses the API."""

    def __init__(self, url: str, code: str, name: str) -> None:
        self._http = requests.Session()
        self._http.get(url).raise_for_status()
        self._http.headers.update({"X-CSRFToken": self._http.cookies["csrftoken"], "Referer": url})
        self._room = f"{url}/api/rooms/{code}"
        self.post("/join", {"name": name})

    def get(self, path: str) -> Any:
        return self._http.get(f"{self._room}{path}").json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._http.post(f"{self._room}{path}", json=body).json()

    def vote(self, item: str) -> None:
        self._http.put(f"{self._room}/queue/{item}/vote", json={"value": 1}).raise_for_status()


def main(target: Path) -> None:
    with (
        tempfile.TemporaryDirectory() as data,
        serving(Path(data), PUBLIC_URL=ADDRESS, ALLOWED_HOSTS="127.0.0.1") as server,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright, "--autoplay-policy=no-user-gesture-required")
        page = host_of(browser, server.url)
        gather(server.url, page.url.rsplit("/", 1)[1])
        page.get_by_text("Priya").first.wait_for()
        page.get_by_role("button", name="Vote up, 4 votes").first.click()
        page.get_by_role("tab", name="Chat").click()
        page.wait_for_timeout(6_000)  # until the marks of moved strips have faded
        page.screenshot(path=target)
        browser.close()


def host_of(browser: Browser, url: str) -> Page:
    """Mika's laptop, with the music on."""
    page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="dark")
    page.goto(url)
    page.get_by_role("textbox", name="room").first.fill("Friday at Mika’s")
    page.get_by_role("button", name="Open the room").click()
    page.get_by_role("button", name="Start the music").click()
    page.get_by_role("tab", name="People").click()
    page.get_by_role("button", name="Name").click()
    page.get_by_role("textbox", name="name").last.fill("Mika")
    page.keyboard.press("Enter")
    return page


def gather(url: str, code: str) -> None:
    """Let people join, add and vote."""
    guests = [Guest(url, code, name) for name in GUESTS]
    tracks = guests[0].get("/search?q=")["items"]
    items = {
        track: guests[number].post("/queue", {"uri": tracks[track]["uri"]})["id"]
        for number, added in ADDS.items()
        for track in added
    }
    for number, votes in VOTES.items():
        for track in votes:
            guests[number].vote(items[track])
    for number, text in SAID:
        guests[number].post("/chat", {"text": text})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
