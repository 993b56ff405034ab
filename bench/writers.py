"""Many who write at once into one SQLite file: how long each waits, and how many are refused."""

import asyncio
import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import report
from bench.client import Http, clock
from bench.machine import described
from bench.running import APPLICATION, DAPHNE, installation, serving
from bench.stage import Stage, Wanted, stage
from tests.servers import Server

WRITERS, SECONDS, WARMING_S = 30, 10, 1.0
P99_AIM_MS = 1000
DATABASE_AWAY = 503


def main() -> None:
    print(described())
    rows = []
    for name, settings, by_url, rooms in (
        ("one room, without a queue", "bench.plain_settings", False, 1),
        ("one room", "beatsync.settings", False, 1),
        (f"{WRITERS} rooms, without a queue", "bench.plain_settings", False, WRITERS),
        (f"{WRITERS} rooms", "beatsync.settings", False, WRITERS),
        (f"{WRITERS} rooms, DATABASE_URL=sqlite:///…", "beatsync.settings", True, WRITERS),
    ):
        with _server(settings, by_url=by_url) as (server, environment):
            made = stage(environment, *[Wanted(people=WRITERS // rooms)] * rooms)
            rows.append([name, *_measured(server, made)])
    head = ["", "writes/s", "p50 ms", "p99 ms", "longest ms", "503", "aim"]
    print(report.table(f"{WRITERS} people who write without a pause (SQLite, daphne)", head, rows))


@contextmanager
def _server(settings: str, *, by_url: bool) -> Iterator[tuple[Server, dict[str, str]]]:
    with installation(DJANGO_SETTINGS_MODULE=settings) as environment:
        if by_url:
            file = Path(environment["DATA_DIR"]) / "beatsync.sqlite3"
            environment["DATABASE_URL"] = f"sqlite:///{file}"
        with serving(environment, *DAPHNE, APPLICATION) as server:
            yield server, environment


def _measured(server: Server, rooms: list[Stage]) -> list[object]:
    waits_ms, refused = asyncio.run(_write(server, rooms))
    p99 = report.percentile(waits_ms, 99)
    aim = report.aim(p99 <= P99_AIM_MS and not refused, f"p99 ≤ {P99_AIM_MS}, 0 × 503")
    figures = [report.percentile(waits_ms, 50), p99, max(waits_ms)]
    return [f"{len(waits_ms) / SECONDS:.0f}", *(f"{each:.0f}" for each in figures), refused, aim]


async def _write(server: Server, rooms: list[Stage]) -> tuple[list[float], int]:
    """Everybody renames themselves, again and again."""
    http, waits_ms, refused = Http(server.port), [], 0
    opens = clock() + WARMING_S
    closes = opens + SECONDS

    async def keep_writing(room: Stage, cookie: str) -> None:
        nonlocal refused
        _, snapshot = await http.ask("GET", f"/api/rooms/{room.code}", cookie=cookie)
        path = f"/api/rooms/{room.code}/members/{json.loads(snapshot)['me']['id']}"
        for number in itertools.count():
            began = clock()
            if began >= closes:
                return
            renamed = f'{{"name":"No. {number}"}}'
            status, body = await http.ask("PATCH", path, cookie=cookie, body=renamed)
            assert status in (200, DATABASE_AWAY), body
            if began >= opens:
                waits_ms.append((clock() - began) * 1000)
                refused += status == DATABASE_AWAY

    async with asyncio.TaskGroup() as writing:
        for room in rooms:
            for cookie in room.cookies:
                writing.create_task(keep_writing(room, cookie))
    await http.close()
    return waits_ms, refused


if __name__ == "__main__":
    main()
