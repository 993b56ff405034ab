"""What a vote and a snapshot cost as a room grows: its queue, its past, its voters, its crowd."""

import asyncio
import statistics
from dataclasses import dataclass, replace

from bench import report
from bench.client import Http, clock
from bench.machine import described
from bench.running import APPLICATION, DAPHNE, installation, serving
from bench.stage import Stage, Wanted, stage
from bench.votes import LISTENERS, Spread, spread_of
from tests.servers import Server

BASE = Wanted(people=LISTENERS, queue=50)
# One thing grows at a time.
ROOMS = {
    "queue 10": replace(BASE, queue=10),
    "queue 50": BASE,
    "queue 500": replace(BASE, queue=500),
    "history 10,000": replace(BASE, history=10_000),
    "history 100,000": replace(BASE, history=100_000),
    "2,000 have voted": replace(BASE, voters=2000),
    "100 listeners": replace(BASE, people=100),
    "1,000 listeners": replace(BASE, people=1000),
}
RATE, SECONDS = 10, 4
READS = 20


@dataclass(frozen=True)
class Read:
    """Reading a snapshot over HTTP: its size, and how long it takes, just changed or kept."""

    size_kb: float
    changed_ms: float
    kept_ms: float


def main() -> None:
    print(described())
    rows = []
    with installation() as environment:
        rooms = stage(environment, *ROOMS.values())
        with serving(environment, *DAPHNE, APPLICATION) as server:
            measured = [asyncio.run(_measured(server, room)) for room in rooms]
    for name, (read, spread) in zip(ROOMS, measured, strict=True):
        rows.append(
            [
                name,
                f"{spread.p50_ms:.1f}",
                f"{spread.p99_ms:.1f}",
                f"{read.size_kb:.0f}",
                f"{read.changed_ms:.1f}",
                f"{read.kept_ms:.1f}",
            ]
        )
    head = ["", "vote p50 ms", "vote p99 ms", "snapshot KB", "changed: ms", "kept: ms"]
    title = f"A room that grows (queue 50, {LISTENERS} listeners, {RATE} votes/s; SQLite, daphne)"
    print(report.table(title, head, rows))


async def _measured(server: Server, room: Stage) -> tuple[Read, Spread]:
    read = await _read(server, room)
    spread = await spread_of(server, room, item=room.items[0], rate=RATE, seconds=SECONDS)
    return read, spread


async def _read(server: Server, room: Stage) -> Read:
    """Medians over some reads, each once after a vote and once more."""
    http, cookie = Http(server.port), room.cookies[0]
    changed_ms: list[float] = []
    kept_ms: list[float] = []
    answer = b""
    for number in range(READS):
        await http.vote(room.code, room.items[-1], cookie=cookie, value=1 - number % 2)
        for times_ms in (changed_ms, kept_ms):
            began = clock()
            _, answer = await http.ask("GET", f"/api/rooms/{room.code}", cookie=cookie)
            times_ms.append((clock() - began) * 1000)
    await http.close()
    return Read(len(answer) / 1000, statistics.median(changed_ms), statistics.median(kept_ms))
