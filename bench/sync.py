"""How far devices that sound together are from the room, and how soon they are in step again.

One speaker and listeners along with it, each a browser of its own, on lines without and with
latency. All on one machine, so there is a truth: the server's `starts_at_ms` against this machine's
clock. Each page is asked four times a second what is heard just now (`LocalPlayer.sampled`): the
place in the track by the clock of the sound card, the way to the ear included.

    python -m bench.sync [--minutes 1] [--listeners 1 4] [--latency 0 50 200] [--browser firefox]

The last listener is a phone: it joins anew, sleeps and wakes, is locked and comes back. Chromium
needs no sound card. Firefox plays nothing without one, so it has one in memory; it does not sleep.
"""

import argparse
import math
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from bench.machine import come_first, described
from bench.report import aim, percentile, table
from bench.running import PLENTY
from bench.slow_line import SlowLine
from tests import audio, chromium
from tests.browser.absence import hide, sleep_for
from tests.browser.people import PHONE, Person
from tests.engines import firefox
from tests.servers import Server, serving
from tests.sound_card import virtual_sound_card

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
SETTLED_P95_MS, SETTLED_MAX_MS, BACK_WITHIN_S = 5, 25, 1
CHANGES = ("seek", "pause", "skip", "join", "wake", "return")
# Of which only the last listener knows; for how long it is away before.
OF_ONE = {"join": 2, "wake": 6, "return": 4}
# Not in Firefox: which processes have its pages is asked for in Chromium's own protocol.
OF_CHROMIUM = {"wake"}
CHANGE_EVERY_S = 8
# Soon after a change every page is asked more often: that is how exactly its return is known.
LOOK_SOON_S = 0.05
MORE = "--autoplay-policy=no-user-gesture-required"

# What is heard, and what the room wants, in one breath.
SAMPLE = """async () => {
  const room = await import(document.querySelector('script[type=module]').src);
  return room.localPlayer.sampled();
}"""
ALONG = """async () => {
  const room = await import(document.querySelector('script[type=module]').src);
  room.along.on();
}"""
# A page that only lets a sound card run, and counts its gaps: what the machine does to everybody.
BARE_CARD = """async () => {
  const context = new AudioContext({ latencyHint: "playback" });
  await context.resume();
  const readings = [];
  window.gaps = 0;
  setInterval(() => {
    const { contextTime, performanceTime } = context.getOutputTimestamp();
    readings.push(performanceTime - contextTime * 1000);
    const [before, one, other] = readings.slice(-3);
    if (Math.abs(one - before) < 5 || Math.abs(other - one) >= 5) return;
    window.gaps += 1;
    readings.splice(0, readings.length - 1);
  }, 100);
}"""
ALONE = ALONG.replace(".on()", ".off()")
# Date.now() is whole milliseconds, cut off: on the average half a one late.
CUT_OFF_MS = 0.5


@dataclass
class Return:
    """How long a page took to be in step, and whether its sound card had a gap meanwhile."""

    seconds: float
    gap: bool


@dataclass
class Measured:
    """What was found on one line."""

    errors: list[float] = field(default_factory=list)
    fed: list[float] = field(default_factory=list)
    jumps: int = 0
    bare_gaps: int = 0
    spreads: list[float] = field(default_factory=list)
    modes: set[str] = field(default_factory=set)
    silent: int = 0
    until_in_step: dict[str, list[Return]] = field(default_factory=dict)


