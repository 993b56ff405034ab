"""The line to the world outside: one session per process, that also works without a resolver.

The addresses at which a host was last reached are remembered. When names do not resolve, they are
tried, with the host's certificate and name checked as ever: an address is a hint, never a proof.
"""

import threading
from collections import defaultdict, deque
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from socket import socket
from typing import Any

import requests
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

_addresses: defaultdict[str, deque[str]] = defaultdict(lambda: deque(maxlen=ADDRESSES))
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


def forget() -> None:
    """Close all lines, and forget where anybody lives."""
    session().close()
    session.cache_clear()
    with _addresses_lock:
        _addresses.clear()


class _Remembering(HTTPConnection):
    """A connection that knows where its host was last reached."""

    def connect(self) -> None:
        super().connect()
        # Only now: whoever answers at an address has shown the certificate of the host, too.
        _remember(self.host, self.sock)

    def _new_conn(self) -> socket:
        try:
            return super()._new_conn()
        except NameResolutionError as error:
            return self._at_a_known_address(error)

    def _at_a_known_address(self, error: NameResolutionError) -> socket:
        """A connection to where the host last was. Raises the resolver's error without one."""
        for address in _known(self.host):
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


def _remember(host: str, line: Any) -> None:
    address = line.getpeername()[0]
    with _addresses_lock:
        known = _addresses[host]
        if address in known:
            known.remove(address)
        known.appendleft(address)


def _known(host: str) -> list[str]:
    with _addresses_lock:
        return list(_addresses.get(host, ()))
