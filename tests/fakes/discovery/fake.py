"""The fakes as a test holds them: start them, say what they know and what is wrong, count calls."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.fakes.discovery.knowledge import Knowledge, Names, folded
from tests.fakes.discovery.labs import FakeLabs
from tests.fakes.discovery.lastfm import KEY, FakeLastfm
from tests.fakes.discovery.switches import LabsSwitches, LastfmSwitches
from tests.fakes.spotify.calls import CallRecord
from tests.fakes.spotify.server import Handler, serving
from tests.fakes.spotify.wire import Answer, Request

LASTFM_PATH = "/2.0/"


class FakeDiscovery:
    """Last.fm, Labs and MusicBrainz on one port, from `with` to the end of its block."""

    def __init__(self, port: int = 0, *, knowledge: Knowledge | None = None) -> None:
        self.knowledge = knowledge or Knowledge()
        self.lastfm, self.labs = LastfmSwitches(), LabsSwitches()
        self.calls: list[CallRecord] = []
        # So many calls were under way at once, at most.
        self.most_at_once = 0
        # Set when the fake ends, so that nobody waits longer.
        self.ending = threading.Event()
        self._at_once = 0
        self._lock = threading.Lock()
        self._lastfm = FakeLastfm(self.knowledge, self.lastfm)
        self._labs = FakeLabs(self.knowledge, self.labs)
        self._port = port
        self._server: _Server | None = None

    def __enter__(self) -> Self:
        self.ending.clear()
        self._server = _Server(self, self._port)
        self._port = self._server.server_address[1]
        serving(self._server)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Be away: the connection is refused from now on."""
        if self._server:
            self.ending.set()
            self._server.end()
            self._server = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def settings(self) -> dict[str, Any]:
        """What BeatSync must be set to, to ask these instead."""
        return {
            "LASTFM_API_KEY": KEY,
            "LASTFM_API_URL": f"{self.url}{LASTFM_PATH}",
            "LISTENBRAINZ": True,
            "LISTENBRAINZ_LABS_URL": self.url,
            "MUSICBRAINZ_URL": self.url,
        }

    def environment(self) -> dict[str, str]:
        """The same for a process of its own."""
        return {name: str(value) for name, value in self.settings().items()}

    def know(self, artist: str, title: str, near: list[Names]) -> None:
        """Let these tracks be near that one, the nearest first."""
        self.knowledge.tracks[folded(artist, title)] = near

    def calls_to(self, path: str, **query: str) -> list[CallRecord]:
        """Calls to one path whose query has these values."""
        with self._lock:
            return [
                call
                for call in self.calls
                if call.path == path and query.items() <= call.query.items()
            ]

    def answer(self, request: Request) -> Answer:
        is_lastfm = request.path == LASTFM_PATH
        switches = self.lastfm if is_lastfm else self.labs
        record = CallRecord(
            time.time(),
            request.method,
            request.path,
            request.query,
            request.headers.get("user-agent", ""),
        )
        with self._lock:
            self.calls.append(record)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            if switches.slow_s:
                self.ending.wait(switches.slow_s)
            if switches.dropped:
                return Answer(dropped=True)
            answer = (self._lastfm if is_lastfm else self._labs).answer(request)
            record.status = answer.status
            return self._dripping(answer, switches.drip_s) if switches.drip_s else answer
        finally:
            with self._lock:
                self._at_once -= 1

    def _dripping(self, answer: Answer, drip_s: float) -> Answer:
        """The same answer, byte by byte, until the client or the fake has enough of it."""

        def stream(write: Callable[[bytes], bool]) -> None:
            for byte in answer.body:
                if self.ending.wait(drip_s) or not write(bytes([byte])):
                    return

        return replace(answer, body=b"", stream=stream)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, service: FakeDiscovery, port: int) -> None:
        self.service = service
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Connections are dropped on purpose here, and clients give up on slow answers."""

    def end(self) -> None:
        self.shutdown()
        self.server_close()
        for connection in self._open.copy():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
