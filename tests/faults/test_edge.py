"""Clients that send too much, too slowly, or do not read what they asked for."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import pytest
import requests

from tests import audio
from tests.faults.client import Person
from tests.faults.conftest import DAPHNE, UVICORN, running, web
from tests.servers import Server

# Far more than anything takes; only a test that fails waits so long.
PATIENCE_S = 30
IMPATIENT = {
    "beatsync.bounds.RECEIVE_S": 1,
    "beatsync.bounds.STALL_S": 1,
    "music.media.STREAMS_PER_MEMBER": 2,
}
MUCH = 400 * 2**20
LENGTH = f"Content-Length: {MUCH}\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"


@pytest.fixture(params=[DAPHNE, UVICORN], ids=["daphne", "uvicorn"], scope="module")
def server(
    home: dict[str, str], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Server]:
    """A web process of each kind; with little patience for those who are slow.

    An hour of silence is more than all buffers between a server and a client hold.
    """
    folder = tmp_path_factory.mktemp("music")
    audio.make(folder / "long.wav", seconds=3600, title="Long")
    serving = web(home | {"MUSIC_DIRS": str(folder)}, request.param, set=IMPATIENT)
    with running(serving):
        yield serving


class RawConnection:
    """A connection on which a test says what it likes, with little room for what comes back."""

    def __init__(self, server: Server, first: str) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # The server's buffer goes by the size of the packets.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        self.socket.settimeout(PATIENCE_S)
        parts = urlsplit(server.url)
        self.socket.connect((parts.hostname, parts.port))
        self.socket.sendall(first.encode())

    def send_until_broken(self, data: bytes, most: int) -> int:
        """How many bytes could be sent before the connection broke."""
        sent = 0
        with suppress(ConnectionError):
            while sent < most:
                self.socket.sendall(data)
                sent += len(data)
        return sent

    def answer(self) -> bytes:
        """Everything until the server closes the connection."""
        told = b""
        with suppress(ConnectionError):
            while data := self.socket.recv(65536):
                told += data
        return told


@pytest.fixture
def line(server: Server) -> Iterator[Callable[[str], RawConnection]]:
    """Opens a connection to the server and says something on it."""
    with ExitStack() as lines:

        def open_line(first: str) -> RawConnection:
            opened = RawConnection(server, first)
            lines.callback(opened.socket.close)
            return opened

        yield open_line


def test_a_body_above_the_limit_is_refused_while_it_arrives(
    server: Server, line: Callable[[str], RawConnection]
) -> None:
    chunk = b"100000\r\n" + bytes(2**20) + b"\r\n"
    for method, path, framing, data in (
        ("POST", "/api/rooms", LENGTH, bytes(2**20)),
        ("PUT", "/nowhere", CHUNKED, chunk),
        ("GET", "/static/js/page.js", CHUNKED, chunk),
        ("DELETE", "/media/audio/x", LENGTH, bytes(2**20)),
        ("POST", "/", f"{LENGTH}Expect: 100-continue\r\n", b""),
    ):
        case = f"{method} {path} {framing}"
        client = line(f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{framing}\r\n")
        assert client.send_until_broken(data, MUCH if data else 0) < MUCH / 4, case
        head, _, body = client.answer().partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 413 "), case
        assert json.loads(body)["error"]["code"] == "too_large", case


def test_a_request_that_does_not_arrive_in_time_is_refused(
    server: Server, line: Callable[[str], RawConnection]
) -> None:
    request = "POST /api/rooms HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    cases = {"its body": f"{request}Content-Length: 9\r\n\r\nx"}
    if "uvicorn" not in str(server.process.args):  # uvicorn waits for a head as long as it takes
        cases["its head"] = f"{request}X-Never: ends"
    for what, said in cases.items():
        assert line(said).answer().startswith(b"HTTP/1.1 408 "), what


def found_track(host: Person, title: str) -> dict[str, str]:
    """A track, as soon as the library has read its file."""
    deadline = time.monotonic() + PATIENCE_S
    while not (items := host.ask("GET", f"/search?q={title}").json()["items"]):
        assert time.monotonic() < deadline
        time.sleep(0.1)  # there is no event for it
    found: dict[str, str] = items[0]
    return found


def test_a_file_that_is_not_read_is_cut_off_and_a_member_has_few_at_a_time(
    server: Server, line: Callable[[str], RawConnection]
) -> None:
    host = Person.opens_room(server.url)
    found = found_track(host, "Long")
    size = int(
        requests.head(
            server.url + found["audio"], headers={"Cookie": host.cookie}, timeout=PATIENCE_S
        ).headers["Content-Length"]
    )
    request = f"GET {found['audio']} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {host.cookie}\r\n\r\n"
    unread = [line(request) for _ in range(2)]
    assert {each.socket.recv(12) for each in unread} == {b"HTTP/1.1 200"}
    deadline = time.monotonic() + PATIENCE_S
    statuses = [line(request).socket.recv(12)]
    while statuses[-1] != b"HTTP/1.1 200" and time.monotonic() < deadline:
        time.sleep(0.2)  # a client is not told when it has been cut off
        statuses.append(line(request).socket.recv(12))
    assert (statuses[0], statuses[-1]) == (b"HTTP/1.1 429", b"HTTP/1.1 200")
    for each in unread:
        assert len(each.answer()) < size


def test_no_answer_says_which_server_gave_it(
    server: Server, line: Callable[[str], RawConnection]
) -> None:
    host = Person.opens_room(server.url)
    upgrade = (
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: {server.url}\r\n"
    )
    for path, fields in (
        ("/healthz", ""),
        ("/static/js/nowhere.js", ""),
        ("/nowhere", "Bad Header\r\n"),
        ("/nowhere\xff", ""),
        (f"/ws/rooms/{host.code}/", upgrade),
        (f"/ws/rooms/{host.code}/", upgrade.replace("Origin: http", "Origin: nowhere")),
    ):
        told = (
            line(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{fields}\r\n")
            .socket.recv(65536)
            .lower()
        )
        assert told.startswith(b"http/1.1 "), path
        for name in (b"\nserver:", b"daphne", b"uvicorn", b"twisted", b"autobahn"):
            assert name not in told, f"{path} {fields}"
