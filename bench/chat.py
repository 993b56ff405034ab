"""The chat beside the votes: what is noticed of it, of a flood, and of a crowd that comes and goes.

Times of votes and messages run from the start of the request to the frame at each screen. Everybody
comes from one address.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from bench import report
from bench.client import Http, Listeners, clock
from bench.compare import QUERIES
from bench.machine import cpu_s, described
from bench.running import APPLICATION, DAPHNE, installation, serving
from bench.stage import Stage, Wanted, stage
from bench.votes import LAST_S, LISTENERS, SETTLE_S, Spread, spread, waits_of
from tests.servers import ROOT, Server

# Messages a second from so many people, beside so many votes a second.
MESSAGES, WRITERS, VOTES = 20, 50, 10
ALONE_S, BESIDE_S = 10, 60
# One vote of each member for an item; without the chat in two halves, before and after it.
VOTING_S = LISTENERS / VOTES
# How much longer 99 of 100 votes may take beside the chat.
RATIO = 1.3
LENGTH = 60

# Connections on which one member posts without a pause, seconds in which others write beside that,
# and the limit of an address, as it is delivered.
FLOODS, FLOOD_S, ADDRESS = (0, 1, 4), 10, "6000/60"

# So many people in one room, of whom so many come and go each second.
CROWD, MOVING, MOVES, CROWD_S = 2_000, 500, 50, 20


def main() -> None:
    print(described())
    for measure in (beside_votes, queries, beside_a_flood, in_a_crowd):
        print(measure(), flush=True)


# --- Messages and votes -------------------------------------------------------------------------


def beside_votes() -> str:
    with (
        installation() as environment,
        serving(environment, *DAPHNE, APPLICATION) as running,
    ):
        [room] = stage(environment, Wanted(people=LISTENERS, queue=3))
        alone = asyncio.run(_messages(running, room))
        waits_ms = asyncio.run(_votes(running, room, item=0, seconds=VOTING_S / 2))
        beside = spread(asyncio.run(_beside_chat(running, room)))
        waits_ms += asyncio.run(_votes(running, room, item=2, seconds=VOTING_S / 2))
    plain = spread(waits_ms)
    met = beside.p99_ms <= RATIO * plain.p99_ms
    rows = [
        ["a message, 1/s", *_cells(alone), ""],
        [f"a vote, {VOTES}/s", *_cells(plain), ""],
        [
            f"the same beside {MESSAGES} messages/s",
            *_cells(beside),
            report.aim(met, f"p99 ≤ {RATIO} × ({beside.p99_ms / plain.p99_ms:.2f})"),
        ],
    ]
    return report.table(f"Chat to all {LISTENERS} screens", ["", "p50 ms", "p99 ms", "aim"], rows)


def _cells(spread: Spread) -> list[str]:
    return [f"{spread.p50_ms:.1f}", f"{spread.p99_ms:.1f}"]


async def _votes(server: Server, room: Stage, *, item: int, seconds: float) -> list[float]:
    return await waits_of(server, room, item=room.items[item], rate=VOTES, seconds=seconds)


async def _beside_chat(server: Server, room: Stage) -> list[float]:
    async with _beside(lambda: _write_steadily(server, room, MESSAGES, BESIDE_S)):
        return await _votes(server, room, item=1, seconds=VOTING_S)


@asynccontextmanager
async def _beside(work: Callable[[], Coroutine[Any, Any, object]]) -> AsyncIterator[None]:
    """Something else goes on meanwhile; what goes wrong in it is raised."""
    task = asyncio.create_task(work())
    try:
        yield
        if task.done():
            task.result()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _write_steadily(server: Server, room: Stage, rate: int, seconds: int) -> list[float]:
    """So many messages a second, in turns by the writers. Returns how long each answer took, ms."""
    http, first, waits_ms = Http(server.port), clock(), list[float]()

    async def write(number: int) -> None:
        began = clock()
        await _write(http, room, number)
        waits_ms.append((clock() - began) * 1000)

    try:
        async with asyncio.TaskGroup() as group:
            for number in range(rate * seconds):
                await asyncio.sleep(first + number / rate - clock())
                group.create_task(write(number))
    finally:
        await http.close()
    return waits_ms


async def _write(http: Http, room: Stage, number: int) -> str:
    """Post a message as one of the writers; its id."""
    body = json.dumps({"text": f"{number} ".ljust(LENGTH, "x")})
    cookie = room.cookies[number % WRITERS]
    status, answer = await http.ask(
        "POST", f"/api/rooms/{room.code}/chat", cookie=cookie, body=body
    )
    assert status == 201, answer
    return str(json.loads(answer)["id"])


async def _messages(server: Server, room: Stage) -> Spread:
    """One message a second; each is awaited at every screen."""
    crowd, http = Listeners(server.port), Http(server.port)
    arrivals: dict[bytes, list[float]] = {}
    crowd.on_events = lambda arrived, frame: arrivals.setdefault(frame, []).append(arrived)
    waits_ms: list[float] = []
    try:
        await crowd.join(f"/ws/rooms/{room.code}/", room.cookies)
        await asyncio.sleep(SETTLE_S)
        for number in range(ALONE_S):
            arrivals.clear()
            began = clock()
            written = await _write(http, room, number)
            await asyncio.sleep(LAST_S)
            [frame] = [each for each in arrivals if _tells_of(each, written)]
            assert len(arrivals[frame]) == LISTENERS, "not everybody heard everything"
            waits_ms += [(arrived - began) * 1000 for arrived in arrivals[frame]]
    finally:
        crowd.close()
        await http.close()
    return spread(waits_ms)


def _tells_of(frame: bytes, message: str) -> bool:
    events = [event for event in json.loads(frame)["events"] if event]
    return any(it["type"] == "chat.posted" and it["message"]["id"] == message for it in events)


# --- Queries of a vote --------------------------------------------------------------------------


def queries() -> str:
    """Statements of a vote, and of one after a message: exact figures."""
    with installation() as environment:
        ran = subprocess.run(
            [sys.executable, "-P", QUERIES], cwd=ROOT, env={**environment, "PYTHONPATH": str(ROOT)},
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    counts = {name: of_it[0] for name, of_it in json.loads(ran.stdout).items()}
    plain, after = counts["a vote"], counts["a vote after a message"]
    rows = [
        ["a vote", plain, ""],
        ["a vote after a message", after, report.aim(after == plain, "as many")],
    ]
    return report.table("Database queries", ["", "queries", "aim"], rows)


# --- Beside a flood -----------------------------------------------------------------------------


def beside_a_flood() -> str:
    rows = []
    with (
        installation(LIMIT_ADDRESS=ADDRESS) as environment,
        serving(environment, *DAPHNE, APPLICATION) as running,
    ):
        [room] = stage(environment, Wanted(people=WRITERS + 1, queue=1))
        for connections in FLOODS:
            waits_ms, refused = asyncio.run(_flooded(running, room, connections))
            rows.append([connections, f"{refused / FLOOD_S:.0f}", *_cells(spread(waits_ms))])
    head = ["connections of one member who posts without a pause", "refused/s", "p50 ms", "p99 ms"]
    title = f"The answer to a message of others, {MESSAGES}/s, from the same address"
    return report.table(title, head, rows)


async def _flooded(server: Server, room: Stage, connections: int) -> tuple[list[float], int]:
    """How long others wait for the answer (none is refused), and how often the flood is refused."""
    refused = 0

    async def flood() -> None:
        nonlocal refused
        http, cookie = Http(server.port), room.cookies[-1]
        path, body = f"/api/rooms/{room.code}/chat", json.dumps({"text": "Buy now"})
        try:
            while True:
                status, answer = await http.ask("POST", path, cookie=cookie, body=body)
                assert status in (201, 429), answer
                refused += status == 429
        finally:
            await http.close()

    async def floods() -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(connections):
                group.create_task(flood())

    async with _beside(floods):
        await asyncio.sleep(1)
        refused = 0
        return await _write_steadily(server, room, MESSAGES, FLOOD_S), refused


# --- A crowd that comes and goes ----------------------------------------------------------------


@dataclass
class Watch:
    """What one screen has heard, and what the server has used, from the first vote to the last."""

    pid: int
    size: int = 0
    moments: list[tuple[float, float]] = field(default_factory=list)

    def hear_events(self, arrived: float, _: bytes) -> None:
        self.moments.append((arrived, cpu_s(self.pid)))

    def hear(self, _: float, frame: bytes) -> None:
        self.size += len(frame) if self.moments else 0

    def cells(self) -> list[str]:
        """KB a minute, and the server's share of a core."""
        (began, used_before), (ended, used) = self.moments[0], self.moments[-1]
        lasted = ended - began
        return [f"{self.size * 60 / lasted / 1000:.1f}", f"{(used - used_before) / lasted:.0%}"]


