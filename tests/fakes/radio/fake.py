"""The fake as a test holds it: what is on, what is wrong, and who is connected."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any, Self

from tests.fakes.radio import sounds

METAINT = 512
# Twenty pieces a second, a little faster than the sound runs.
PIECES_PER_S = 20


class FakeRadio:
    """Stations on one port of 127.0.0.1, from `with` to the end of its block."""

    def __init__(self, port: int = 0) -> None:
        # What all stations say is on, as it stands between the quotes of `StreamTitle`.
        self.title = b"Mira Sol - Cardamom"
        # Stations that are away: their connections are closed without a word, the open ones, too.
        self.dead: set[str] = set()
        # Connections to each path so far, and those that are open now.
        self.calls: Counter[str] = Counter()
        self.open: Counter[str] = Counter()
        # Where `/redirect` leads.
        self.location = "http://127.0.0.2:8000/mp3"
        self.ending = threading.Event()
        self._changed = threading.Condition()
        self._port = port
        self._server: _RadioServer | None = None

    def __enter__(self) -> Self:
        self.ending.clear()
        self._server = _RadioServer(self, self._port)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    @property
    def paths(self) -> list[str]:
        return sorted(STATIONS)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._port}/{path}"

    def wait_until(self, is_so: Callable[[], bool], *, within_s: float = 20) -> bool:
        """Wait for a change of the connections; whether it came."""
        with self._changed:
            return self._changed.wait_for(is_so, within_s)

    def note(self, path: str, change: int) -> None:
        with self._changed:
            self.open[path] += change
            self.calls[path] += change > 0
            self._changed.notify_all()


class _RadioServer(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, radio: FakeRadio, port: int) -> None:
        self.radio = radio
        super().__init__(("127.0.0.1", port), _Listener)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A listener who leaves is no fault."""


