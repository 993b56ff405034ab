"""A guest's first visit of a room on a slow phone, and what a new guest costs the server.

Fast 3G as Chromium's developer tools throttle it (1.6 Mbit/s down and 750 kbit/s up, of which 90 %
reach the page, and 562.5 ms added to each request), and four times less CPU. Covers and audio are
not counted. *First* is a browser that was never here, *warm* the same browser once more.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from bench.machine import CLIENT_CORE, SERVER_CORE, cpu_s, on_core
from bench.report import aim, table
from tests import audio, chromium
from tests.browser.conftest import NO_LIMIT, WAIT_FOR_LIBRARY
from tests.browser.people import PHONE, Person
from tests.servers import Server, installation

ROUNDS = 3
GUESTS = 6
CPU_SLOWDOWN = 4
TITLES = ("Amber", "Birch", "Cedar", "Dune", "Elm")
FAST_3G = {
    "offline": False,
    "latency": 562.5,
    "downloadThroughput": 1.6 * 1024 * 1024 / 8 * 0.9,
    "uploadThroughput": 750 * 1024 / 8 * 0.9,
}
# What a page goes on loading once it is live, within this time, counts.
SETTLE_MS = 2_000
# How long the server is watched with a page open in which nothing happens.
IDLE_S = 5.0
WATCH = """
    window.shift = 0;
    new PerformanceObserver((seen) => {
        for (const one of seen.getEntries()) if (!one.hadRecentInput) window.shift += one.value;
    }).observe({ type: "layout-shift", buffered: true });
    const each = () => {
        const up = document.querySelector("#queue button[aria-label^='Vote up']");
        if (up && !up.disabled && up.offsetParent) window.usable ??= performance.now();
        const said = document.querySelector("header")?.textContent;
        if (/[0-9] here/.test(said)) window.live ??= performance.now();
        requestAnimationFrame(each);
    };
    requestAnimationFrame(each);
