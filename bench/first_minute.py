"""A stranger's first minute: from a fresh clone to music, and from a scan to a counted vote.

Clones the committed state of this repository, types `make run` there, and drives a real browser:
the host on a laptop, the guest on a phone. An action is one thing that a person does.
"""

import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import requests
from playwright.sync_api import Page, sync_playwright

from tests.chromium import launch
from tests.servers import ROOT, free_port

INSTALL_S = 600
SOUND_S = 30


@dataclass
class Story:
    """What a person did and how long it took."""

    started: float = field(default_factory=time.perf_counter)
    actions: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def act(self, what: str) -> None:
        self.actions.append(what)

    def end(self) -> None:
        self.seconds = time.perf_counter() - self.started


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="beatsync-first-minute-") as folder:
        clone = Path(folder) / "beatsync"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        install_s = serve_once(clone)[0]
        start_s, host, guest = serve_once(clone, people=True)
    assert host is not None
    assert guest is not None
    print(table(install_s, start_s, host, guest))


def serve_once(clone: Path, *, people: bool = False) -> tuple[float, Story | None, Story | None]:
    """`make run` in the clone: seconds until the first page, and what people then did."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    began = time.perf_counter()
    running = subprocess.Popen(
        ["make", "run", f"PORT={port}"],
        cwd=clone,
        env={**os.environ, "DATABASE_URL": "", "REDIS_URL": ""},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(url)
        ready_s = time.perf_counter() - began
        return (ready_s, *(visit(url) if people else (None, None)))
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait()


def wait_for(url: str) -> None:
    deadline = time.monotonic() + INSTALL_S
    while time.monotonic() < deadline:
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise TimeoutError(f"nothing at {url}")


def visit(url: str) -> tuple[Story, Story]:
    """The host's and the guest's first minute."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        laptop = browser.new_page(viewport={"width": 1440, "height": 900})
        host = Story()
        laptop.goto(url)
        host.act("Open the room")
        laptop.get_by_role("button", name="Open the room").click()
        host.act("Start the music")
        laptop.get_by_role("button", name="Start the music").click()
        hear(laptop)
        host.end()
        add_first_result(laptop)

        phone = browser.new_context(
            viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
        ).new_page()
        guest = Story()
        guest.act("Scan the code")
        phone.goto(laptop.url)
        guest.act("Tap a thumb")
        phone.get_by_role("button", name="Vote up").first.tap()
        laptop.get_by_role("button", name="Vote up, 2 votes").first.wait_for()
        guest.end()
        browser.close()
    return host, guest


def hear(page: Page) -> None:
    """Return when the page sounds; fail when it does not."""
    deadline = time.monotonic() + SOUND_S
    while not page.evaluate(SOUNDS):
        if time.monotonic() > deadline:
            raise TimeoutError("the host's page stays silent")
        page.wait_for_timeout(20)


# The sound itself: a position that has moved.
SOUNDS = """async () => {
  const room = await import(document.querySelector('script[type=module]').src);
  const { sounding, position_ms } = room.localPlayer.sampled();
  return sounding && position_ms > 100;
}"""


def add_first_result(page: Page) -> None:
    """Something for the guest to vote on."""
    page.get_by_role("button", name="Add").first.click()
    page.get_by_role("button", name="Vote up").first.wait_for()


def table(install_s: float, start_s: float, host: Story, guest: Story) -> str:
    rows = [
        ("`make run` in a fresh clone, until the first page", "1 command", install_s),
        ("`make run` again, until the first page", "1 command", start_s),
        ("host: empty browser to sounding music", steps(host), host.seconds),
        ("guest: scan to a vote that the host's screen counts", steps(guest), guest.seconds),
    ]
    lines = ["| from … to | actions | seconds |", "|---|---|---|"]
    lines += [f"| {what} | {actions} | {seconds:.1f} |" for what, actions, seconds in rows]
    return "\n".join(lines)


def steps(story: Story) -> str:
    return f"{len(story.actions)}: " + ", ".join(f"*{action}*" for action in story.actions)
