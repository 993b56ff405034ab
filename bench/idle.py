"""What rooms cost in which nothing happens: to the conductor, and to a server with a page open."""

import asyncio
import json
import os
import subprocess
import sys
import time

from bench import report
from bench.client import Listeners
from bench.machine import SERVER_CORE, cpu_s, described, on_core
from bench.running import (
    APPLICATION,
    DAPHNE,
    POSTGRES,
    has_postgres,
    installation,
    serving,
)
from bench.stage import Stage, Wanted, stage
from tests.servers import ROOT, Server

ROOMS = (1, 1000)
LOOKS, LOOKS_A_SECOND = 400, 4
# A page that is open says so every 15 s, so that is how long to look.
WATCH_S = 15
SETTLE_S = 3


def main() -> None:
    print(described())
    rows = []
    for name, database in (
        ("SQLite", ""),
        *((("Postgres", POSTGRES),) if has_postgres() else ()),
    ):
        with installation(database=database, CONDUCTOR="worker") as environment:
            rooms: list[Stage] = []
            for count in ROOMS:
                rooms += stage(environment, *[Wanted(queue=1)] * (count - len(rooms)))
                look_ms = _look_ms(environment)
                with serving(environment, *DAPHNE, APPLICATION) as server:
                    share = asyncio.run(_watch(server, rooms))
                conductor = look_ms / 1000 * LOOKS_A_SECOND * 100
                rows.append(
                    [name, f"{count:,}", f"{look_ms:.2f}", f"{conductor:.2f}", f"{share:.1f}"]
                )
    head = [
        "",
        "idle rooms",
        "conductor: CPU ms per look",
        f"conductor: % of a core ({LOOKS_A_SECOND} looks a second)",
        "server, one page open in each: % of a core",
    ]
    print(report.table("Rooms in which nothing happens", head, rows))


def _look_ms(environment: dict[str, str]) -> float:
    """CPU milliseconds of one look of the conductor."""
    with on_core(SERVER_CORE):
        ran = subprocess.run(
            [sys.executable, "-m", "bench.idle"],
            cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE,
        )  # fmt: skip
    cpu_ms: float = json.loads(ran.stdout)
    return cpu_ms


async def _watch(server: Server, rooms: list[Stage]) -> float:
    """Per cent of a core that the server uses while one page is open in each room."""
    crowd = Listeners(server.port)
    try:
        for room in rooms:
            await crowd.join(f"/ws/rooms/{room.code}/", room.cookies)
        await asyncio.sleep(SETTLE_S)
        before = cpu_s(server.process.pid)
        await asyncio.sleep(WATCH_S)
        return (cpu_s(server.process.pid) - before) / WATCH_S * 100
    finally:
        crowd.close()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beatsync.settings")
    import django

    django.setup()
    from music.conductor import advance_due

    advance_due()  # the first one connects
    before = time.process_time()
    for _ in range(LOOKS):
        advance_due()
    print((time.process_time() - before) / LOOKS * 1000)