class Watch:
    """The room's truth as it changes, and what each page sounds of it."""

    def __init__(self, host: Person, code: str, pages: list[Page], found: Measured) -> None:
        self._host, self._code, self._pages, self._found = host, code, pages, found
        self._truth: dict[str, Any] = {}
        self._changed_at = 0.0
        self._kind = "track"
        # The pages that are not in step yet, and the gaps of their cards before the change.
        self._waiting: dict[int, int] = {}
        self._jumps: dict[int, tuple[int, float]] = {}
        self.refresh("track")
        self._waiting = {}

    def change(self, kind: str) -> None:
        """Let the host do something."""
        path = f"/{self._code}/playback"
        if kind == "seek":
            position_ms = random.randrange(2_000, TRACK_S * 500)
            self._host.api("POST", f"{path}/seek", {"position_ms": position_ms})
        elif kind == "skip":
            self._host.api("POST", f"{path}/skip", {})
        elif kind == "pause":
            self._host.api("POST", f"{path}/pause", {})
            self._host.page.wait_for_timeout(1_000)
            self._host.api("POST", f"{path}/play", {})
        else:
            self._leave_and_return(kind)
        self.refresh(kind)

    def _leave_and_return(self, kind: str) -> None:
        """Let the last listener be away for some seconds."""
        page, away_s = self._pages[-1], OF_ONE[kind]
        if kind == "wake":
            sleep_for(page, seconds=away_s)
        elif kind == "join":
            page.evaluate(ALONE)
            page.wait_for_timeout(away_s * 1_000)
            page.evaluate(ALONG)
        else:
            hide(page, True)
            page.wait_for_timeout(away_s * 1_000)
            hide(page, False)

    @property
    def pause_s(self) -> float:
        """How long until the next look."""
        just_now = time.time() * 1000 - self._changed_at < SETTLED_S * 1000
        return LOOK_SOON_S if just_now and self._waiting else LOOK_EVERY_S

    def refresh(self, kind: str) -> None:
        """Read what is true now; a change of this kind has just been made."""
        self._truth = self._host.api("GET", f"/{self._code}")["playback"]
        # A change counts from the moment that the server has named for it.
        starts_at_ms = self._truth["starts_at_ms"] or 0
        self._changed_at = max(time.time() * 1000, starts_at_ms)
        self._kind = kind
        waiting = range(len(self._pages))[-1:] if kind in OF_ONE else range(len(self._pages))
        self._waiting = {number: self._jumps.get(number, (0, 0.0))[0] for number in waiting}

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
            if error is not None and abs(error) <= IN_STEP_MS and number in self._waiting:
                gap = sample["jumps"] > self._waiting.pop(number)
                self._found.until_in_step.setdefault(self._kind, []).append(Return(since_s, gap))
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
        room_ms = sample["at_ms"] + CUT_OFF_MS - self._truth["starts_at_ms"]
        error_ms: float = sample["position_ms"] - room_ms
        return error_ms


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=1, help="on each line, in all")
    parser.add_argument("--listeners", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--latency", type=int, nargs="+", default=[ms for ms, _ in LINES])
    parser.add_argument("--browser", choices=("chromium", "firefox"), default="chromium")
    chosen, _ = parser.parse_known_args()
    minutes = chosen.minutes / len(chosen.listeners)
    print(described() + ("" if come_first() else ", without priority for the sound"))
    measured = {
        (listeners, line): measure(line, listeners, minutes, chosen.browser)
        for listeners in chosen.listeners
        for line in LINES
        if line[0] in chosen.latency
    }
    print(distances(measured))
    print(returns(measured))


def measure(line: tuple[int, int], listeners: int, minutes: float, browser: str) -> Measured:
    """A room with this many listeners for so long, with all that happens in one."""
    found = Measured()
    with (
        TemporaryDirectory(prefix="beatsync-sync-") as folder,
        room(Path(folder)) as server,
        sync_playwright() as playwright,
        ExitStack() as stack,
    ):
        launch = launcher(stack, playwright, browser, Path(folder))
        people = [arrive(stack, launch, server, line) for _ in range(listeners)]
        people.append(arrive(stack, launch, server, line, **PHONE))
        host, *others = people
        code = open_room(host)
        for other in others:
            other.enter(code)
            other.page.evaluate(ALONG)
        for person in people:
            person.hears()
        bare = host.context.new_page()
        bare.evaluate(BARE_CARD)
        come_first()
        watch = Watch(host, code, [person.page for person in people], found)
        changes = [kind for kind in CHANGES if browser == "chromium" or kind not in OF_CHROMIUM]
        ends_at = time.monotonic() + minutes * 60
        changes_at = time.monotonic() + CHANGE_EVERY_S
        turn = 0
        while time.monotonic() < ends_at:
            watch.look()
            # After all changes nobody does anything once, and the track goes on into the next.
            if time.monotonic() >= changes_at:
                kind = turn % (len(changes) + 1)
                changes_at += CHANGE_EVERY_S * (1 if kind < len(changes) else 2.5)
                if kind < len(changes):
                    watch.change(changes[kind])
                turn += 1
            host.page.wait_for_timeout(watch.pause_s * 1000)
        found.bare_gaps = bare.evaluate("() => window.gaps")
    return found


def launcher(
    stack: ExitStack, playwright: Playwright, browser: str, folder: Path
) -> Callable[[], Browser]:
    """Starts one more browser of this name, which sounds without a tap."""
    if browser == "chromium":
        return partial(chromium.launch, playwright, MORE)
    card = stack.enter_context(virtual_sound_card(folder))
    return partial(firefox.launch, playwright, environment=card, plays_untapped=True)


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
    stack: ExitStack,
    launch: Callable[[], Browser],
    server: Server,
    line: tuple[int, int],
    **options: Any,
) -> Person:
    """Somebody with a browser and a line of their own."""
    latency_ms, jitter_ms = line
    url = server.url
    if latency_ms:
        slow = SlowLine(server.port, latency_ms=latency_ms, jitter_ms=jitter_ms)
        stack.callback(slow.close)
        url = f"http://127.0.0.1:{slow.port}"
    browser = launch()
    stack.callback(browser.close)
    return Person(browser, server, base_url=url, **options)


