"""How quick a room's page is on a slow phone while many vote: taps, frames, long tasks, memory.

One guest's page in Chromium, 390 × 844, its main thread slowed down four times; beside it other
members vote over HTTP, for items chosen at random, so that nearly every vote moves a row.

Where other work keeps the machine busy, times grow with it. So the page is then watched at full
speed for a while, and the processor's own time of each task of its main thread counted, which
other work hardly changes: 12.5 ms of it are 50 ms on a phone that is four times slower.

A tap is a touch that the browser itself dispatches. It is shown when the frame has been painted
in which the tapped key says so (`aria-pressed`); the time runs from the touch's end.
"""

import asyncio
import json
import math
import os
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from bench.client import Http
from bench.machine import CORES
from bench.report import aim, percentile, table
from bench.running import APPLICATION, DAPHNE, installation, serving
from bench.slow_phone import CPU_SLOWDOWN, LONG_TASK_MS, PHONE, processor_ms, slow_down
from bench.stage import Stage, Wanted, stage
from tests import audio, chromium
from tests.servers import ROOT, Server

VOTERS = 40
# Most votes are up, as in a room; some are taken back.
VALUES = (1, 1, 1, -1, 0)
VOTES_PER_S = 20
SHEET_GONE_S = 1.0
TAP_EVERY_S = 0.8
# How long a touch lasts.
TOUCH_S = 0.06
# After this time a tap that shows nothing is given up; it counts with this time.
GIVEN_UP_S = 20.0
SETTLE_S = 3.0
# The track that plays lasts so much longer than the bench.
SPARE_S = 120
# How long the page is watched at full speed.
FULL_SPEED_S = 10.0
# A page that reports nothing within this time is too busy to answer, and is given up.
ANSWERS_WITHIN_S = 3.0

# What the page notes of itself, and tells twice a second: taps, frames, long tasks. It comes before
# any script of the page's own. Asking the page would wait behind all that it has yet to draw.
WATCH = """() => {
  localStorage.setItem("beatsync:name-asked", "true");
  const seen = {taps: [], missed: [], frames: [], tasks: []};
  let tapped = null;
  addEventListener("pointerup", (event) => {
    const key = event.target.closest("button[aria-pressed]");
    if (key) tapped = {key, was: key.getAttribute("aria-pressed"), at: event.timeStamp};
    else seen.missed.push(event.timeStamp);
  }, true);
  const painted = new MessageChannel();
  painted.port1.onmessage = ({data}) => {
    seen.taps.push(performance.now() - data);
    tell();
  };
  new MutationObserver(() => {
    if (!tapped || tapped.key.getAttribute("aria-pressed") === tapped.was) return;
    const {at} = tapped;
    tapped = null;
    // A message that is sent while a frame is made arrives when it has been painted.
    requestAnimationFrame(() => painted.port2.postMessage(at));
  }).observe(document, {subtree: true, attributeFilter: ["aria-pressed"]});
  new PerformanceObserver((list) => {
    for (const {duration} of list.getEntries()) seen.tasks.push(duration);
  }).observe({type: "longtask"});
  const frame = (now) => {
    seen.frames.push(now);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const tell = () => {
    benchSeen(seen);
    for (const values of Object.values(seen)) values.length = 0;
  };
  setInterval(tell, 500);
}"""
# The middles of the vote-up keys that lie free in the window. Slots stay where they are, until a
# banner pushes them down.
FREE_KEYS = """() => {
  const free = [];
  for (const key of document.querySelectorAll('[data-item] button[value="1"]')) {
    const {left, top, width, height} = key.getBoundingClientRect();
    if (top > innerHeight) break;
    const point = {x: left + width / 2, y: top + height / 2};
    if (width > 0 && key.contains(document.elementFromPoint(point.x, point.y))) free.push(point);
  }
  return free;
}"""


