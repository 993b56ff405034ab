"""The load: many listeners' sockets and many voters' requests, in one process, as cheap as can be.

The sockets are read by an epoll of their own, which the event loop watches as one file: a frame
costs a `recv` and a header to take apart, no task and no protocol object.
"""

from __future__ import annotations

import asyncio
import os
import select
import socket
import time
from base64 import b64encode
from collections.abc import Callable, Iterable
from contextlib import suppress

CHUNK = 256 * 1024
TEXT, PING, PONG = 1, 9, 10
# The usual way writes JSON with spaces.
EVENTS = (b'{"type":"events"', b'{"type": "events"')
# Any value of this form passes Django's check, as long as cookie and header agree.
CSRF = "a" * 32

Heard = Callable[[float, bytes], None]
clock = time.perf_counter


class Listeners:
    """Connected sockets, and what they have heard."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.events = 0  # frames of events that have arrived, over all sockets
        self.lost = 0  # sockets that the server has closed
        self.on_events: Heard | None = None
        self.on_frame: Heard | None = None  # every text frame, events among them
        self._ears: dict[int, _Ear] = {}
        self._epoll = select.epoll()
        asyncio.get_running_loop().add_reader(self._epoll.fileno(), self._read)

    async def join(self, path: str, cookies: Iterable[str], *, at_once: int = 50) -> None:
        """Open one socket for each cookie, and wait for each one's first frame."""
        turn = asyncio.Semaphore(at_once)

        async def one(cookie: str) -> None:
            async with turn:
                await self._open(path, cookie)

        async with asyncio.TaskGroup() as group:
            for cookie in cookies:
                group.create_task(one(cookie))

    async def _open(self, path: str, cookie: str) -> None:
        loop = asyncio.get_running_loop()
        line = socket.socket()
        line.setblocking(False)
        await loop.sock_connect(line, ("127.0.0.1", self.port))
        await loop.sock_sendall(
            line,
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: Upgrade\r\n"
            f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nCookie: guest={cookie}\r\n"
            f"Origin: http://127.0.0.1:{self.port}\r\n"
            f"Sec-WebSocket-Key: {b64encode(os.urandom(16)).decode()}\r\n\r\n".encode(),
        )
        answer = b""
        while b"\r\n\r\n" not in answer:
            more = await loop.sock_recv(line, 4096)
            if not more:
                raise ConnectionError(f"no handshake, only {answer!r}")
            answer += more
        head, _, rest = answer.partition(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise ConnectionError(head.decode())
        ear = self._ears[line.fileno()] = _Ear(line, loop.create_future())
        self._hear(ear, rest, clock())
        self._epoll.register(line.fileno(), select.EPOLLIN)
        await asyncio.wait_for(ear.welcomed, 60)

    def send(self, frame: bytes) -> None:
        """Send one text frame of less than 126 bytes from each socket."""
        head = bytes([128 | TEXT, 128 | len(frame), 0, 0, 0, 0])
        for ear in self._ears.values():
            ear.line.send(head + frame)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._epoll.fileno())
        self._epoll.close()
        for ear in self._ears.values():
            ear.line.close()
        self._ears.clear()

    def _read(self) -> None:
        """Read every socket that has something."""
        for number, _ in self._epoll.poll(0, len(self._ears) or 1):
            ear = self._ears[number]
            try:
                data = ear.line.recv(CHUNK)
            except BlockingIOError:
                continue
            except ConnectionError:
                data = b""
            if data:
                self._hear(ear, data, clock())
            else:
                self._lose(ear)

    def _hear(self, ear: _Ear, data: bytes, arrived: float) -> None:
        """Take frames apart; servers do not mask theirs."""
        if ear.rest:
            data = ear.rest + data
        at = 0
        while len(data) - at >= 2:
            length, body = data[at + 1], at + 2
            if length == 126:
                length, body = int.from_bytes(data[at + 2 : at + 4]), at + 4
            elif length == 127:
                length, body = int.from_bytes(data[at + 2 : at + 10]), at + 10
            if len(data) < body + length:
                break
            kind, at = data[at] & 15, body + length
            if kind == TEXT:
                if self.on_frame is not None:
                    self.on_frame(arrived, data[body:at])
                if data.startswith(EVENTS, body):
                    self.events += 1
                    if self.on_events is not None:
                        self.on_events(arrived, data[body:at])
                if not ear.welcomed.done():
                    ear.welcomed.set_result(None)
            elif kind == PING:
                # Clients mask; a mask of zeros is one.
                head = bytes([128 | PONG, 128 | length, 0, 0, 0, 0])
                ear.line.send(head + data[body:at])
        ear.rest = data[at:]

    def _lose(self, ear: _Ear) -> None:
        self.lost += 1
        self._epoll.unregister(ear.line.fileno())
        del self._ears[ear.line.fileno()]
        ear.line.close()
        if not ear.welcomed.done():
            ear.welcomed.set_exception(ConnectionError("closed before the first frame"))


class _Ear:
    """One socket: what it has received of an unfinished frame, and whether it heard any yet."""

    __slots__ = ("line", "rest", "welcomed")

    def __init__(self, line: socket.socket, welcomed: asyncio.Future[None]) -> None:
        self.line = line
        self.rest = b""
        self.welcomed = welcomed


class Http:
    """Keep-alive connections to one server, as many as there are requests at a time."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(
        self, method: str, path: str, *, cookie: str = "", body: str = "", headers: str = ""
    ) -> tuple[int, bytes]:
        """Send a request; return the status and the body of the answer.

        `headers` are more lines, each with its line break.
        """
        head, answer = await self._exchange(method, path, cookie=cookie, body=body, headers=headers)
        return int(head[9:12]), answer

    async def join(self, code: str) -> str:
        """Make somebody new a member; return their cookie."""
        head, answer = await self._exchange("POST", f"/api/rooms/{code}/join", body="{}")
        assert head[9:12] == b"200", answer
        return head.partition(b"guest=")[2].partition(b";")[0].decode()

    async def _exchange(
        self, method: str, path: str, *, cookie: str = "", body: str = "", headers: str = ""
    ) -> tuple[bytes, bytes]:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():
                break
            writer.close()  # the server closes a connection that nobody has used for a minute
        else:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Cookie: guest={cookie}; csrftoken={CSRF}\r\nX-CSRFToken: {CSRF}\r\n"
            f"{headers}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        low = head.lower()
        length = int(low.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        answer = await reader.readexactly(length)
        if b"connection: close" in low:
            writer.close()
        else:
            self._idle.append((reader, writer))
        return head, answer

    async def vote(self, code: str, item: int, *, cookie: str, value: int) -> tuple[int, bytes]:
        path = f"/api/rooms/{code}/queue/{item}/vote"
        return await self.ask("PUT", path, cookie=cookie, body=f'{{"value":{value}}}')

    async def close(self) -> None:
        for _, writer in self._idle:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
        self._idle.clear()
