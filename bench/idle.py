"""What a web process costs while nobody does anything: CPU of all its threads, and memory.

`python -m bench idle --before DIR` measures a checkout of another version beside this one: both
servers run on the same core at the same time.
"""

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench import report
from bench.client import Listeners
from bench.machine import cpu_s, described, memory_kb
from bench.running import (
    APPLICATION,
    DAPHNE,
    POSTGRES,
    REDIS,
    has_postgres,
    has_redis,
    installation,
    serving,
)
from bench.stage import Stage, Wanted, stage
from tests.servers import ROOT, Server

# A page that is open says so every 7 s, so that is how long to look.
WATCH_S = 15
ROUNDS = 3
AT_ONCE = 50
# What an idle installation may keep in memory on a small machine.
MOST_MB = 120
# What joining and staging have begun is over.
SETTLE_S = 5

# The only room plays, without a speaker and without an open page; what it plays lasts an hour.
PLAY = """
from music.models import Playback, QueueItem
from rooms import clock
now_ms = clock.now_ms()
item = QueueItem.objects.get()
QueueItem.objects.update(state="playing", started_at_ms=now_ms)
ends_at_ms = now_ms + 60 * 60 * 1000
Playback.objects.create(
    room=item.room, item=item, play_id=1, state="playing",
    starts_at_ms=now_ms, ends_at_ms=ends_at_ms, wake_at_ms=ends_at_ms - 8000,
)
"""
FALL_SILENT = """
from music.models import Playback, QueueItem
Playback.objects.all().delete()
QueueItem.objects.update(state="waiting", started_at_ms=None)
"""


@dataclass(frozen=True)
class Case:
    """So many rooms, in the first `pages` of which one page is open; `aim`: per cent of a core."""

    name: str
    rooms: int = 0
    pages: int = 0
    plays: bool = False
    aim: float | None = None


# Each has the rooms and pages of the one before, too.
CASES = (
    Case("no room", aim=1),
    Case("one room that plays to nobody", rooms=1, plays=True),
    Case("100 quiet rooms", rooms=100, aim=2),
    Case("100 quiet rooms, a page open in 20", rooms=100, pages=20),
    Case("1,000 quiet rooms, a page open in each", rooms=1000, pages=1000),
)


@dataclass
class Version:
    """One version at work, from a checkout of its own."""

    root: Path
    environment: dict[str, str]
    server: Server
    crowd: Listeners
    rooms: list[Stage] = field(default_factory=list)
    pages: int = 0

    async def prepare(self, case: Case) -> None:
        """Make the rooms of a case, and open its pages."""
        missing = [Wanted(queue=1)] * (case.rooms - len(self.rooms))
        if missing:
            # In a thread, for pages that are open have to answer pings meanwhile.
            made = await asyncio.to_thread(stage, self.environment, *missing, root=self.root)
            self.rooms += made
        if case.plays:
            self.server.run(PLAY)
        closed = self.rooms[self.pages : case.pages]
        for at in range(0, len(closed), AT_ONCE):
            opening = closed[at : at + AT_ONCE]
            await asyncio.gather(*(self._open(room) for room in opening))
        self.pages = case.pages

    async def _open(self, room: Stage) -> None:
        await self.crowd.join(f"/ws/rooms/{room.code}/", room.cookies)

    def end(self, case: Case) -> None:
        if case.plays:
            self.server.run(FALL_SILENT)


def main(before: Path | None = None) -> None:
    roots = [*([before.resolve()] if before else []), ROOT]
    print(described())
    stores = [("SQLite", "", "")]
    if has_postgres() and has_redis():
        stores.append(("Postgres, Redis", POSTGRES, REDIS))
    rows = [
        [name, *row]
        for name, database, layer in stores
        for row in asyncio.run(_measure(roots, database, layer))
    ]
    heads = ["before", "now"] if before else ["this version"]
    head = ["", "", *(f"{each}: % of a core" for each in heads), "aim"]
    head += ["MB", "aim"]
    title = "A process in which nothing happens"
    print(report.table(title, head, rows))


async def _measure(roots: list[Path], database: str, layer: str) -> list[list[str]]:
    """A row for each case: its name, the share of each version, and the aim."""
    rows = []
    with ExitStack() as stack:
        versions = [_start(stack, root, database, layer) for root in roots]
        for case in CASES:
            for version in versions:
                await version.prepare(case)
            await asyncio.sleep(SETTLE_S)
            rounds = [await _watch(versions) for _ in range(ROUNDS)]
            shares = [median(single) for single in zip(*rounds, strict=True)]
            aim = "" if case.aim is None else report.aim(shares[-1] <= case.aim, f"≤ {case.aim:g}")
            megabytes = memory_kb(versions[-1].server.process.pid) / 1024
            least = report.aim(megabytes <= MOST_MB, f"≤ {MOST_MB}") if case.rooms == 0 else ""
            shown = (f"{share:.2f}" for share in shares)
            rows.append([case.name, *shown, aim, f"{megabytes:.0f}", least])
            for version in versions:
                version.end(case)
    return rows


def _start(stack: ExitStack, root: Path, database: str, layer: str) -> Version:
    environment = stack.enter_context(
        installation(database=database, layer=layer, root=root, CONDUCTOR="web")
    )
    server = stack.enter_context(serving(environment, *DAPHNE, APPLICATION, root=root))
    crowd = Listeners(server.port)
    stack.callback(crowd.close)
    return Version(root, environment, server, crowd)


async def _watch(versions: list[Version]) -> list[float]:
    """Per cent of a core that each server uses, in the same seconds."""
    pids = [version.server.process.pid for version in versions]
    before = [cpu_s(pid) for pid in pids]
    await asyncio.sleep(WATCH_S)
    return [(cpu_s(pid) - was) / WATCH_S * 100 for pid, was in zip(pids, before, strict=True)]
