"""Clients who send far too much, or do not read: what they cost in memory, and others in patience.

Meanwhile somebody votes, one vote after the other.
"""

import asyncio
import socket
import tempfile
import wave
from collections.abc import Callable, Coroutine
from contextlib import suppress
from itertools import count

from bench import report
from bench.client import Http, clock
from bench.machine import described, memory_kb
from bench.running import APPLICATION, DAPHNE, UVICORN, installation, serving
from bench.stage import Stage, Wanted, stage
from tests.servers import Server

BODY_BYTES = 400_000_000
FILE_BYTES = 100_000_000
READERS, PHONES = 20, 500
WARM_UP = 50
# A phone takes so much a second; in as many seconds, everybody's buffers are full.
PHONE_BYTES_S = 8_000
LAST_S = 12
BODY_AIM_MB, PHONE_AIM_KB = 5, 384

Load = Callable[[Server, str, Stage], Coroutine[None, None, None]]


def main() -> None:
    print(described())
    rows = []
    with tempfile.TemporaryDirectory(prefix="beatsync-bench-music-") as folder:
        with wave.open(f"{folder}/long.wav", "wb") as file:
            file.setparams((2, 2, 44_100, 0, "NONE", ""))
            file.writeframes(bytes(FILE_BYTES))
        for name, command in (("daphne", DAPHNE), ("uvicorn", UVICORN)):
            for title, load, cost in (
                ("400 MB, with their length", _send_with_length, _of_all),
                ("400 MB in chunks", _send_in_chunks, _of_all),
                (f"{READERS} readers of one member", _read_nothing, _of_all),
                (f"{PHONES} slow phones", _read_slowly, _of_each_phone),
            ):
                with (
                    installation(MUSIC_DIRS=folder) as environment,
                    serving(environment, *command, APPLICATION) as server,
                ):
                    [room] = stage(environment, Wanted(people=PHONES + WARM_UP, queue=1))
                    memory_mb, vote_ms = asyncio.run(_under(load, server, room))
                rows.append([name, title, *cost(memory_mb), f"{vote_ms:.0f}"])
    head = ["", "load", "memory", "aim", "slowest vote, ms"]
    print(report.table("Clients who send too much, or do not read (SQLite)", head, rows))


def _of_all(memory_mb: float) -> tuple[str, str]:
    return f"+{memory_mb:.1f} MB", report.aim(memory_mb <= BODY_AIM_MB, f"≤ {BODY_AIM_MB} MB")


def _of_each_phone(memory_mb: float) -> tuple[str, str]:
    each_kb = memory_mb * 1024 / PHONES
    return f"+{each_kb:.0f} KB each", report.aim(each_kb <= PHONE_AIM_KB, f"≤ {PHONE_AIM_KB} KB")


async def _under(load: Load, server: Server, room: Stage) -> tuple[float, float]:
    """How many MB of memory the load takes at most, and how long a vote takes at most, in ms."""
    audio = await _long_file(server, room)
    await _warm_up(server, audio, room)
    before_kb, most_kb = memory_kb(server.process.pid), 0
    votes = asyncio.create_task(_vote(server, room))
    under = asyncio.create_task(load(server, audio, room))
    while not under.done():
        await asyncio.sleep(0.05)
        most_kb = max(most_kb, memory_kb(server.process.pid) - before_kb)
    await under
    votes.cancel()
    return most_kb / 1024, await votes


async def _warm_up(server: Server, audio: str, room: Stage) -> None:
    """Let the server start its threads and connections, which no load below has to pay."""
    lines = await _listen(server, audio, room.cookies[-WARM_UP:], a_second=1000)
    await asyncio.sleep(2)
    for line in lines:
        line.close()
    votes = asyncio.create_task(_vote(server, room))
    await asyncio.sleep(2)
    votes.cancel()
    await votes


async def _vote(server: Server, room: Stage) -> float:
    """Vote until cancelled; the slowest vote, in ms."""
    slowest, began = 0.0, clock()
    http = Http(server.port)
    try:
        for number in count():
            began = clock()
            value = 1 if number % 2 else -1
            await http.vote(room.code, room.items[0], cookie=room.cookies[-1], value=value)
            slowest = max(slowest, clock() - began)
            await asyncio.sleep(0.05)
    except asyncio.CancelledError:
        slowest = max(slowest, clock() - began)  # one that still waits counts, too
    await http.close()
    return slowest * 1000


async def _long_file(server: Server, room: Stage) -> str:
    http = Http(server.port)
    path = f"/api/rooms/{room.code}/search?q=long"
    _, answer = await http.ask("GET", path, cookie=room.cookies[0])
    await http.close()
    address: str = answer.decode().partition('"audio":')[2].split('"')[1]
    return address


async def _connect(server: Server, request: str) -> socket.socket:
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)  # the server's buffer goes by it
    line.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(line, ("127.0.0.1", server.port))
    await loop.sock_sendall(line, request.encode())
    return line


async def _send(server: Server, framing: str, data: bytes) -> None:
    request = f"POST /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\n{framing}\r\n\r\n"
    with suppress(ConnectionError):
        line = await _connect(server, request)
        with line:
            for _ in range(BODY_BYTES // 1_000_000):
                await asyncio.get_running_loop().sock_sendall(line, data)
            await asyncio.get_running_loop().sock_recv(line, 4096)
    await asyncio.sleep(1)


async def _send_with_length(server: Server, audio: str, room: Stage) -> None:
    await _send(server, f"Content-Length: {BODY_BYTES}", bytes(1_000_000))


async def _send_in_chunks(server: Server, audio: str, room: Stage) -> None:
    await _send(server, "Transfer-Encoding: chunked", b"f4240\r\n" + bytes(1_000_000) + b"\r\n")


async def _listen(
    server: Server, audio: str, cookies: list[str], *, a_second: int = 100
) -> list[socket.socket]:
    """Ask for the file once for each cookie, so many a second."""
    lines = []
    for cookie in cookies:
        request = f"GET {audio} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: guest={cookie}\r\n\r\n"
        lines.append(await _connect(server, request))
        await asyncio.sleep(1 / a_second)
    return lines


async def _read_nothing(server: Server, audio: str, room: Stage) -> None:
    lines = await _listen(server, audio, room.cookies[:1] * READERS)
    await asyncio.sleep(LAST_S)
    for line in lines:
        line.close()


async def _read_slowly(server: Server, audio: str, room: Stage) -> None:
    lines = await _listen(server, audio, room.cookies[:PHONES])
    for _ in range(LAST_S):
        await asyncio.sleep(1)
        for line in lines:
            with suppress(BlockingIOError, ConnectionError):
                line.recv(PHONE_BYTES_S)
    for line in lines:
        line.close()
