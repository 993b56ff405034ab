"""People who arrive together: sockets let in a second, and what each of them takes up when idle."""

import asyncio

from bench import report
from bench.client import Listeners, clock
from bench.machine import described, memory_kb
from bench.running import APPLICATION, DAPHNE, UVICORN, installation, serving
from bench.stage import Stage, Wanted, stage
from tests.servers import Server

PEOPLE, AT_ONCE = 1000, 50
# People who came and went before: what the first of them load is not what each one costs.
BEFORE = 50
QUEUE = 20
JOINS_AIM, MEMORY_AIM_KB = 400, 45
# Presence has been told, and what the joining left behind has been collected.
SETTLE_S = 4


def main() -> None:
    print(described())
    rows = []
    for name, command in (("daphne", DAPHNE), ("uvicorn", UVICORN)):
        with installation() as environment, serving(environment, *command, APPLICATION) as server:
            [room] = stage(environment, Wanted(people=PEOPLE, queue=QUEUE))
            joins, memory = asyncio.run(_arrive(server, room))
        rows.append(
            [
                name,
                f"{joins:.0f}",
                report.aim(joins >= JOINS_AIM, f"≥ {JOINS_AIM}"),
                f"{memory:.1f}",
                report.aim(memory <= MEMORY_AIM_KB, f"≤ {MEMORY_AIM_KB}"),
            ]
        )
    head = ["", "joins/s", "aim", "KB per idle connection", "aim"]
    print(report.table(f"{PEOPLE:,} people open the room, {AT_ONCE} at a time", head, rows))


async def _arrive(server: Server, room: Stage) -> tuple[float, float]:
    """Joins a second, from the handshake to the snapshot; and KB of memory for each one."""
    path = f"/ws/rooms/{room.code}/"
    early = Listeners(server.port)
    await early.join(path, room.cookies[:BEFORE])
    early.close()
    await asyncio.sleep(SETTLE_S)
    crowd = Listeners(server.port)
    try:
        memory_before, before = memory_kb(server.process.pid), clock()
        await crowd.join(path, room.cookies, at_once=AT_ONCE)
        took_s = clock() - before
        await asyncio.sleep(SETTLE_S)
        memory = memory_kb(server.process.pid) - memory_before
        assert crowd.lost == 0, f"{crowd.lost} were lost"
        return PEOPLE / took_s, memory / PEOPLE
    finally:
        crowd.close()
