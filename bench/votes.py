"""A vote, from the finger to every screen; and how many votes a room counts."""

import asyncio
import itertools
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bench import report
from bench.client import Http, Listeners, clock
from bench.machine import CLIENT_CORE, SERVER_CORE, cpu_s, cpu_s_of, described
from bench.running import (
    APPLICATION,
    DAPHNE,
    POSTGRES,
    REDIS,
    UVICORN,
    has_postgres,
    has_redis,
    installation,
    serving,
)
from bench.stage import Stage, Wanted, stage
from tests.servers import Server

LISTENERS = 500
QUEUE = 20
# Votes a second and for how many seconds; and aims, in ms, for half and 99 of 100 deliveries.
RATES = ((1, 10, None, None), (10, 8, 20, 60), (50, 8, None, 100))
VOTERS = 50
WARMING_S, COUNTING_S = 1.0, 6.0
# Votes a second that one process and two should count with everybody listening.
AIMS = {1: 300, 2: 540}
# Whose CPU is told beside them.
SHARES = ("servers", "load", "PostgreSQL", "Redis")
# Presence is told within the second or so after somebody came, and then no more.
SETTLE_S = 2.5
# What a last vote may still take to arrive.
LAST_S = 1.0


@dataclass(frozen=True)
class Counted:
    """Votes counted a second, how long half of their answers took at most, and what of a core the
    servers, the load and the two stores used meanwhile (`SHARES`).
    """

    rate: float
    p50_ms: float
    shares: list[float]


@dataclass(frozen=True)
class Spread:
    """How long votes took to reach every listener, in ms from the start of the PUT."""

    p50_ms: float
    p99_ms: float


def main() -> None:
    print(described())
    print(to_every_screen(), flush=True)
    print(counted(), flush=True)


# --- From the finger to every screen ------------------------------------------------------------


def to_every_screen() -> str:
    rows = []
    for name, database, server in (
        ("SQLite, daphne", "", DAPHNE),
        ("SQLite, uvicorn", "", UVICORN),
        *((("Postgres, daphne", POSTGRES, DAPHNE),) if has_postgres() else ()),
    ):
        with (
            installation(database=database) as environment,
            serving(environment, *server, APPLICATION) as running,
        ):
            [room] = stage(environment, Wanted(people=LISTENERS, queue=QUEUE))
            rows += [_at_rate(running, room, name, item) for item in range(len(RATES))]
    head = ["", "votes/s", "p50 ms", "p99 ms", "aim"]
    return report.table(f"A vote to all {LISTENERS} screens", head, rows)


def _at_rate(server: Server, room: Stage, name: str, item: int) -> list[object]:
    rate, seconds, p50, p99 = RATES[item]
    spread = asyncio.run(spread_of(server, room, item=room.items[item], rate=rate, seconds=seconds))
    aims = []
    if p50:
        aims.append(report.aim(spread.p50_ms < p50, f"p50 < {p50}"))
    if p99:
        aims.append(report.aim(spread.p99_ms < p99, f"p99 < {p99}"))
    return [name, rate, f"{spread.p50_ms:.1f}", f"{spread.p99_ms:.1f}", ", ".join(aims)]


async def spread_of(
    server: Server, room: Stage, *, item: int, rate: float, seconds: float
) -> Spread:
    """How the waits of `waits_of` are spread."""
    return spread(await waits_of(server, room, item=item, rate=rate, seconds=seconds))


def spread(waits_ms: list[float]) -> Spread:
    return Spread(report.percentile(waits_ms, 50), report.percentile(waits_ms, 99))


async def waits_of(
    server: Server, room: Stage, *, item: int, rate: float, seconds: float
) -> list[float]:
    """How long each vote took to reach each listener, in ms.

    The members vote up one item, one by one at a steady rate, while all of them listen. Each vote
    raises `up`, so a frame that tells `up` has brought all votes that were answered with as much or
    less.
    """
    crowd, http = Listeners(server.port), Http(server.port)
    arrivals: list[tuple[float, int]] = []
    told: dict[bytes, int | None] = {}
    votes: list[tuple[int, float]] = []

    def hear(arrived: float, frame: bytes) -> None:
        if frame not in told:
            told[frame] = _up_in(frame, str(item))
        if (up := told[frame]) is not None:
            arrivals.append((arrived, up))

    async def vote(cookie: str) -> None:
        began = clock()
        status, body = await http.vote(room.code, item, cookie=cookie, value=1)
        assert status == 200, body
        votes.append((json.loads(body)["up"], began))

    try:
        await crowd.join(f"/ws/rooms/{room.code}/", room.cookies)
        await asyncio.sleep(SETTLE_S)
        crowd.on_events = hear
        first = clock()
        async with asyncio.TaskGroup() as voting:
            for number in range(int(rate * seconds)):
                await asyncio.sleep(first + number / rate - clock())
                voting.create_task(vote(room.cookies[number]))
        await asyncio.sleep(LAST_S)
        assert crowd.lost == 0, f"{crowd.lost} listeners were lost"
    finally:
        crowd.close()
        await http.close()
    return _waits(votes, arrivals, len(room.cookies))


