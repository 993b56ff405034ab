"""What one version costs, round by round: CPU of deliveries, votes, snapshots; votes a second.

Everything that can be kept is kept between rounds: the servers, their rooms and 500 open sockets.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

from bench.client import Http, Listeners
from bench.deliveries import RELAY_DAPHNE, measure_cost
from bench.machine import cpu_s
from bench.running import APPLICATION, DAPHNE, POSTGRES, has_postgres, installation, serving
from bench.stage import Stage, Wanted, stage
from bench.votes import VOTERS, count_votes
from tests.servers import Server

LISTENERS = 500
ROOM = Wanted(people=LISTENERS, queue=20)
READ = (ROOM, Wanted(people=2000, queue=500))
# Presence has been told, and what the joining left behind has been collected.
SETTLE_S = 2.5
WARMING_S, COUNTING_S = 0.5, 2.5
# Votes that are told one by one: slower than frames are batched.
TOLD, TOLD_EVERY_S = 40, 1 / 15
ALONE = 150
# What a last vote may still take to arrive.
LAST_S = 0.3
SNAPSHOTS = 8
# What a change leaves to be done has been done, and the next batch of frames leaves at once.
QUIET_S = 0.08

Figures = dict[str, float]


@dataclass(frozen=True)
class Costs:
    """CPU in the units that their names tell, and votes a second."""

    cpu: Figures = field(default_factory=dict)
    rates: Figures = field(default_factory=dict)


class Running:
    """One version that runs on one database, with a room for each purpose."""

    def __init__(self, server: Server, rooms: list[Stage]) -> None:
        self.server = server
        self.full, self.quiet, *read = rooms
        self.crowd, self.http = Listeners(server.port), Http(server.port)
        self.pages = [Page(server, room) for room in read]

    async def open(self) -> None:
        """Let everybody of one room listen, and one person of each that is read."""
        await self.crowd.join(f"/ws/rooms/{self.full.code}/", self.full.cookies)
        for page in self.pages:
            await page.open()

    async def close(self) -> None:
        self.crowd.close()
        for page in self.pages:
            await page.close()
        await self.http.close()

    async def delivery_us(self, value: int) -> float:
        """CPU µs per vote and listener, where votes are told one by one to everybody."""
        loop, before = asyncio.get_running_loop(), cpu_s(self.server.process.pid)
        began = loop.time()
        for number in range(TOLD):
            await asyncio.sleep(began + number * TOLD_EVERY_S - loop.time())
            await cast(self.http, self.full, number, value)
        await asyncio.sleep(LAST_S)
        assert self.crowd.lost == 0, f"{self.crowd.lost} listeners were lost"
        return (cpu_s(self.server.process.pid) - before) / (TOLD * LISTENERS) * 1e6

    async def vote_ms(self, value: int) -> float:
        """CPU ms of a vote, one after the other, nobody listening."""
        before = cpu_s(self.server.process.pid)
        for number in range(ALONE):
            await cast(self.http, self.quiet, number, value)
        return (cpu_s(self.server.process.pid) - before) / ALONE * 1e3

    async def count_votes(self, room: Stage) -> tuple[float, float]:
        """Votes counted a second while 50 people vote without a pause, and CPU ms of each."""
        counted = await count_votes([self.server], room, warming_s=WARMING_S, counting_s=COUNTING_S)
        return counted.rate, counted.shares[0] / counted.rate * 1e3


class Page:
    """A room that one person has open: what its snapshots cost, by what happened before."""

    def __init__(self, server: Server, room: Stage) -> None:
        self._server, self._room = server, room
        self._line, self._http = Listeners(server.port), Http(server.port)
        self._snapshot = asyncio.Event()
        self._line.on_frame = self._hear
        self._member = ""  # the id of somebody else in the room

    async def open(self) -> None:
        await self._line.join(f"/ws/rooms/{self._room.code}/", self._room.cookies[2:3])
        path = f"/api/rooms/{self._room.code}"
        _, body = await self._http.ask("GET", path, cookie=self._room.cookies[1])
        self._member = json.loads(body)["me"]["id"]

    async def close(self) -> None:
        self._line.close()
        await self._http.close()

    def measures(self, value: int) -> dict[str, Callable[[], Awaitable[float]]]:
        """What to measure, in CPU ms: a snapshot for an open page, and a whole arrival."""
        vote = partial(self._after, lambda number: cast(self._http, self._room, number, value))
        rename = partial(self._after, lambda number: self._rename(f"Robin {value} {number}"))
        return {
            "the first snapshot after a vote": vote,
            "the first snapshot after a rename": rename,
            "a snapshot that is kept": partial(self._after, lambda _: asyncio.sleep(0)),
            "a newcomer: joins, opens the socket, gets the snapshot": self._arrival_ms,
        }

    async def _after(self, change: Callable[[int], Awaitable[None]]) -> float:
        used_ms = []
        for number in range(SNAPSHOTS):
            await change(number)
            await asyncio.sleep(QUIET_S)
            before = cpu_s(self._server.process.pid)
            self._snapshot.clear()
            self._line.send(b'{"type":"resync"}')
            await asyncio.wait_for(self._snapshot.wait(), 10)
            used_ms.append((cpu_s(self._server.process.pid) - before) * 1e3)
        return median(used_ms)

    async def _rename(self, name: str) -> None:
        path = f"/api/rooms/{self._room.code}/members/{self._member}"
        body = json.dumps({"name": name})
        status, body_ = await self._http.ask("PATCH", path, cookie=self._room.cookies[1], body=body)
        assert status == 200, body_

    async def _arrival_ms(self) -> float:
        used_ms = []
        for _ in range(SNAPSHOTS):
            before, line = cpu_s(self._server.process.pid), Listeners(self._server.port)
            cookie = await self._http.join(self._room.code)
            await line.join(f"/ws/rooms/{self._room.code}/", [cookie])
            used_ms.append((cpu_s(self._server.process.pid) - before) * 1e3)
            line.close()
            await asyncio.sleep(QUIET_S)
        return median(used_ms)

    def _hear(self, _: float, frame: bytes) -> None:
        if frame.startswith(b'{"type":"snapshot"'):
            self._snapshot.set()


async def cast(http: Http, room: Stage, number: int, value: int) -> None:
    """The `number`th vote of a series: other people, other items.

    None of them is among those who vote in `count_votes`, so that each series of another value
    changes each vote.
    """
    cookie = room.cookies[VOTERS + number]
    item = room.items[number % len(room.items)]
    status, body = await http.vote(room.code, item, cookie=cookie, value=value)
    assert status == 200, body


class Measured:
    """One version, on each database and with the application that only fans out."""

    def __init__(self, databases: dict[str, Running], fanout: Server, fresh: list[Stage]) -> None:
        self._databases, self._fanout, self._fresh = databases, fanout, fresh

    async def open(self) -> None:
        for running in self._databases.values():
            await running.open()
        await asyncio.sleep(SETTLE_S)

    async def close(self) -> None:
        for running in self._databases.values():
            await running.close()

    def steps(self, value: int) -> Iterator[Callable[[], Awaitable[Costs]]]:
        """What one round measures, piece by piece; votes of this round are of this value."""
        yield self._deliveries
        for name, running in self._databases.items():
            yield partial(self._told_votes, name, running, value)
            yield partial(self._lone_votes, name, running, value)
            yield partial(self._rate, f"nobody listens ({name})", running, running.quiet)
            yield partial(self._rate, f"{LISTENERS} listen ({name})", running, running.full)
        for page, want in zip(self._databases["SQLite"].pages, READ, strict=True):
            size = f"{want.people:,} members, {want.queue} items"
            for what, measure in page.measures(value).items():
                yield partial(self._snapshots, f"ms of {what} ({size})", measure)

    async def _deliveries(self) -> Costs:
        cost = await measure_cost(self._fanout, RELAY_DAPHNE, self._fresh.pop(), LISTENERS)
        return Costs(cpu={f"µs per delivery of a frame to {LISTENERS}": cost.each_us})

    async def _told_votes(self, name: str, running: Running, value: int) -> Costs:
        what = f"µs per delivery of a vote to {LISTENERS}, the vote included ({name})"
        return Costs(cpu={what: await running.delivery_us(value)})

    async def _lone_votes(self, name: str, running: Running, value: int) -> Costs:
        return Costs(cpu={f"ms of a vote alone ({name})": await running.vote_ms(value)})

    async def _rate(self, name: str, running: Running, room: Stage) -> Costs:
        rate, cpu_ms = await running.count_votes(room)
        return Costs(cpu={f"ms of a vote among many, {name}": cpu_ms}, rates={name: rate})

    async def _snapshots(self, name: str, measure: Callable[[], Awaitable[float]]) -> Costs:
        return Costs(cpu={name: await measure()})


@contextmanager
def measured(root: Path, *, rounds: int) -> Iterator[Measured]:
    """The version that is checked out at `root`, running."""
    places = {"SQLite": ""} | ({"PostgreSQL": POSTGRES} if has_postgres() else {})
    with ExitStack() as stack:
        databases: dict[str, Running] = {}
        for name, database in places.items():
            environment = stack.enter_context(
                installation(database=database, root=root, CONDUCTOR="worker")
            )
            rooms = stage(environment, ROOM, ROOM, *READ, root=root)
            server = serving(environment, *DAPHNE, APPLICATION, root=root)
            databases[name] = Running(stack.enter_context(server), rooms)
        environment = stack.enter_context(installation(root=root, CONDUCTOR="worker"))
        fresh = stage(environment, *[ROOM] * rounds, root=root)
        fanout = stack.enter_context(serving(environment, *RELAY_DAPHNE.command, root=root))
        yield Measured(databases, fanout, fresh)