def in_a_crowd() -> str:
    rows = []
    with (
        installation() as environment,
        serving(environment, *DAPHNE, APPLICATION) as running,
    ):
        [room] = stage(environment, Wanted(people=CROWD, queue=2))
        for item, moves in zip(room.items, (0, MOVES), strict=True):
            rows.append([moves, *asyncio.run(_crowded(running, room, item, moves))])
    head = ["come and go a second", "came", "vote p50 ms", "vote p99 ms", "KB a minute at a screen",
            "CPU of the server"]  # fmt: skip
    return report.table(f"{CROWD:,} people in a room, {VOTES} votes/s", head, rows)


async def _crowded(server: Server, room: Stage, item: int, moves: int) -> list[object]:
    """Votes reach those who stay while others leave and come back, `moves` of each a second."""
    moving, watch = Moving(server, room, moves), Watch(server.process.pid)
    staying = replace(room, cookies=room.cookies[: CROWD - MOVING])
    watching = Listeners(server.port)
    watching.on_events, watching.on_frame = watch.hear_events, watch.hear
    try:
        await moving.arrive()
        await watching.join(f"/ws/rooms/{room.code}/", room.cookies[:1])
        async with _beside(moving.keep_moving):
            waits_ms = await waits_of(server, staying, item=item, rate=VOTES, seconds=CROWD_S)
    finally:
        watching.close()
        moving.close()
    return [moving.came, *_cells(spread(waits_ms)), *watch.cells()]


class Moving:
    """Those of a room who come and go, in groups that leave in turns."""

    def __init__(self, server: Server, room: Stage, moves: int) -> None:
        self.came = 0
        self._server, self._path, self._moves = server, f"/ws/rooms/{room.code}/", moves
        those = room.cookies[CROWD - MOVING :]
        self._away = deque(those[at : at + MOVES] for at in range(0, MOVING, MOVES))
        self._here: deque[tuple[list[str], Listeners]] = deque()

    async def arrive(self) -> None:
        """All come but one group, which is away."""
        while len(self._away) > 1:
            await self._come()
        self.came = 0

    async def keep_moving(self) -> None:
        """Each second a group goes and another one comes."""
        first, turn = clock(), 0
        while self._moves:
            cookies, crowd = self._here.popleft()
            crowd.close()
            self._away.append(cookies)
            await self._come()
            turn += 1
            await asyncio.sleep(max(0, first + turn - clock()))

    async def _come(self) -> None:
        cookies, crowd = self._away.popleft(), Listeners(self._server.port)
        self._here.append((cookies, crowd))
        await crowd.join(self._path, cookies)
        self.came += len(cookies)

    def close(self) -> None:
        for _, crowd in self._here:
            crowd.close()


if __name__ == "__main__":
    main()