def _up_in(frame: bytes, item: str) -> int | None:
    """The votes for an item that a frame tells of last, if it does.

    In place of events that the listener may not see stands null.
    """
    events = json.loads(frame)["events"]
    told = [
        it["up"] for it in events if it and it["type"] == "queue.tallied" and it["item"] == item
    ]
    return told[-1] if told else None


def _waits(
    votes: list[tuple[int, float]], arrivals: list[tuple[float, int]], listeners: int
) -> list[float]:
    """Each vote arrives at each listener with the first frame that tells of as many or more."""
    by_frame: dict[int, list[float]] = {}
    for arrived, up in arrivals:
        by_frame.setdefault(up, []).append(arrived)
    frames = sorted(by_frame)
    assert all(len(by_frame[up]) == listeners for up in frames), "not everybody heard everything"
    waits_ms = []
    for up, began in votes:
        frame = next(each for each in frames if each >= up)
        waits_ms += [(arrived - began) * 1000 for arrived in by_frame[frame]]
    return waits_ms


# --- How many votes are counted -----------------------------------------------------------------


def counted() -> str:
    rows = []
    for name, database, layer, processes in _setups():
        with (
            installation(database=database, layer=layer) as environment,
            _processes(environment, processes) as servers,
        ):
            [room] = stage(environment, Wanted(people=LISTENERS, queue=QUEUE))
            for listeners in (0, LISTENERS):
                told = asyncio.run(_count(servers, room, listeners))
                wanted = AIMS[processes] if database and listeners else None
                aim = report.aim(told.rate >= wanted, f"≥ {wanted}") if wanted else ""
                cells = [name, processes, listeners, f"{told.rate:.0f}", f"{told.p50_ms:.0f}", aim]
                rows.append([*cells, *(f"{share:.0%}" for share in told.shares)])
    head = ["database", "processes", "listeners", "votes/s", "answer p50 ms", "aim", *SHARES]
    return report.table(f"Votes counted, {VOTERS} people voting without a pause", head, rows)


def _setups() -> Iterator[tuple[str, str, str, int]]:
    yield "SQLite", "", "", 1
    if has_postgres():
        yield "Postgres", POSTGRES, "", 1
        if has_redis():
            yield "Postgres, Redis", POSTGRES, REDIS, 2


@contextmanager
def _processes(environment: dict[str, str], count: int) -> Iterator[list[Server]]:
    """Servers on one database, each on a core of its own (the second shares it with the load)."""
    with ExitStack() as stack:
        cores = itertools.islice(itertools.cycle((SERVER_CORE, CLIENT_CORE)), count)
        yield [
            stack.enter_context(serving(environment, *DAPHNE, APPLICATION, core=core))
            for core in cores
        ]


async def _count(servers: list[Server], room: Stage, listeners: int) -> Counted:
    """How many votes are counted while everybody votes and so many listen."""
    crowds = [Listeners(server.port) for server in servers]
    try:
        for number, crowd in enumerate(crowds):
            cookies = room.cookies[:listeners][number :: len(crowds)]
            await crowd.join(f"/ws/rooms/{room.code}/", cookies)
        await asyncio.sleep(SETTLE_S if listeners else 0)
        counted = await count_votes(servers, room, warming_s=WARMING_S, counting_s=COUNTING_S)
        assert all(crowd.lost == 0 for crowd in crowds), "listeners were lost"
    finally:
        for crowd in crowds:
            crowd.close()
    return counted


async def count_votes(
    servers: list[Server], room: Stage, *, warming_s: float, counting_s: float
) -> Counted:
    """How many votes are counted in `counting_s` while `VOTERS` people vote without a pause.

    Everybody changes their mind with every vote, so that each one writes, and is told to all.
    """
    https = [Http(server.port) for server in servers]
    waits_ms: list[float] = []
    opens = clock() + warming_s
    closes = opens + counting_s

    async def keep_voting(number: int) -> None:
        http, cookie = https[number % len(https)], room.cookies[number]
        values = itertools.cycle((1, -1, 0))
        for item in itertools.cycle(room.items[number % 5 :: 5]):
            began = clock()
            if began >= closes:
                return
            status, body = await http.vote(room.code, item, cookie=cookie, value=next(values))
            assert status == 200, body
            if began >= opens and clock() < closes:
                waits_ms.append((clock() - began) * 1000)

    try:
        async with asyncio.TaskGroup() as voting:
            for number in range(VOTERS):
                voting.create_task(keep_voting(number))
            await asyncio.sleep(opens - clock())
            before = _used_s(servers)
            await asyncio.sleep(closes - clock())
            used_s = [now - then for now, then in zip(_used_s(servers), before, strict=True)]
    finally:
        for http in https:
            await http.close()
    shares = [each / counting_s for each in used_s]
    return Counted(len(waits_ms) / counting_s, report.percentile(waits_ms, 50), shares)


def _used_s(servers: list[Server]) -> list[float]:
    """CPU seconds used so far, in the order of `SHARES`."""
    serving = sum(cpu_s(server.process.pid) for server in servers)
    return [serving, time.process_time(), cpu_s_of("postgres"), cpu_s_of("redis-server")]
