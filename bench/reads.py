"""What reading costs in a full room: the page, the queue, the members, the published API.

And what a vote waits for while somebody reads the published API, six times a second.
"""

import asyncio
import statistics
from contextlib import suppress

from bench import report
from bench.client import Http, clock
from bench.machine import described
from bench.running import APPLICATION, DAPHNE, installation, serving
from bench.stage import Stage, Wanted, stage
from tests.servers import Server

FULL = Wanted(people=2000, queue=500)
READS = 15
VOTES, VOTE_EVERY_S = 60, 0.1
BESIDE_PER_S = 6


def main() -> None:
    print(described())
    with (
        installation() as environment,
        serving(environment, *DAPHNE, APPLICATION) as server,
    ):
        [room] = stage(environment, FULL)
        read, alone_ms, beside_ms = asyncio.run(_measure(server, room))
    head = ["", "kept: ms", "after a change: ms", "bytes"]
    print(report.table("Reads in a room of 2,000 members and 500 items", head, read))
    head = ["a vote", "p50 ms"]
    rows = [
        ["alone", f"{alone_ms:.1f}"],
        [f"beside {BESIDE_PER_S} reads of openapi.json a second", f"{beside_ms:.1f}"],
    ]
    print(report.table("A vote beside reads", head, rows))


async def _measure(server: Server, room: Stage) -> tuple[list[list[object]], float, float]:
    http, cookie = Http(server.port), room.cookies[0]
    paths = {
        "page": f"/r/{room.code}",
        "page without scripts": f"/r/{room.code}?plain",
        "snapshot": f"/api/rooms/{room.code}",
        "queue": f"/api/rooms/{room.code}/queue",
        "members": f"/api/rooms/{room.code}/members",
        "openapi.json": "/api/openapi.json",
    }
    try:
        rows = [[name, *await _read(http, room, path, cookie)] for name, path in paths.items()]
        alone_ms = await _votes(http, room)
        beside = asyncio.create_task(_keep_reading(server, paths["openapi.json"]))
        beside_ms = await _votes(http, room)
        beside.cancel()
        with suppress(asyncio.CancelledError):
            await beside
    finally:
        await http.close()
    return rows, alone_ms, beside_ms


async def _read(http: Http, room: Stage, path: str, cookie: str) -> list[object]:
    """Medians over some reads of one address, each once after a vote and once more."""
    changed_ms: list[float] = []
    kept_ms: list[float] = []
    answer = b""
    for number in range(READS):
        await http.vote(room.code, room.items[-1], cookie=cookie, value=1 - number % 2)
        for times_ms in (changed_ms, kept_ms):
            began = clock()
            status, answer = await http.ask("GET", path, cookie=cookie)
            times_ms.append((clock() - began) * 1000)
            assert status == 200, answer
    kept, changed = statistics.median(kept_ms), statistics.median(changed_ms)
    return [f"{kept:.1f}", f"{changed:.1f}", f"{len(answer):,}"]


async def _votes(http: Http, room: Stage) -> float:
    """The median of one vote after the other, at a steady rate, in ms."""
    took_ms = []
    for number in range(VOTES):
        began = clock()
        cookie = room.cookies[1 + number]
        status, body = await http.vote(room.code, room.items[0], cookie=cookie, value=1)
        assert status == 200, body
        took_ms.append((clock() - began) * 1000)
        await asyncio.sleep(max(0.0, VOTE_EVERY_S - (clock() - began)))
    return statistics.median(took_ms)


async def _keep_reading(server: Server, path: str) -> None:
    """Begin so many reads a second, whether or not the earlier ones have been answered."""
    http = Http(server.port)
    try:
        async with asyncio.TaskGroup() as reading:
            while True:
                reading.create_task(http.ask("GET", path, cookie=""))
                await asyncio.sleep(1 / BESIDE_PER_S)
    finally:
        await http.close()
