"""A vote, from the finger to every screen; and how many votes a room counts."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bench import report
from bench.client import Http, Listeners
from bench.machine import CLIENT_CORE, cpu_s, described
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
# Votes a second, for so many seconds, and the most that half and 99 of 100 deliveries may take.
RATES = ((1, 12, None, None), (10, 8, 20, 60), (50, 8, None, 100))
VOTERS = 50
# Long enough to average over checkpoints and collections of garbage.
COUNTING_S = 8
WARMING_S = 1
AIM_ONE, AIM_TWO = 300, 540
SETTLE_S = 2.5
# What a last vote may still take to arrive.
LAST_S = 1.0


@dataclass(frozen=True)
class Spread:
    """How long votes took to reach every listener: milliseconds from the start of the PUT."""

    p50_ms: float
    p99_ms: float
    deliveries: int


def main() -> None:
    print(described())
    print(to_every_screen())
    print(counted())


# --- (b) From the finger to every screen --------------------------------------------------------


def to_every_screen() -> str:
    rows = []
    for name, database, server in (
        ("SQLite, daphne", "", DAPHNE),
        ("SQLite, uvicorn", "", UVICORN),
        *((("Postgres, daphne", POSTGRES, DAPHNE),) if has_postgres() else ()),
    ):
        with (
            installation(database=database) as environment,
            serving(environment, [*server, APPLICATION]) as running,
        ):
            [room] = stage(environment, Wanted(people=LISTENERS, queue=QUEUE))
            rows += asyncio.run(_at_rates(running, room, name))
    head = ["", "votes/s", "p50 ms", "p99 ms", "aim"]
    return report.table(f"A vote to all {LISTENERS} screens", head, rows)


async def _at_rates(server: Server, room: Stage, name: str) -> list[list[object]]:
    rows: list[list[object]] = []
    for item, (rate, seconds, p50, p99) in enumerate(RATES):
        spread = await spread_of(server, room, item=item, rate=rate, seconds=seconds)
        aims = []
        if p50:
            aims.append(report.aim(spread.p50_ms < p50, f"p50 < {p50}"))
        if p99:
            aims.append(report.aim(spread.p99_ms < p99, f"p99 < {p99}"))
        rows.append([name, rate, f"{spread.p50_ms:.1f}", f"{spread.p99_ms:.1f}", ", ".join(aims)])
    return rows


async def spread_of(
    server: Server, room: Stage, *, item: int, rate: float, seconds: float, listeners: int = 0
) -> Spread:
    """Let members vote up one item, one after the other at a steady rate, while all listen.

    Every vote makes one more `up`, so that a frame says which votes are in it.
    """
    crowd, http = Listeners(server.port), Http(server.port)
    cookies = room.cookies[: listeners or len(room.cookies)]
    target = room.items[item]
    started: list[float] = []  # when the n-th vote set out, by the `up` that it was answered
    heard: dict[bytes, int | None] = {}
    arrivals: list[tuple[float, int]] = []

    def hear(arrived: float, frame: bytes) -> None:
        if frame not in heard:
            heard[frame] = _up_of(frame, str(target))
        if (up := heard[frame]) is not None:
            arrivals.append((arrived, up))

    answers: list[tuple[float, int]] = []
    try:
        await crowd.join(f"/ws/rooms/{room.code}/", cookies)
        await asyncio.sleep(SETTLE_S)
        crowd.on_events = hear
        loop = asyncio.get_running_loop()

        async def one(cookie: str) -> None:
            start = clock()
            status, body = await http.vote(room.code, target, cookie=cookie, value=1)
            assert status == 200, body
            answers.append((start, json.loads(body)["up"]))

        began = loop.time()
        async with asyncio.TaskGroup() as votes:
            for number in range(int(rate * seconds)):
                await asyncio.sleep(began + number / rate - loop.time())
                votes.create_task(one(room.cookies[number]))
        await asyncio.sleep(LAST_S)
        assert crowd.lost == 0, f"{crowd.lost} listeners were lost"
    finally:
        crowd.close()
        await http.close()
    del started
    return _spread(answers, arrivals, len(cookies))
