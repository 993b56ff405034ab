"""The line to the world outside: one session per process, that also works without a resolver.

`ask` makes every call: its answer has a greatest size, and a deadline for all of it. The timeouts
of `requests` count from one byte to the next, so a slow sender could hold a thread for hours.

The addresses at which a host was last reached are remembered. When names do not resolve, they are
tried, with the host's certificate and name checked as ever: an address is a hint, never a proof.
"""

import io
import json
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from socket import socket
from typing import Any

import requests
from cachetools import LRUCache
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NameResolutionError
from urllib3.util.connection import create_connection

USER_AGENT = "BeatSync/1.0 (a collaborative jukebox)"
CONNECT_S, READ_S = 3.0, 5.0
# As many lines to one host as are kept open; more are opened when needed, and closed after.
LINES = 16
# So many addresses of a host are remembered, the last one that worked first.
ADDRESSES = 4
# Of so many hosts; the one that was not reached for longest is forgotten first.
HOSTS = 1000

LONGEST_BODY = 4 * 1024 * 1024
_CHUNK = 64 * 1024

# Of the call that a thread makes now: the moment by `time.monotonic` at which it is given up.
_call = threading.local()

_addresses: LRUCache[str, deque[str]] = LRUCache(HOSTS)
_addresses_lock = threading.Lock()


@cache
def session() -> requests.Session:
    """The session of this process. It keeps no cookies."""
    made = requests.Session()
    made.headers["User-Agent"] = USER_AGENT
    # Many accounts share it: what a server says to one of them is not for another.
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        made.mount(scheme, _Adapter(pool_maxsize=LINES))
    return made


@dataclass(frozen=True)
class OutsideAnswer:
    """What came back, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The JSON in the body. Raises `ValueError`."""
        return json.loads(self.body)


def ask(
    method: str,
    url: str,
    *,
    most_s: float,
    most_bytes: int = LONGEST_BODY,
    read_s: float | None = None,
    **request: Any,
) -> OutsideAnswer:
    """Make one call, and give it up after `most_s` seconds or `most_bytes` of its body.

    `read_s` is how long it may send nothing, `READ_S` if not given; `request` is as for
    `requests.request`. No redirect is followed: a key or a token goes to nobody else. Raises
    `requests.RequestException`, and `UnicodeError` for an address that is none.
    """
    _call.deadline = time.monotonic() + most_s
    try:
        with session().request(
            method,
            url,
            timeout=(min(CONNECT_S, most_s), min(READ_S if read_s is None else read_s, most_s)),
            allow_redirects=False,
            stream=True,
            **request,
        ) as response:
            body = b""
            for chunk in response.iter_content(_CHUNK):
                body += chunk
                if len(body) > most_bytes:
                    raise requests.Timeout("The answer is too long.")
            return OutsideAnswer(response.status_code, response.headers, body)
    finally:
        _call.deadline = None


def forget() -> None:
    """Close all lines, and forget where anybody lives."""
    session().close()
    session.cache_clear()
    with _addresses_lock:
        _addresses.clear()


class _UntilDeadline(io.RawIOBase):
    """The bytes of a connection, up to the deadline of the thread's call."""

    def __init__(self, sock: socket) -> None:
        self._sock, self._raw = sock, sock.makefile("rb", buffering=0)
        self._deadline: float | None = getattr(_call, "deadline", None)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._deadline is None:
            return self._raw.readinto(buffer)
        left_s = self._deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("The answer took too long.")
        timeout_s = self._sock.gettimeout()
        self._sock.settimeout(left_s if timeout_s is None else min(timeout_s, left_s))
        try:
            return self._raw.readinto(buffer)
        finally:
            self._sock.settimeout(timeout_s)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(HTTPResponse):
    """A response that is read up to the deadline, from the first byte of its headers on."""

    def __init__(self, sock: socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_UntilDeadline(sock))


class _Remembering(HTTPConnection):
    """A connection that knows where its host was last reached."""

    response_class = _TimedResponse

    def connect(self) -> None:
        super().connect()
        # Only now: whoever answers at an address has shown the certificate of the host, too.
        remember_address(self.host, self.sock.getpeername()[0])

    def _new_conn(self) -> socket:
        try:
            return super()._new_conn()
        except NameResolutionError as error:
            return self._at_a_known_address(error)

    def _at_a_known_address(self, error: NameResolutionError) -> socket:
        """A connection to where the host last was. Raises the resolver's error without one."""
        for address in known_addresses(self.host):
            try:
                return create_connection(
                    (address, self.port),
                    self.timeout,
                    source_address=self.source_address,
                    socket_options=self.socket_options,
                )
            except OSError:
                continue  # another of its addresses may do
        raise error


class _RememberingTls(_Remembering, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Remembering


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _RememberingTls


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


def remember_address(host: str, address: str) -> None:
    """A host was reached at this network address just now."""
    with _addresses_lock:
        known = _addresses.setdefault(host, deque(maxlen=ADDRESSES))
        if address in known:
            known.remove(address)
        known.appendleft(address)


def known_addresses(host: str) -> list[str]:
    """The network addresses at which a host was reached, the last one first."""
    with _addresses_lock:
        return list(_addresses.get(host, ()))