class _Listener(StreamRequestHandler):
    server: _RadioServer

    def handle(self) -> None:
        self.radio = self.server.radio
        words = self.rfile.readline(4096).split()
        self.wants_titles = False
        while (line := self.rfile.readline(4096)) not in (b"\r\n", b"\n", b""):
            self.wants_titles |= line.lower().startswith(b"icy-metadata: 1")
        self.path = words[1].decode().lstrip("/") if len(words) > 1 else ""
        self.radio.note(self.path, 1)
        try:
            with suppress(OSError):
                STATIONS.get(self.path, _missing)(self)
        finally:
            self.radio.note(self.path, -1)

    def head(self, kind: str, *lines: str, status: str = "HTTP/1.0 200 OK") -> None:
        text = "\r\n".join([status, f"Content-Type: {kind}", *lines])
        self.wfile.write(f"{text}\r\n\r\n".encode())

    def stream(self, kind: str, sound: bytes, *, titles: bool = True, **head: str) -> None:
        """Sound as fast as it is heard, with titles if somebody wants them."""
        if self.is_dead:
            return
        with_titles = titles and self.wants_titles
        extra = [f"icy-metaint: {METAINT}"] if with_titles else []
        self.head(kind, "icy-name: Fake Radio", *extra, **head)
        for piece in self.pieces(sound):
            self.wfile.write(piece + (self.title() if with_titles else b""))

    def pieces(self, sound: bytes) -> Iterator[bytes]:
        size = METAINT
        every_s = min(1 / PIECES_PER_S, size * sounds.SECONDS / len(sound))
        at = 0
        while not self.is_dead and not self.radio.ending.wait(every_s):
            yield (sound * 2)[at : at + size] if len(sound) >= size else (sound * size)[:size]
            at = (at + size) % len(sound)

    def title(self) -> bytes:
        text = b"StreamTitle='" + self.radio.title + b"';StreamUrl='';"
        units = -(-len(text) // 16)
        return bytes([units]) + text.ljust(units * 16, b"\0")

    @property
    def is_dead(self) -> bool:
        return self.path in self.radio.dead


def _mp3(line: _Listener) -> None:
    line.stream("audio/mpeg", sounds.mp3())


def _aac(line: _Listener) -> None:
    line.stream("audio/aacp", sounds.aac())


def _ogg(line: _Listener) -> None:
    line.stream("application/ogg", sounds.ogg(), titles=False)


def _plain(line: _Listener) -> None:
    """Sends no titles."""
    line.stream("audio/mpeg", sounds.mp3(), titles=False)


def _shoutcast(line: _Listener) -> None:
    """Answers as SHOUTcast 1 does."""
    line.stream("audio/mpeg", sounds.mp3(), status="ICY 200 OK")


def _slow(line: _Listener) -> None:
    """Accepts, and says nothing until the client goes."""
    line.connection.settimeout(0.05)
    while not line.is_dead and not line.radio.ending.is_set():
        with suppress(TimeoutError):
            if not line.connection.recv(1):
                return


def _endless(line: _Listener) -> None:
    """Has a head without end."""
    line.wfile.write(b"HTTP/1.0 200 OK\r\n")
    while not line.radio.ending.is_set():
        line.wfile.write(b"X-More: " + b"x" * 1000 + b"\r\n")


def _flood(line: _Listener) -> None:
    """Sends as fast as it can, without end."""
    line.head("audio/mpeg")
    while not line.radio.ending.is_set():
        line.wfile.write(bytes(64 * 1024))


def _dense(line: _Listener) -> None:
    """Has a title after each byte of its sound."""
    line.head("audio/mpeg", "icy-metaint: 1")
    while not line.radio.ending.is_set():
        line.wfile.write(b"x\0" * 8192)


def _greeting(line: _Listener) -> None:
    """Does not speak HTTP."""
    line.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")


def _text(line: _Listener) -> None:
    line.head("text/html")
    line.wfile.write(b"<h1>A radio</h1>")


def _short(line: _Listener) -> None:
    """Stops in the middle of its sound."""
    line.head("audio/mpeg")
    line.wfile.write(sounds.mp3()[: 96 * 20])


def _redirect(line: _Listener) -> None:
    line.head("text/plain", f"Location: {line.radio.location}", status="HTTP/1.0 302 Found")


def _loop(line: _Listener) -> None:
    line.head("text/plain", "Location: /loop", status="HTTP/1.0 302 Found")


def _m3u(line: _Listener) -> None:
    line.head("audio/x-mpegurl")
    line.wfile.write(b"#EXTM3U\n#EXTINF:-1,Fake\n/missing\n/mp3\n")


def _pls(line: _Listener) -> None:
    line.head("text/plain")
    line.wfile.write(f"[playlist]\nFile1={line.radio.url('aac')}\nTitle1=Fake\n".encode())


def _hls(line: _Listener) -> None:
    line.head("audio/x-mpegurl")
    line.wfile.write(b"#EXTM3U\n#EXT-X-TARGETDURATION:6\nsegment1.ts\n")


def _long_list(line: _Listener) -> None:
    """A playlist without end."""
    line.head("audio/x-mpegurl")
    while not line.radio.ending.is_set():
        line.wfile.write(b"# nothing yet\n" * 1000)


def _private_list(line: _Listener) -> None:
    line.head("audio/x-mpegurl")
    line.wfile.write(b"http://127.0.0.2:8000/mp3\nfile:///etc/passwd\n")


def _missing(line: _Listener) -> None:
    line.head("text/plain", status="HTTP/1.0 404 Not Found")


STATIONS: dict[str, Callable[[_Listener], None]] = {
    "mp3": _mp3,
    "aac": _aac,
    "ogg": _ogg,
    "plain": _plain,
    "shoutcast": _shoutcast,
    "slow": _slow,
    "endless": _endless,
    "flood": _flood,
    "dense": _dense,
    "greeting": _greeting,
    "text": _text,
    "short": _short,
    "redirect": _redirect,
    "loop": _loop,
    "listen.m3u": _m3u,
    "listen.pls": _pls,
    "hls.m3u": _hls,
    "long.m3u": _long_list,
    "private.m3u": _private_list,
}
