"""A room plays its shelf again and again while devices come and go: is it ever silent, or twice?

The host's browser sounds for the room, three others come, listen along, reload and go. What the
host's browser sounds is asked several times a second; what has played is the room's own history.

    python -m bench.evening [--minutes 60]
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import sync_playwright

from bench.machine import described
from bench.report import aim, table
from tests import chromium
from tests.browser.people import Person
from tests.servers import serving

LOOK_EVERY_S = 0.2
# Seconds between two acts of devices.
ACT_EVERY_S = 15.0
SILENCE_S = 1.0
# Going back further than this within one play is no correction but a second start.
BACK_MS = 500.0
ROOM = "(await import(document.querySelector('script[type=module]').src))"
SAMPLE = f"async () => {ROOM}.localPlayer.sampled()"


@dataclass
class Heard:
    """What the speaker sounded: silences over a second, in seconds, and second starts."""

    silences: list[float] = field(default_factory=list)
    second_starts: int = 0


@dataclass
class Told:
    """What the history of the room says: tracks by title, in order, and the gaps between them."""

    titles: list[str]
    outcomes: Counter[str]
    gaps_ms: list[int]

    def rounds(self, tracks: int) -> bool:
        """Whether every track of the shelf has played once before any played again, each time."""
        whole = [self.titles[at : at + tracks] for at in range(0, len(self.titles), tracks)]
        return all(len(set(part)) == len(part) for part in whole)


def listen(
    speaker: Person,
    acts: Iterator[Callable[[], object]],
    *,
    every_s: float,
    until: Callable[[], bool],
) -> Heard:
    """Hear what the speaker sounds, and let the next thing happen every so many seconds."""
    heard = Heard()
    last: tuple[str, float] = ("", 0.0)
    moved_at = looked_at = time.monotonic()
    act_at = moved_at + every_s
    while not until():
        sample = speaker.page.evaluate(SAMPLE)
        now = time.monotonic()
        # A busy machine looks late. That time says nothing about the sound, so it does not count.
        moved_at += max(0.0, now - looked_at - 2 * LOOK_EVERY_S)
        looked_at = now
        place = (sample["playId"], sample["position_ms"] or 0.0)
        if place[0] == last[0] and place[1] < last[1] - BACK_MS:
            heard.second_starts += 1
        if sample["sounding"] and place != last:
            if now - moved_at > SILENCE_S:
                heard.silences.append(now - moved_at)
            moved_at = now
        last = place
        if now >= act_at:
            next(acts)()
            # What was done took its time, in which nobody listened.
            moved_at += time.monotonic() - now
            looked_at = time.monotonic()
            act_at = time.monotonic() + every_s
        speaker.page.wait_for_timeout(LOOK_EVERY_S * 1000)
    return heard


def history(host: Person, code: str) -> Told:
    """All that has played in the room, the first at first."""
    items: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        page = host.api("GET", f"/{code}/history{cursor and f'?cursor={cursor}'}")
        items += page["items"]
        cursor = page["next"]
    items.reverse()
    gaps_ms = [after["started_at"] - before["ended_at"] for before, after in pairwise(items)]
    titles = [item["track"]["title"] for item in items]
    return Told(titles, Counter(item["outcome"] for item in items), gaps_ms)


def comings_and_goings(person: Person, code: str) -> list[Callable[[], None]]:
    """What a device that listens along does in the course of an evening."""

    def reload() -> None:
        person.page.reload()

    def come_anew() -> None:
        person.page.close()
        person.new_tab()
        person.enter(code)
        person.page.evaluate(f"async () => {ROOM}.along.on()")

    def turn(way: str) -> Callable[[], None]:
        return lambda: person.page.evaluate(f"async () => {ROOM}.along.{way}()")

    return [reload, come_anew, turn("on"), turn("off")]


def start(host: Person) -> str:
    """A room that plays the shelf on the host's browser. Returns its code."""
    code: str = host.api("POST", "", {"name": "Evening"})["code"]
    host.enter(code)
    host.page.evaluate(f"async () => {{ {ROOM}.speaker.unlock(); await {ROOM}.speaker.claim(); }}")
    host.api("POST", f"/{code}/playback/play", {})
    host.hears()
    return code


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=2.5)
    chosen, _ = parser.parse_known_args()
    print(described())
    with (
        TemporaryDirectory(prefix="beatsync-evening-") as folder,
        serving(Path(folder)) as server,
        sync_playwright() as playwright,
        ExitStack() as stack,
    ):
        people = []
        for _ in range(4):
            browser = chromium.launch(playwright, "--autoplay-policy=no-user-gesture-required")
            stack.callback(browser.close)
            people.append(Person(browser, server))
        host, *others = people
        code = start(host)
        acts = []
        for other in others:
            other.enter(code)
            acts += comings_and_goings(other, code)
        ends_at = time.monotonic() + chosen.minutes * 60
        by_chance = (random.choice(acts) for _ in count())
        heard = listen(
            host, by_chance, every_s=ACT_EVERY_S, until=lambda: time.monotonic() >= ends_at
        )
        told = history(host, code)
        tracks = host.api("GET", f"/{code}")["playback"]["shelf"]["tracks"]
    whole = told.rounds(tracks)
    rows = [
        ("minutes", f"{chosen.minutes:g}", ""),
        ("tracks heard to their end", told.outcomes["played"], ""),
        ("tracks that failed", told.outcomes["failed"], aim(not told.outcomes["failed"], "none")),
        ("each once a round", "yes" if whole else "no", aim(whole, "yes")),
        ("most between two tracks, ms", max(told.gaps_ms, default=0), ""),
        (
            f"silences over {SILENCE_S:g} s",
            len(heard.silences),
            aim(not heard.silences, "none"),
        ),
        ("second starts", heard.second_starts, aim(not heard.second_starts, "none")),
    ]
    print(table("Four devices, three of which come and go", ("what", "found", "aim"), rows))


if __name__ == "__main__":
    main()
