"""How far devices that sound together are from the room, and how soon they are in step again.

One speaker and listeners along with it, each a Chromium of its own, on lines without and with
latency. All on one machine, so there is a truth: the server's `starts_at_ms` against this machine's
clock. Each page is asked four times a second what is heard just now (`Follower.sampled`): the place
in the track by the clock of the sound card, the way to the ear included.

    python -m bench.sync [--minutes 1] [--listeners 1 4]
"""

import argparse
import math
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from bench.machine import come_first, described
from bench.report import aim, percentile, table
from bench.running import PLENTY
from bench.slow_line import SlowLine
from tests import audio, chromium
from tests.browser.people import Person
from tests.servers import Server, serving

# Latency there and back, and by how much it trembles, in ms.
LINES = ((0, 0), (50, 15), (200, 50))
TRACK_S = 30
TRACKS = 40
LOOK_EVERY_S = 0.25
# What counts as in step, and what is not counted: a track that has just begun.
IN_STEP_MS = 15
SETTLED_S = 2.0
# A machine that is too busy feeds the sound card too late: a gap, and what follows is heard later
# until it is mended. Such looks count, and are told apart.
MENDED_AFTER_S = 5.0
CHANGES = ("seek", "pause", "skip")
CHANGE_EVERY_S = 12
MORE = "--autoplay-policy=no-user-gesture-required"

# What is heard, and what the room wants, in one breath.
SAMPLE = """async () => {
  const room = await import(document.querySelector('script[src*="js/room"]').src);
  return room.follower.sampled();
}"""
ALONG = """async () => {
  const room = await import(document.querySelector('script[src*="js/room"]').src);
  room.along.on();
}"""
# Date.now() is whole milliseconds, cut off: on the average half a one late.
CUT_OFF_MS = 0.5


@dataclass
class Measured:
    """What was found on one line."""

    errors: list[float] = field(default_factory=list)
    fed: list[float] = field(default_factory=list)
    jumps: int = 0
    spreads: list[float] = field(default_factory=list)
    modes: set[str] = field(default_factory=set)
    silent: int = 0
    until_in_step: dict[str, list[float]] = field(default_factory=dict)


class Watch:
    """The room's truth as it changes, and what each page sounds of it."""

    def __init__(self, host: Person, code: str, pages: list[Page], found: Measured) -> None:
        self._host, self._code, self._pages, self._found = host, code, pages, found
        self._truth: dict[str, Any] = {}
        self._changed_at = 0.0
        self._kind = "track"
        self._waiting: dict[int, bool] = {}
        self._jumps: dict[int, tuple[int, float]] = {}
        self.refresh("join")

    def change(self, kind: str) -> None:
        """Let the host do something."""
        path = f"/{self._code}/playback"
        if kind == "seek":
            position_ms = random.randrange(2_000, TRACK_S * 500)
            self._host.api("POST", f"{path}/seek", {"position_ms": position_ms})
        elif kind == "skip":
            self._host.api("POST", f"{path}/skip", {})
        else:
            self._host.api("POST", f"{path}/pause", {})
            self._host.page.wait_for_timeout(1_000)
            self._host.api("POST", f"{path}/play", {})
        self.refresh(kind)

    def refresh(self, kind: str) -> None:
        self._truth = self._host.api("GET", f"/{self._code}")["playback"]
        # A change counts from the moment that the server has named for it.
        starts_at_ms = self._truth["starts_at_ms"] or 0
        self._changed_at = max(time.time() * 1000, starts_at_ms)
        self._kind = kind
        self._waiting = dict.fromkeys(range(len(self._pages)), True)

    def look(self) -> None:
        """Ask every page once."""
        ends_at_ms = (self._truth["starts_at_ms"] or 0) + TRACK_S * 1000
        if time.time() * 1000 > ends_at_ms - 1_400:
            playback = self._host.api("GET", f"/{self._code}")["playback"]
            if playback["play_id"] != self._truth["play_id"]:
                self.refresh("track")
        found: list[float] = []
        for number, page in enumerate(self._pages):
            sample = page.evaluate(SAMPLE)
            since_s = (sample["at_ms"] - self._changed_at) / 1000
            if since_s < 0:
                continue
            error = self._error(sample)
            if error is not None and abs(error) <= IN_STEP_MS and self._waiting[number]:
                self._waiting[number] = False
                self._found.until_in_step.setdefault(self._kind, []).append(since_s)
            if since_s < SETTLED_S:
                continue
            if error is None:
                self._found.silent += 1
                continue
            self._found.errors.append(error)
            if self._fed(number, sample["jumps"], sample["at_ms"]):
                self._found.fed.append(abs(error))
            self._found.modes.add(sample["mode"])
            found.append(error)
        if len(found) == len(self._pages):
            self._found.spreads.append(max(found) - min(found))

    def _fed(self, number: int, jumps: int, at_ms: float) -> bool:
        """Was this page's sound card given everything in time for a while?"""
        before, jumped_at_ms = self._jumps.get(number, (jumps, -math.inf))
        self._found.jumps += jumps - before
        self._jumps[number] = (jumps, at_ms if jumps > before else jumped_at_ms)
        return at_ms - self._jumps[number][1] > MENDED_AFTER_S * 1000

    def _error(self, sample: dict[str, Any]) -> float | None:
        if not sample["sounding"] or sample["playId"] != self._truth["play_id"]:
            return None
        heard_ms: float = sample["position_ms"]
        return heard_ms - (sample["at_ms"] + CUT_OFF_MS - self._truth["starts_at_ms"])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=1, help="on each line, in all")
    parser.add_argument("--listeners", type=int, nargs="+", default=[1, 4])
    chosen, _ = parser.parse_known_args()
    print(described() + ("" if come_first() else ", without priority for the sound"))
    measured = {
        (listeners, line): measure(line, listeners, chosen.minutes / len(chosen.listeners))
        for listeners in chosen.listeners
        for line in LINES
    }
    print(distances(measured))
    print(returns(measured))