@dataclass
class Watched:
    """A page, and what it has told of itself so far. Times in ms."""

    page: Page
    devtools: CDPSession
    keys: list[dict[str, float]] = field(default_factory=list)
    taps: list[float] = field(default_factory=list)
    missed: list[float] = field(default_factory=list)
    frames: list[float] = field(default_factory=list)
    tasks: list[float] = field(default_factory=list)
    told_at: float = 0.0

    def note(self, seen: dict[str, list[float]]) -> None:
        self.told_at = time.monotonic()
        self.taps += seen["taps"]
        self.missed += seen["missed"]
        self.frames += seen["frames"]
        self.tasks += seen["tasks"]

    def forget(self) -> None:
        """What follows is counted."""
        for values in (self.taps, self.frames, self.tasks):
            values.clear()

    def tap(self) -> None:
        """Touch a vote key in the window, and wait until that is shown.

        A touch beside the keys, which have moved meanwhile, is none.
        """
        taps = len(self.taps) + 1
        self.missed.clear()
        point = random.choice(self.keys)
        self._touch("touchStart", point)
        self.page.wait_for_timeout(TOUCH_S * 1000)
        self._touch("touchEnd")
        given_up_at = time.monotonic() + GIVEN_UP_S
        self.page.wait_for_timeout(TAP_EVERY_S * 1000)
        while len(self.taps) < taps and not self.missed and time.monotonic() < given_up_at:
            self.page.wait_for_timeout(100)
        if self.missed:
            # Beside a key lies its row, which opens a sheet over all keys.
            self.page.keyboard.press("Escape")
            self.page.wait_for_timeout(SHEET_GONE_S * 1000)
            self.keys = self.page.evaluate(FREE_KEYS) or self.keys
        elif len(self.taps) < taps:
            self.taps.append(GIVEN_UP_S * 1000)

    def tasks_at_full_speed(self) -> list[float]:
        """What each task of the main thread takes of the processor, in ms, for `FULL_SPEED_S`."""

        def keep_tapping() -> None:
            until = time.monotonic() + FULL_SPEED_S
            while time.monotonic() < until:
                self.tap()

        slow_down(self.devtools, 1)
        self.page.wait_for_timeout(SETTLE_S * 1000)
        return processor_ms(self.page, self.devtools, keep_tapping)

    def _touch(self, kind: str, *points: dict[str, float]) -> None:
        self.devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def memory(self) -> tuple[float, int] | None:
        """MB of the heap after a collection, and how many nodes; None: the page answers nobody."""
        if time.monotonic() - self.told_at > ANSWERS_WITHIN_S:
            return None
        self.devtools.send("HeapProfiler.collectGarbage")
        told: dict[str, Any] = self.devtools.send("Performance.getMetrics")
        metrics = {each["name"]: each["value"] for each in told["metrics"]}
        return metrics["JSHeapUsedSize"] / 1e6, int(metrics["Nodes"])


@dataclass(frozen=True)
class Seen:
    """What was found in one room. Times in ms."""

    rows: int
    minutes: float
    votes_per_s: float
    taps: list[float]
    frames_per_s: float
    longest_frame: float
    tasks: list[float]
    memory: list[tuple[float, int] | None]
    full_speed: list[float]


def busy_room(*, minutes: float, root: Path = ROOT) -> str:
    """The table of a quiet room, a busy one and one with 500 rows."""
    rooms = ((200, 0, 0.2), (200, VOTES_PER_S, minutes), (500, VOTES_PER_S, 0.3))
    found = [
        measure(rows=rows, votes_per_s=votes, minutes=lasts, root=root)
        for rows, votes, lasts in rooms
    ]
    return _table(found)


def measure(*, rows: int, votes_per_s: float, minutes: float, root: Path = ROOT) -> Seen:
    """Watch a page of the version at `root` for so many minutes.

    At most 500 items wait in a room, and the one that plays had to wait for a moment.
    """
    with (
        _music(round(minutes * 60) + SPARE_S) as folder,
        installation(root=root, MUSIC_DIRS=folder) as environment,
        serving(environment, *DAPHNE, APPLICATION, root=root) as server,
    ):
        [room] = stage(environment, Wanted(people=VOTERS + 2, queue=rows - 1), root=root)
        _play(server, room)
        with _entered(server, room) as watched:
            memory = [watched.memory()]
            with _voting(server, room, votes_per_s) as cast:
                watched.page.wait_for_timeout(SETTLE_S * 1000)
                watched.forget()
                began, counted = time.monotonic(), cast[0]
                for share in (0.5, 1.0):
                    while time.monotonic() < began + minutes * 60 * share:
                        watched.tap()
                    memory.append(watched.memory())
                lasted = time.monotonic() - began
                rate = (cast[0] - counted) / lasted
                taps, frames, tasks = watched.taps[:], watched.frames[:], watched.tasks[:]
                full_speed = watched.tasks_at_full_speed()
    return Seen(
        rows=rows,
        minutes=minutes,
        votes_per_s=rate,
        taps=taps,
        frames_per_s=len(frames) / lasted,
        longest_frame=max((after - before for before, after in pairwise(frames)), default=math.nan),
        tasks=[task for task in tasks if task > LONG_TASK_MS],
        memory=memory,
        full_speed=full_speed,
    )


@contextmanager
def _music(seconds: int) -> Iterator[str]:
    """A folder with one long track."""
    with tempfile.TemporaryDirectory(prefix="beatsync-bench-music-") as folder:
        audio.make(Path(folder) / "Long.wav", seconds=seconds, title="Long", artists=("A",))
        yield folder


