"""Clients that are slow, stuck, noisy, or very many: nobody else notices."""

import asyncio
import json
import random
import re
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import websockets
from websockets.asyncio.client import connect

from rooms import access
from rooms.admission import Admission
from rooms.frames import encode_frame
from rooms.models import Member
from rooms.relays import Relays
from rooms.room_socket import BACKLOG, FRAMES_PER_WINDOW, WINDOW_MS, RoomSocket, observe_nothing
from tests.faults.client import Listener, Person
from tests.faults.conftest import DAPHNE, UVICORN, running, web
from tests.servers import ROOT, Server

GARBAGE: list[str | bytes] = [
    "", "[]", "null", "{", '{"type": "vote"}', "[" * 5_000, "9" * 20_000, b"\x00\xff", "\ud7ff",
]  # fmt: skip
PROTOCOL = ROOT / "docs" / "protocol.md"
# A few snapshots of it are more than the buffers between a server and a client hold.
A_LONG_QUEUE = """
from music.actions.queue import add_track
from music.models import Track
from rooms.models import Member
host = Member.objects.get(room__code={code!r})
for number in range(150):
    uri, title = f"library:{{host.pk}}-{{number}}", f"{{number}} " + 40 * "long "
    track = Track.objects.create(
        uri=uri, source="library", title=title, artists=[f"Artist {{number}}"], duration_ms=60_000
    )
    add_track(member=host, track=track)
# They have no files, and other tests look for tracks to play.
Track.objects.filter(uri__startswith=f"library:{{host.pk}}-").update(available=False)
"""
RESYNC = '{"type":"resync"}'
# Far more than anything takes; only a test that fails waits so long.
PATIENCE_S = 30
IMPATIENT = {"rooms.room_socket.STUCK_S": 0.5, "rooms.room_socket.GOODBYE_S": 0.5}


@pytest.fixture(params=[DAPHNE, UVICORN], ids=["daphne", "uvicorn"], scope="module")
def server(home: dict[str, str], request: pytest.FixtureRequest) -> Iterator[Server]:
    """A web process of each kind; with little patience for those who do not read."""
    serving = web(home, request.param, tally=True, finishes=True, set=IMPATIENT)
    with running(serving):
        yield serving


@asynccontextmanager
async def unread_socket(person: Person) -> AsyncIterator[socket.socket]:
    """A socket to the room that is not read, with hardly any room on the way for what is sent."""
    parts = urlsplit(person.urls[0])
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)  # the sender's buffer goes by it
    line.setblocking(False)
    loop = asyncio.get_running_loop()
    try:
        await loop.sock_connect(line, (parts.hostname, parts.port))
        await loop.sock_sendall(line, handshake(person))
        yield line
    finally:
        line.close()


def handshake(person: Person) -> bytes:
    return (
        f"GET /ws/rooms/{person.code}/ HTTP/1.1\r\nHost: {urlsplit(person.urls[0]).netloc}\r\n"
        f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: {person.urls[0]}\r\n"
        f"Cookie: {person.cookie}\r\n\r\n"
    ).encode()


def masked(text: str) -> bytes:
    """A short text frame, as clients send it (with a mask that changes nothing)."""
    assert len(text) < 126
    return bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text.encode()


def open_page(person: Person) -> connect:
    """A socket to the room, to be entered."""
    return connect(
        person.urls[0].replace("http", "ws") + f"/ws/rooms/{person.code}/",
        origin=person.urls[0],  # type: ignore[arg-type]  # a plain string there
        additional_headers={"Cookie": person.cookie},
        compression=None,
        open_timeout=60,
    )


async def change(person: Person, number: int) -> None:
    """Something that everybody hears of."""
    await asyncio.to_thread(person.ask, "PATCH", f"/members/{person.id}", {"name": f"No. {number}"})


def memory_mb(server: Server) -> float:
    with open(f"/proc/{server.process.pid}/statm") as statm:
        return int(statm.read().split()[1]) * 4096 / 2**20


