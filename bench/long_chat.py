"""How a slow phone scrolls through 2,000 messages while others write.

A guest's page in Chromium, 390 × 844, its main thread slowed down four times. It is read upwards
from the latest message to the first, by pages of 50, and then scrolled down and up again. The same
is done once more at full speed, and the processor's own time of each task counted.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from playwright.sync_api import CDPSession, Page, sync_playwright

from bench.client import Http
from bench.machine import CORES, described
from bench.report import aim, table
from bench.running import APPLICATION, DAPHNE, installation, serving
from bench.slow_phone import CPU_SLOWDOWN, LONG_TASK_MS, PHONE, processor_ms, slow_down
from bench.stage import Stage, Wanted, stage
from tests import chromium
from tests.servers import Server

MESSAGES, PEOPLE, WRITTEN_PER_S = 2_000, 12, 2
# Pixels of one stroke, and pixels a second.
STROKE, SPEED = 3_000, 6_000
# Scrolling by so many pixels goes past all messages.
PAST_ALL, FAST = 120_000, 12_000
SETTLE_S = 3.0
MIDDLE = {"x": 195, "y": 450}
# More strokes than it takes to read all.
MOST_STROKES = 100

WATCH = """() => {
  localStorage.setItem("beatsync:name-asked", "true");
  new PerformanceObserver((list) => {
    for (const {duration} of list.getEntries()) benchTask(duration);
  }).observe({type: "longtask"});
}"""


def main() -> None:
    print(described())
    print(long_chat(), flush=True)


def long_chat() -> str:
    with (
        installation(LIMIT_CHAT="1000000/1") as environment,
        serving(environment, *DAPHNE, APPLICATION) as server,
    ):
        [room] = stage(environment, Wanted(people=PEOPLE, queue=5, messages=MESSAGES))
        with _entered(server, room) as watched, _writing(server, room):
            rows = [
                _row(name, slow, fast)
                for (name, slow), fast in zip(
                    watched.slow_tasks().items(), watched.tasks_at_full_speed(), strict=True
                )
            ]
    head = ["", "tasks > 50 ms", "longest ms", "at full speed: tasks > 12.5 ms CPU",
            "longest ms CPU", "aim"]  # fmt: skip
    title = f"{MESSAGES:,} messages, {WRITTEN_PER_S} more a second, CPU {CPU_SLOWDOWN} times slower"
    return table(title, head, rows)


def _row(name: str, slow: list[float], fast: list[float]) -> list[object]:
    long_ones = [ms for ms in slow if ms > LONG_TASK_MS]
    at_full_speed = [ms for ms in fast if ms > LONG_TASK_MS / CPU_SLOWDOWN]
    return [
        name, len(long_ones), f"{max(long_ones, default=0):.0f}",
        len(at_full_speed), f"{max(fast):.1f}", aim(not long_ones, f"no task > {LONG_TASK_MS} ms"),
    ]  # fmt: skip


class Watched:
    """A guest's page, and the long tasks that it tells of, in ms."""

    def __init__(self, page: Page, room: Stage) -> None:
        self._page, self._room = page, room
        self._devtools = page.context.new_cdp_session(page)
        self._tasks: list[float] = []
        page.expose_binding("benchTask", lambda _, ms: self._tasks.append(ms))
        page.add_init_script(f"({WATCH})()")

    def slow_tasks(self) -> dict[str, list[float]]:
        """The long tasks of each way to scroll, slowed down."""
        self._open_chat(CPU_SLOWDOWN)
        found = {}
        for name, scroll in WAYS.items():
            self._tasks.clear()
            scroll(self._page, self._devtools)
            self._page.wait_for_timeout(SETTLE_S * 1000)
            found[name] = self._tasks[:]
        return found

    def tasks_at_full_speed(self) -> list[list[float]]:
        """What all tasks of each way take of the processor, in ms."""
        self._open_chat(1)
        return [
            processor_ms(self._page, self._devtools, partial(scroll, self._page, self._devtools))
            for scroll in WAYS.values()
        ]

    def _open_chat(self, times: int) -> None:
        """The page anew, its chat in front, with the latest messages."""
        slow_down(self._devtools, 1)
        self._page.goto(f"/r/{self._room.code}")
        views = self._page.get_by_role("navigation", name="Views")
        views.get_by_role("button", name=re.compile("^Chat")).tap()
        self._page.locator("[data-chat-list] > .message").nth(40).wait_for()
        slow_down(self._devtools, times)
        self._page.wait_for_timeout(SETTLE_S * 1000)


@contextmanager
def _entered(server: Server, room: Stage) -> Iterator[Watched]:
    # A phone paints beside the main thread that is slowed down: the browser may use every core.
    os.sched_setaffinity(0, CORES)
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        context = browser.new_context(base_url=server.url, **PHONE)
        context.add_cookies([{"name": "guest", "value": room.cookies[1], "url": server.url}])
        yield Watched(context.new_page(), room)
        browser.close()


def _read_up(page: Page, devtools: CDPSession) -> None:
    """Read on upwards until there is nothing older."""
    for _ in range(MOST_STROKES):
        if not page.locator("[data-older]").is_visible():
            return
        _drag(devtools, STROKE, SPEED)
    raise AssertionError("not all messages came")


def _scroll(page: Page, devtools: CDPSession) -> None:
    """Down to the end, and up to the beginning again."""
    _drag(devtools, -PAST_ALL, FAST)
    _drag(devtools, PAST_ALL, FAST)


def _drag(devtools: CDPSession, distance: int, speed: int) -> None:
    """Turn a wheel, for a headless page takes no drag: so many pixels, down is positive."""
    gesture = {**MIDDLE, "yDistance": distance, "speed": speed, "gestureSourceType": "mouse"}
    devtools.send("Input.synthesizeScrollGesture", gesture)


WAYS = {"read upwards, by pages": _read_up, "scrolled down and up": _scroll}


@contextmanager
def _writing(server: Server, room: Stage) -> Iterator[None]:
    """Others write at a steady rate, from a thread of their own."""
    ended = threading.Event()

    async def run() -> None:
        http, number = Http(server.port), 0
        path = f"/api/rooms/{room.code}/chat"
        while not ended.is_set():
            body = json.dumps({"text": f"{number} is what I say"})
            cookie = room.cookies[2 + number % (PEOPLE - 2)]
            status, answer = await http.ask("POST", path, cookie=cookie, body=body)
            assert status == 201, answer
            number += 1
            await asyncio.sleep(1 / WRITTEN_PER_S)
        await http.close()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


if __name__ == "__main__":
    main()