def _play(server: Server, room: Stage) -> None:
    """The long track plays, so that each row has a time that moves with the order."""

    async def play() -> None:
        http, path = Http(server.port), f"/api/rooms/{room.code}"
        [cookie, *_] = room.cookies
        rules = '{"rules": {"longest_min": 180}}'
        assert (await http.ask("PATCH", path, cookie=cookie, body=rules))[0] == 200
        _, found = await http.ask("GET", f"{path}/search?q=Long", cookie=cookie)
        body = json.dumps({"uri": json.loads(found)["items"][0]["uri"]})
        for where, said in (("queue", body), ("playback/play", "{}")):
            status, answer = await http.ask("POST", f"{path}/{where}", cookie=cookie, body=said)
            assert status in (200, 201), answer
        await http.close()

    asyncio.run(play())


@contextmanager
def _entered(server: Server, room: Stage) -> Iterator[Watched]:
    """A guest's page in the room, slowed down once it is there."""
    # A phone paints beside the main thread that is slowed down: the browser may use every core.
    os.sched_setaffinity(0, CORES)
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        context = browser.new_context(base_url=server.url, **PHONE)
        context.add_cookies([{"name": "guest", "value": room.cookies[1], "url": server.url}])
        page = context.new_page()
        watched = Watched(page, context.new_cdp_session(page))
        page.expose_binding("benchSeen", lambda _, seen: watched.note(seen))
        page.add_init_script(f"({WATCH})()")
        page.goto(f"/r/{room.code}")
        page.wait_for_selector("[data-item] >> nth=2")
        page.wait_for_timeout(SETTLE_S * 1000)
        watched.keys = page.evaluate(FREE_KEYS)
        watched.devtools.send("Performance.enable")
        slow_down(watched.devtools, CPU_SLOWDOWN)
        yield watched
        browser.close()


@contextmanager
def _voting(server: Server, room: Stage, votes_per_s: float) -> Iterator[list[int]]:
    """Others vote at a steady rate, from a thread of their own. Yields how many votes counted."""
    cast, ended = [0], threading.Event()

    async def vote(http: Http, at: int) -> None:
        cookie = room.cookies[2 + at % VOTERS]
        status, body = await http.vote(
            room.code, random.choice(room.items), cookie=cookie, value=random.choice(VALUES)
        )
        # One item plays and another is locked.
        assert status in (200, 404, 409), body
        cast[0] += status == 200

    async def run() -> None:
        http, began, at = Http(server.port), time.monotonic(), 0
        async with asyncio.TaskGroup() as votes:
            while not ended.is_set():
                votes.create_task(vote(http, at))
                at += 1
                await asyncio.sleep(began + at / votes_per_s - time.monotonic())
        await http.close()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    if votes_per_s:
        thread.start()
    try:
        yield cast
    finally:
        ended.set()
        if votes_per_s:
            thread.join()


def _table(found: list[Seen]) -> str:
    head = ["rows", "votes/s", "minutes", "taps", "tap → shown p50 ms", "p95 ms", "tasks > 50 ms",
            "longest ms", "frames/s", "longest frame ms", "heap MB", "nodes",
            "CPU at full speed, %", "tasks > 12.5 ms CPU", "longest ms CPU", "aim"]  # fmt: skip
    rows = [
        [
            seen.rows, f"{seen.votes_per_s:.0f}", f"{seen.minutes:g}", len(seen.taps),
            f"{percentile(seen.taps, 50):.0f}", f"{percentile(seen.taps, 95):.0f}",
            len(seen.tasks), f"{max(seen.tasks, default=0):.0f}", f"{seen.frames_per_s:.1f}",
            f"{seen.longest_frame:.0f}",
            " → ".join("–" if each is None else f"{each[0]:.1f}" for each in seen.memory),
            " → ".join("–" if each is None else f"{each[1]:,}" for each in seen.memory),
            f"{sum(seen.full_speed) / FULL_SPEED_S / 10:.0f}",
            sum(task > LONG_TASK_MS / CPU_SLOWDOWN for task in seen.full_speed),
            f"{max(seen.full_speed):.1f}",
            _aims(seen),
        ]
        for seen in found
    ]  # fmt: skip
    return table(f"A guest's page, 390 × 844, CPU slowed down {CPU_SLOWDOWN} times", head, rows)


def _aims(seen: Seen) -> str:
    p95 = percentile(seen.taps, 95)
    if seen.rows > 200:
        return aim(p95 <= 200, "p95 ≤ 200")
    return ", ".join(
        (
            aim(p95 <= 50, "p95 ≤ 50"),
            aim(not seen.tasks, "no task > 50"),
            aim(seen.frames_per_s >= 50, "≥ 50 frames/s"),
        )
    )
