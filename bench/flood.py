"""What somebody who votes notices of sockets that send as fast as they can."""

import asyncio
import itertools
import socket
import subprocess
import sys
from contextlib import suppress

from bench import report
from bench.client import Http, clock
from bench.machine import described
from bench.running import APPLICATION, DAPHNE, UVICORN, installation, serving
from bench.stage import Stage, Wanted, stage
from tests.servers import ROOT, Server

SOCKETS = (0, 1, 4)
VOTES_A_SECOND, SECONDS, WARMING_S = 20, 8, 1.0
# An empty frame and one that makes sense, as clients send them, a few thousand at a time.
FRAMES = (b"\x81\x80\0\0\0\0" + b'\x81\x90\0\0\0\0{"type":"pulse"}') * 3000


def main() -> None:
    print(described())
    rows = []
    for name, server in (("daphne", DAPHNE), ("uvicorn", UVICORN)):
        for count in SOCKETS:
            with (
                installation() as environment,
                serving(environment, *server, APPLICATION) as running,
            ):
                [room] = stage(environment, Wanted(people=1 + max(SOCKETS), queue=20))
                waits_ms = _measure(running, room, count)
            median, slow = (report.percentile(waits_ms, percent) for percent in (50, 99))
            rows.append([name, count, f"{median:.0f}", f"{slow:.0f}"])
    head = ["", "flooding sockets", "vote p50 ms", "vote p99 ms"]
    print(report.table(f"A voter beside sockets that flood for {SECONDS} s", head, rows))


def _measure(server: Server, room: Stage, count: int) -> list[float]:
    floods = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.flood", str(server.port), room.code, cookie],
            cwd=ROOT,
        )
        for cookie in room.cookies[1 : 1 + count]
    ]  # fmt: skip
    waits_ms = asyncio.run(_vote(server, room))
    for flood in floods:
        flood.wait()
    return waits_ms


async def _vote(server: Server, room: Stage) -> list[float]:
    http, waits_ms, began = Http(server.port), [], clock() + WARMING_S
    values = itertools.cycle((1, -1, 0))
    for number in range(VOTES_A_SECOND * SECONDS):
        await asyncio.sleep(began + number / VOTES_A_SECOND - clock())
        sent = clock()
        item = room.items[number % len(room.items)]
        status, body = await http.vote(room.code, item, cookie=room.cookies[0], value=next(values))
        assert status == 200, body
        waits_ms.append((clock() - sent) * 1000)
        if clock() > began + 2 * SECONDS:
            break
    await http.close()
    return waits_ms


def _flood(port: int, code: str, cookie: str) -> None:
    """Send frames as fast as they are taken, and connect anew whenever that ends."""
    head = (
        f"GET /ws/rooms/{code}/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nCookie: guest={cookie}\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://127.0.0.1:{port}\r\n\r\n"
    ).encode()
    ends = clock() + WARMING_S + SECONDS
    while clock() < ends:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as line:
            line.sendall(head)
            line.recv(1)
            while clock() < ends:
                line.send(FRAMES)


if __name__ == "__main__":
    _flood(int(sys.argv[1]), *sys.argv[2:])
