"""A small machine: one core at a fifth of its speed and 512 MB. Idle, and with 30 people.

The server alone runs within these bounds, by control groups of either version of Linux; that takes
root. What the stores and the load use is not counted.

    python -m bench small
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.client import Http, clock
from bench.crowd import Line, Page, Promised, Room, keep_on
from bench.machine import cpu_s, described, memory_kb
from bench.report import aim, percentile, table
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
from tests.servers import Server

SHARE, MEMORY_MB = 0.2, 512
PERIOD_US = 100_000
PEOPLE, QUEUE = 30, 20
SETTLE_S, IDLE_S, PARTY_S = 20, 60, 90
# One vote a second, a message every eight, a reaction every four, of all together.
VOTE_S, WRITE_S, REACT_S = 1.0, 8.0, 4.0
IDLE_PERCENT, IDLE_MB, WAKES = 1.0, 120, 2.0
GROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Bounds:
    """A control group: its folders, and the files of processes in it."""

    folders: list[Path]

    def command(self, command: tuple[str, ...]) -> tuple[str, ...]:
        """The command, started inside."""
        enter = "".join(f"echo $$ > {folder}/cgroup.procs; " for folder in self.folders)
        return ("sh", "-ec", f'{enter}exec "$@"', "sh", *command)

    def throttled_s(self) -> float:
        """For how long in all the server had to wait, because its share was used up."""
        for folder in self.folders:
            for line in _lines(folder / "cpu.stat"):
                name, _, value = line.partition(" ")
                if name == "throttled_usec":
                    return int(value) / 1e6
                if name == "throttled_time":
                    return int(value) / 1e9
        return 0.0


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


@contextmanager
def bounds() -> Iterator[Bounds]:
    """A control group with the bounds of the small machine. Raises `OSError` where none may be."""
    name = f"beatsync-small-{os.getpid()}"
    quota = round(SHARE * PERIOD_US)
    most = str(MEMORY_MB * 2**20)
    if (GROUPS / "cgroup.controllers").exists():
        folders = {GROUPS / name: {"cpu.max": f"{quota} {PERIOD_US}", "memory.max": most}}
    else:
        folders = {
            GROUPS / "cpu" / name: {
                "cpu.cfs_period_us": str(PERIOD_US), "cpu.cfs_quota_us": str(quota),
            },
            GROUPS / "memory" / name: {"memory.limit_in_bytes": most},
        }  # fmt: skip
    for folder, values in folders.items():
        folder.mkdir()
        for file, value in values.items():
            (folder / file).write_text(value)
    try:
        yield Bounds([*folders])
    finally:
        for folder in folders:
            folder.rmdir()


def main() -> None:
    print(described())
    stores = [("SQLite", "", "")]
    if has_postgres() and has_redis():
        stores.append(("Postgres, Redis", POSTGRES, REDIS))
    idle, party = [], []
    for name, database, layer in stores:
        try:
            with (
                bounds() as group,
                installation(database=database, layer=layer, CONDUCTOR="web") as environment,
            ):
                command = group.command((*DAPHNE, APPLICATION))
                began = clock()
                with serving(environment, *command) as server:
                    started_s = clock() - began
                    [room] = stage(environment, Wanted(people=PEOPLE, queue=QUEUE))
                    idle.append([name, f"{started_s:.0f}", *_idle(server, environment)])
                    party.append([name, *asyncio.run(_party(server, room, group))])
        except PermissionError:
            print("Control groups cannot be made here: they take root.")
            return
    machine = f"one core at {SHARE:.0%}, {MEMORY_MB} MB"
    head = ["", "start s", "% of a core", "aim", "MB", "aim", "wakes of the database/s", "aim"]
    print(table(f"Idle on a small machine ({machine})", head, idle))
    head = [
        "", "pages open, s", "page p50 s", "votes", "answer p50 ms", "p99 ms", "screens p50 ms",
        "p99 ms", "refused", "% of the core", "waited %", "MB",
    ]  # fmt: skip
    print(table(f"{PEOPLE} people on it for {PARTY_S} s", head, party))


def _idle(server: Server, environment: dict[str, str]) -> list[str]:
    """What the process takes while one room plays to nobody and no page is open."""
    pid = server.process.pid
    time.sleep(SETTLE_S)
    database = environment["DATABASE_URL"]
    used, woken = cpu_s(pid), _transactions(database)
    time.sleep(IDLE_S)
    percent = (cpu_s(pid) - used) / IDLE_S * 100
    megabytes = memory_kb(pid) / 1024
    wakes = (_transactions(database) - woken) / IDLE_S
    shown = [f"{wakes:.1f}", aim(wakes <= WAKES, f"≤ {WAKES:g}")] if database else ["", ""]
    return [
        f"{percent:.2f}", aim(percent <= IDLE_PERCENT, f"≤ {IDLE_PERCENT:g}"),
        f"{megabytes:.0f}", aim(megabytes <= IDLE_MB, f"≤ {IDLE_MB}"), *shown,
    ]  # fmt: skip


def _transactions(url: str) -> int:
    """How many the database has ended so far; its own counting may be a second late."""
    if not url:
        return 0
    with psycopg.connect(url, autocommit=True) as line:
        query = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
        return int(line.execute(query).fetchone()[0])  # type: ignore[index]


async def _party(server: Server, staged: Stage, group: Bounds) -> list[str]:
    pid = server.process.pid
    answers: Counter[int] = Counter()
    promised = Promised()
    line, http = Line(server.port, answers), Http(server.port)
    room = Room(staged.code, staged.room, staged.cookies)
    began = clock()
    following = []
    pages_s = []

    async def open_page(cookie: str) -> None:
        asked = clock()
        status, _ = await http.ask("GET", f"/r/{room.code}", cookie=cookie)
        assert status == 200
        pages_s.append(clock() - asked)
        page = Page(room, line, cookie, promised)
        room.pages.append(page)
        following.append(asyncio.create_task(page.follow()))
        await page.opened.wait()

    await asyncio.gather(*(open_page(cookie) for cookie in room.cookies))
    opened_s = clock() - began
    await line.insist("POST", f"{room.path}/playback/play", cookie=room.cookies[0], body={})
    sounding = asyncio.create_task(room.pages[0].sound())
    used, waited, over = cpu_s(pid), group.throttled_s(), asyncio.Event()
    answers.clear()
    doing = [
        asyncio.create_task(keep_on(act, every_s=every_s, until=over))
        for act, every_s in (
            (lambda: random.choice(room.pages).vote(), VOTE_S),
            (lambda: random.choice(room.pages).write(), WRITE_S),
            (lambda: random.choice(room.pages).react(), REACT_S),
        )
    ]
    await asyncio.sleep(PARTY_S)
    used, waited = cpu_s(pid) - used, group.throttled_s() - waited
    over.set()
    await asyncio.wait(doing)
    await asyncio.sleep(12)  # what is measured of votes is measured after 10 s
    for task in (sounding, *following):
        task.cancel()
    screens: array[float] = array("d")
    for _, waits in promised.screens_ms:
        screens.extend(waits)
    votes = [ms for _, ms in promised.answers_ms]
    refused = sum(times for status, times in answers.items() if not 200 <= status < 300)
    return [
        f"{opened_s:.1f}", f"{percentile(pages_s, 50):.1f}", f"{len(votes)}",
        *(f"{percentile(votes, percent):.0f}" for percent in (50, 99)),
        *(f"{percentile(screens, percent):.0f}" for percent in (50, 99)),
        f"{refused}", f"{used / PARTY_S * 100:.1f}", f"{waited / PARTY_S * 100:.1f}",
        f"{memory_kb(pid) / 1024:.0f}",
    ]  # fmt: skip


if __name__ == "__main__":
    main()