def measure(line: tuple[int, int], listeners: int, minutes: float) -> Measured:
    """A room with this many listeners for so long, with all that happens in one."""
    found = Measured()
    with (
        TemporaryDirectory(prefix="beatsync-sync-") as folder,
        room(Path(folder)) as server,
        sync_playwright() as playwright,
        ExitStack() as stack,
    ):
        people = [arrive(stack, playwright, server, line) for _ in range(listeners + 1)]
        host, *others = people
        code = open_room(host)
        for other in others:
            other.enter(code)
            other.page.evaluate(ALONG)
        for person in people:
            person.hears()
        watch = Watch(host, code, [person.page for person in people], found)
        ends_at = time.monotonic() + minutes * 60
        changes_at = time.monotonic() + CHANGE_EVERY_S
        turn = 0
        while time.monotonic() < ends_at:
            watch.look()
            # Every fourth time nobody does anything, and the track goes on into the next.
            if time.monotonic() >= changes_at:
                changes_at += CHANGE_EVERY_S * (2.5 if turn % 4 == 3 else 1)
                if turn % 4 < len(CHANGES):
                    watch.change(CHANGES[turn % 4])
                turn += 1
            host.page.wait_for_timeout(LOOK_EVERY_S * 1000)
    return found


@contextmanager
def room(folder: Path) -> Iterator[Server]:
    """A server with tracks long enough for everything, and short enough to see them change."""
    music = folder / "Music"
    for number in range(TRACKS):
        audio.make(
            music / f"{number}.wav", seconds=TRACK_S, title=f"Track {number}", artists=("A",)
        )
    limits = {f"LIMIT_{name}": PLENTY for name in ("ADDRESS", "ROOMS", "ADDS", "HOST_ADDS")}
    (folder / "data").mkdir()
    with serving(folder / "data", MUSIC_DIRS=str(music), **limits) as server:
        yield server


def arrive(
    stack: ExitStack, playwright: Playwright, server: Server, line: tuple[int, int]
) -> Person:
    """Somebody with a browser and a line of their own."""
    latency_ms, jitter_ms = line
    url = server.url
    if latency_ms:
        slow = SlowLine(server.port, latency_ms=latency_ms, jitter_ms=jitter_ms)
        stack.callback(slow.close)
        url = f"http://127.0.0.1:{slow.port}"
    browser: Browser = chromium.launch(playwright, MORE)
    stack.callback(browser.close)
    return Person(browser, server, base_url=url)


def open_room(host: Person) -> str:
    """A room with a long queue, and its sound on the host's device."""
    code: str = host.api("POST", "", {"name": "Bench"})["code"]
    found = host.api("GET", f"/{code}/search?q=Track")["items"]
    for track in found:
        host.api("POST", f"/{code}/queue", {"uri": track["uri"]})
    host.enter(code)
    host.page.evaluate("""async () => {
      const room = await import(document.querySelector('script[src*="js/room"]').src);
      room.speaker.unlock();
      await room.speaker.claim();
    }""")
    return code


def distances(measured: dict[tuple[int, tuple[int, int]], Measured]) -> str:
    rows = []
    for (listeners, line), found in measured.items():
        errors = [abs(error) for error in found.errors]
        p50, p95, most = (f"{percentile(errors, share):.1f}" for share in (50, 95, 100))
        fed95, fed100 = (f"{percentile(found.fed, share):.1f}" for share in (95, 100))
        apart = f"{percentile(found.spreads, 95):.1f}"
        modes = " ".join(sorted(found.modes))
        rows.append(
            (f"{line[0]} ± {line[1]}", listeners, len(errors), p50, p95, most, found.jumps,
             len(found.fed), fed95, fed100, apart, modes, aims(line, errors))
        )  # fmt: skip
    head = ("latency ms", "listeners", "looks", "p50 ms", "p95 ms", "max ms", "gaps", "looks fed",
            "p95 fed", "max fed", "apart, p95 ms", "mode", "aim")  # fmt: skip
    return table("From the room, after two seconds of a track", head, rows)


def aims(line: tuple[int, int], errors: list[float]) -> str:
    p95, most = percentile(errors, 95), percentile(errors, 100)
    if line == LINES[0]:
        return aim(p95 <= 15 and most <= 40, "p95 ≤ 15, all ≤ 40")
    return aim(p95 <= 40, "p95 ≤ 40") if line == LINES[-1] else ""


def returns(measured: dict[tuple[int, tuple[int, int]], Measured]) -> str:
    rows = []
    for (listeners, line), found in measured.items():
        for kind, seconds in found.until_in_step.items():
            p50, most = percentile(seconds, 50), percentile(seconds, 100)
            rows.append(
                (
                    f"{line[0]} ± {line[1]}",
                    listeners,
                    kind,
                    len(seconds),
                    f"{p50:.2f}",
                    f"{most:.2f}",
                )
            )
    head = ("latency ms", "listeners", "after a", "times", "p50 s", "max s")
    return table(f"Until within {IN_STEP_MS} ms", head, rows)


if __name__ == "__main__":
    main()