def open_room(host: Person) -> str:
    """A room with a long queue, and its sound on the host's device."""
    code: str = host.api("POST", "", {"name": "Bench"})["code"]
    found = host.api("GET", f"/{code}/search?q=Track")["items"]
    for track in found:
        host.api("POST", f"/{code}/queue", {"uri": track["uri"]})
    host.enter(code)
    host.page.evaluate("""async () => {
      const room = await import(document.querySelector('script[type=module]').src);
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
             found.bare_gaps, len(found.fed), fed95, fed100, apart,
             modes, settled_aim(found))
        )  # fmt: skip
    head = ("latency ms", "listeners", "looks", "p50 ms", "p95 ms", "max ms", "gaps",
            "bare page's", "looks fed",
            "p95 fed", "max fed", "apart, p95 ms", "mode", "aim")  # fmt: skip
    return table("From the room, after two seconds of a track", head, rows)


def settled_aim(found: Measured) -> str:
    """Away from gaps of the sound card: what the machine does not feed nobody can play."""
    p95, most = percentile(found.fed, 95), percentile(found.fed, 100)
    met = p95 <= SETTLED_P95_MS and most <= SETTLED_MAX_MS
    return aim(met, f"fed: p95 ≤ {SETTLED_P95_MS}, all ≤ {SETTLED_MAX_MS}")


def returns(measured: dict[tuple[int, tuple[int, int]], Measured]) -> str:
    rows = []
    for (listeners, line), found in measured.items():
        for kind, returned in found.until_in_step.items():
            seconds = [one.seconds for one in returned]
            fed = [one.seconds for one in returned if not one.gap]
            p50, most, most_fed = (
                f"{percentile(some, share):.2f}"
                for some, share in ((seconds, 50), (seconds, 100), (fed, 100))
            )
            met = aim(not fed or max(fed) <= BACK_WITHIN_S, f"fed: ≤ {BACK_WITHIN_S}")
            rows.append(
                (f"{line[0]} ± {line[1]}", listeners, kind, len(seconds), p50, most, len(fed),
                 most_fed, met)
            )  # fmt: skip
    head = ("latency ms", "listeners", "after a", "times", "p50 s", "max s", "times fed",
            "max fed", "aim")  # fmt: skip
    return table(f"Until within {IN_STEP_MS} ms", head, rows)


if __name__ == "__main__":
    main()