"""
READ = """() => ({
    paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN,
    usable: window.usable ?? NaN, live: window.live ?? NaN, shift: window.shift })"""
# The versions before took up to 12 s.
SLOWEST_S = 60.0
IS_THERE = "async () => Boolean(window.live && window.usable)"


@dataclass(frozen=True)
class Visit:
    """One visit; times in milliseconds from the start of the navigation."""

    requests: float
    kilobytes: float
    paint: float
    usable: float
    live: float
    shift: float


def first_visits(roots: dict[str, Path]) -> str:
    """The tables of these versions, by name: visits in turns, then what one guest costs."""
    visits: dict[str, tuple[list[Visit], list[Visit]]] = {name: ([], []) for name in roots}
    costs: dict[str, float] = {}
    with sync_playwright() as playwright, ExitStack() as running:
        with on_core(CLIENT_CORE):
            browser = chromium.launch(playwright)
        running.callback(browser.close)
        rooms = {name: running.enter_context(_room(browser, root)) for name, root in roots.items()}
        for _ in range(ROUNDS):
            for name, (server, code) in rooms.items():
                guest = Person(browser, server, **PHONE)
                guest.run_at_start(WATCH)
                for found in visits[name]:
                    found.append(visit(guest, code))
                guest.leave()
        for name, (server, code) in rooms.items():
            costs[name] = cpu_ms_of_guest(browser, server, code)
    return "\n".join((_visits_table(visits), _costs_table(costs)))


def visit(person: Person, code: str) -> Visit:
    """Open the room as a slow phone does, until it is live."""
    page = person.page
    line = person.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", FAST_3G)
    line.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
    urls: dict[str, str] = {}
    sizes: dict[str, float] = {}
    line.on(
        "Network.requestWillBeSent", lambda it: urls.update({it["requestId"]: it["request"]["url"]})
    )
    line.on(
        "Network.loadingFinished",
        lambda it: sizes.update({it["requestId"]: it["encodedDataLength"]}),
    )
    page.goto(f"/r/{code}")
    person.waits_for(IS_THERE, at_most_s=SLOWEST_S)
    page.wait_for_timeout(SETTLE_MS)
    said = page.evaluate(READ)
    counted = [
        one
        for one, url in urls.items()
        if url.startswith("http") and "/media/" not in url and "/covers/" not in url
    ]
    line.detach()
    return Visit(len(counted), sum(sizes.get(one, 0) for one in counted) / 1000, **said)


def cpu_ms_of_guest(browser: Browser, server: Server, code: str) -> float:
    """CPU of the server for one new guest, at full speed: pages, files, joining, the socket."""
    idle_per_s = _idle_cpu(server)
    guests = []
    before, began = cpu_s(server.process.pid), time.monotonic()
    for _ in range(GUESTS):
        guest = Person(browser, server, **PHONE)
        guest.run_at_start(WATCH)
        guest.page.goto(f"/r/{code}")
        guest.waits_for(IS_THERE, at_most_s=SLOWEST_S)
        guest.page.wait_for_timeout(SETTLE_MS / 4)
        guests.append(guest)
    took = cpu_s(server.process.pid) - before - idle_per_s * (time.monotonic() - began)
    for guest in guests:
        guest.leave()
    return took / GUESTS * 1000


def _idle_cpu(server: Server) -> float:
    before = cpu_s(server.process.pid)
    time.sleep(IDLE_S)
    return (cpu_s(server.process.pid) - before) / IDLE_S


@contextmanager
def _room(browser: Browser, root: Path) -> Iterator[tuple[Server, str]]:
    """A server of the version at `root`, and the code of a room there with five tracks."""
    with tempfile.TemporaryDirectory() as place:
        music = Path(place) / "Music"
        for title in TITLES:
            audio.make(music / f"{title}.wav", seconds=600, title=title, artists=(f"{title} Band",))
        data = Path(place) / "data"
        with installation(data, root, MUSIC_DIRS=str(music), **NO_LIMIT) as made:
            with on_core(SERVER_CORE):
                server = Server(made, root=root)
            server.wait_until_ready()
            try:
                server.run(WAIT_FOR_LIBRARY.replace("Cracked", "Elm"))
                host = Person(browser, server)
                code = host.open_room(*TITLES)
                host.leave()
                yield server, code
            finally:
                server.stop()


def _visits_table(visits: dict[str, tuple[list[Visit], list[Visit]]]) -> str:
    head = [
        "visit",
        "requests",
        "KB",
        "first paint ms",
        "usable ms",
        "live ms",
        "layout shift",
        "aim",
    ]
    rows = []
    for name, kinds in visits.items():
        for kind, found, aims in zip(
            ("first", "warm"), kinds, (_first_aims, _warm_aims), strict=True
        ):
            middle = _middle(found)
            rows.append([
                f"{kind}, {name}", f"{middle.requests:g}", f"{middle.kilobytes:.0f}",
                f"{middle.paint:.0f}",
                f"{middle.usable:.0f}", f"{middle.live:.0f}", f"{middle.shift:.3f}", aims(middle),
            ])  # fmt: skip
    title = f"A guest's visit of a room, Fast 3G, CPU slowed down {CPU_SLOWDOWN} times"
    return table(title, head, rows)


def _middle(visits: list[Visit]) -> Visit:
    """The medians."""
    return Visit(*(median(getattr(one, each.name) for one in visits) for each in fields(Visit)))


def _first_aims(found: Visit) -> str:
    return ", ".join((
        aim(found.requests <= 12, "≤ 12"), aim(found.kilobytes <= 90, "≤ 90 KB"),
        aim(found.paint <= 1000, "paint ≤ 1,000"), aim(found.usable <= 1800, "usable ≤ 1,800"),
        aim(found.live <= 2200, "live ≤ 2,200"), aim(found.shift < 0.05, "shift < 0.05"),
    ))  # fmt: skip


def _warm_aims(found: Visit) -> str:
    return aim(found.usable <= 800, "usable ≤ 800")


def _costs_table(costs: dict[str, float]) -> str:
    before = next(iter(costs.values()))
    rows = [
        [name, f"{cost:.0f}", aim(cost <= before / 5, "≤ a fifth") if cost is not before else ""]
        for name, cost in costs.items()
    ]
    return table("CPU of the server for one new guest", ["version", "ms", "aim"], rows)