async def test_a_socket_that_is_not_read_delays_nobody_and_is_let_go(server: Server) -> None:
    host = Person.opens_room(server.url)
    server.run(A_LONG_QUEUE.format(code=host.code))
    stuck = host.invites()
    async with Listener(host) as page, unread_socket(stuck) as line:
        await page.until(lambda: stuck.id in page.here)
        before_mb = memory_mb(server)
        number, asks_at = 0, 0.0
        async with asyncio.timeout(2 * PATIENCE_S):
            while stuck.id in page.here:
                # It asks for snapshots, not too often for anybody, and reads none of them.
                if time.monotonic() >= asks_at:
                    with suppress(ConnectionError):  # it has been let go meanwhile
                        await asyncio.get_running_loop().sock_sendall(line, masked(RESYNC))
                    asks_at = time.monotonic() + 1.5 * WINDOW_MS / 1000 / FRAMES_PER_WINDOW
                number += 1
                revision = page.revision
                await change(host, number)
                await page.reach(revision + 1, within_s=3)
                await asyncio.sleep(0.05)
        assert memory_mb(server) < before_mb + 30


@pytest.mark.django_db(transaction=True)
async def test_a_slow_client_gets_one_snapshot_for_its_backlog_and_then_4408(guest: Member) -> None:
    reads = asyncio.Event()
    reads.set()
    sent: list[dict[str, object]] = []
    said: asyncio.Queue[dict[str, object]] = asyncio.Queue()

    async def send(message: dict[str, object]) -> None:
        await reads.wait()
        sent.append(message)

    async def kinds(last: str) -> list[str]:
        """The types of what has been written but for presence, as soon as the last one is this."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                written = [json.loads(str(each["text"]))["type"] for each in sent if "text" in each]
                written = [kind for kind in written if kind != "presence"]
                if written and written[-1] == last:
                    return written
                await asyncio.sleep(0.01)

    def read_nothing_for_a_while() -> None:
        reads.clear()
        for _ in range(BACKLOG + 2):
            line.offer(encode_frame({"type": "events", "from": 1, "to": 1, "events": [None]}))
        sent.clear()
        reads.set()

    cookie = f"{access.COOKIE}={access.cookie_of(guest.guest)}"
    scope = {
        "headers": [(b"cookie", cookie.encode())],
        "url_route": {"kwargs": {"code": guest.room.code}},
    }
    line = RoomSocket(send, Relays(), Admission(), observe_nothing)
    serving = asyncio.create_task(line.serve(scope, said.get))
    await said.put({"type": "websocket.connect"})
    await kinds("snapshot")
    read_nothing_for_a_while()
    # What was on its way when it stopped, and then no backlog.
    assert await kinds("snapshot") == ["events", "snapshot"]
    read_nothing_for_a_while()
    assert await kinds("error") == ["events", "error"]
    assert sent[-1] == {"type": "websocket.close", "code": 4408}
    await said.put({"type": "websocket.disconnect"})
    await serving


async def test_ten_thousand_frames_of_garbage_end_one_line_only(server: Server) -> None:
    host = Person.opens_room(server.url)
    noisy = host.invites()
    async with Listener(host) as page:
        async with open_page(noisy) as line:
            with suppress(websockets.ConnectionClosed):
                for _ in range(10_000):
                    await line.send(random.choice(GARBAGE))
            with suppress(websockets.ConnectionClosed):
                while True:
                    answer = json.loads(await line.recv())
                    assert answer["type"] in ("snapshot", "error", "presence", "events")
        assert line.close_code in (4400, 1006)
        await change(host, 1)
        await page.until(lambda: page.state["members"][-1]["name"] == "No. 1")
        assert page.seen["connected"] == 1
    assert requests.get(f"{server.url}/readyz", timeout=5).ok


async def test_a_large_message_is_refused_as_soon_as_it_says_its_size(server: Server) -> None:
    async with open_page(Person.opens_room(server.url)) as line:
        await line.recv()
        head = b"\x81\xff" + (64 * 1024 + 1).to_bytes(8) + bytes(4)
        line.transport.write(head + b"and its rest comes never")
        async with asyncio.timeout(PATIENCE_S / 3):  # after 20 s, unanswered pings would end it
            await line.wait_closed()
        assert line.close_code in (1009, 1006)


async def test_every_documented_close_code_reaches_the_client(server: Server) -> None:
    host = Person.opens_room(server.url)
    codes = [int(code) for code in re.findall(r"^\| (\d{4}) \|", PROTOCOL.read_text(), re.M)]
    heard = []
    for code in codes:
        async with open_page(host) as line:
            await line.send(json.dumps({"type": "finish", "code": code}))
            with suppress(websockets.ConnectionClosed):
                while True:
                    frame = json.loads(await line.recv())
        heard.append((line.close_code, frame["code"]))
    assert heard == [(code, "asked_for") for code in codes]


async def test_of_a_flood_nothing_is_read_any_more_and_the_line_is_cut(server: Server) -> None:
    host = Person.opens_room(server.url)
    parts = urlsplit(server.url)
    flood = memoryview(masked('{"type":"pulse"}') * 500_000)
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        line.setblocking(False)
        loop, sent = asyncio.get_running_loop(), 0
        await loop.sock_connect(line, (parts.hostname, parts.port))
        await loop.sock_sendall(line, handshake(host))
        await loop.sock_recv(line, 1)  # a client speaks when it has been let in
        with suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE_S):
                while sent < len(flood):
                    await loop.sock_sendall(line, flood[sent : sent + 65536])
                    sent += 65536
    # What fills the buffers between two programs, and no more.
    assert sent < 512 * 1024, f"{sent:,} bytes were taken"


# What a snapshot holds besides the parts of the room.
NOT_PARTS = {"type", "revision", "server_ms", "me", "presence"}


@pytest.mark.parametrize("server", [DAPHNE], ids=["daphne"], indirect=True)
async def test_five_hundred_who_come_in_the_same_second_read_each_part_once(
    server: Server,
) -> None:
    host = Person.opens_room(server.url)
    host.add(host.library()[0])
    people = [host, *(host.invites() for _ in range(4))]
    before = server.log.read_text().count("TALLY part read")
    queries = server.log.read_text().count("TALLY queried")
    # The revision stays, so what was read once is read for all.
    lines = await asyncio.gather(*[first_frame(people[n % 5]) for n in range(500)])
    assert {line["revision"] for line in lines} == {lines[0]["revision"]}
    assert {line["me"]["id"] for line in lines} == {person.id for person in people}
    log = server.log.read_text()
    assert log.count("TALLY part read") - before <= len(lines[0].keys() - NOT_PARTS)
    assert log.count("TALLY queried") - queries < 100


async def first_frame(person: Person) -> dict[str, Any]:
    async with open_page(person) as line:
        frame: dict[str, Any] = json.loads(await line.recv())
        return frame


@pytest.mark.parametrize("server", [DAPHNE], ids=["daphne"], indirect=True)
async def test_two_thousand_idle_sockets_are_told_what_happens(server: Server) -> None:
    host = Person.opens_room(server.url)
    people = [host, *(host.invites() for _ in range(19))]
    parts = urlsplit(server.url)
    lines: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def open_one(person: Person) -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        lines.append((reader, writer))
        writer.write(handshake(person))
        await reader.readuntil(b'"type":"snapshot"')

    for wave in range(8):
        await asyncio.gather(*[open_one(people[(wave + n) % 20]) for n in range(250)])
    began = time.monotonic()
    await change(host, 4711)
    assert time.monotonic() - began < 5
    await asyncio.gather(
        *[asyncio.wait_for(reader.readuntil(b"No. 4711"), 30) for reader, _ in lines]
    )
    assert len(lines) == 2_000
    for _, writer in lines:
        writer.transport.abort()
    assert requests.get(f"{server.url}/readyz", timeout=10).ok
