"""One connection to a station, by the event loop: it takes no thread, however long it lasts.

`requests` is not used here. It would hold a thread for each stream, it does not understand the
first line of SHOUTcast ("ICY 200 OK"), and it resolves a name anew after a check of its address.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from ipaddress import ip_address

from music import outside
from music.sources.radio.errors import BadStationAddress, PrivateStation, StationAway
from music.sources.radio.station_addresses import WebAddress, check_network, follow

# With the time to resolve the name.
CONNECT_S = 4.0
# After this, a host whose name does not resolve is looked for where it was last reached.
RESOLVE_S = 2.0
# From the request to the last line of the head.
HEAD_S = 5.0
# A stream that sends nothing for this long has stopped.
SILENT_S = 10.0
HEAD_BYTES = 16 * 1024
HEAD_LINES = 200
MOST_REDIRECTS = 5
# What is read at a time, and twice that is the most that waits in memory.
PIECE_BYTES = 16 * 1024
_REDIRECTS = {301, 302, 303, 307, 308}


class ConnectionUse(StrEnum):
    """What a connection is for: to add a station, to play it, to see whether it is back."""

    ADD = "add"
    PLAY = "play"
    WATCH = "watch"


# Names are resolved by the system, which may take long and cannot be interrupted. So a name that
# somebody adds and that does not resolve holds up no station that plays.
_resolvers = {
    use: ThreadPoolExecutor(4, thread_name_prefix=f"radio-names-{use}") for use in ConnectionUse
}


@dataclass(frozen=True)
class StreamAnswer:
    """The head of an answer, and the way to read what follows. Names of headers in lower case."""

    address: WebAddress
    headers: dict[str, str]
    _reader: asyncio.StreamReader

    @property
    def content_type(self) -> str:
        """Without its parameters, in lower case; "" where the server names none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    async def read(self) -> bytes:
        """The next bytes; none at the end. Raises `StationAway` after `SILENT_S` without any."""
        try:
            async with asyncio.timeout(SILENT_S):
                return await self._reader.read(PIECE_BYTES)
        except (OSError, TimeoutError) as error:
            raise StationAway from error


@asynccontextmanager
async def asking(address: WebAddress, use: ConnectionUse) -> AsyncIterator[StreamAnswer]:
    """Ask a server for its stream, over redirects, and close the connection at the end.

    Where the host of a saved station was reached is remembered; of no other host, for strangers
    choose those. Raises `StationAway`, `BadStationAddress` and `PrivateStation`, at every
    redirect, too.
    """
    saved_host = None if use is ConnectionUse.ADD else address.host
    for _ in range(MOST_REDIRECTS + 1):
        reader, writer = await _connect(address, use)
        try:
            if address.host == saved_host and _network_address(saved_host) is None:
                outside.remember_address(saved_host, writer.get_extra_info("peername")[0])
            status, headers = await _ask(reader, writer, address)
            if status == 200:
                if "chunked" in headers.get("transfer-encoding", ""):
                    raise StationAway  # it was asked in HTTP/1.0, which has no chunks
                yield StreamAnswer(address, headers, reader)
                return
        finally:
            # Not closed politely: nobody waits for a server that does not read.
            writer.transport.abort()
        if status not in _REDIRECTS or "location" not in headers:
            raise StationAway
        address = follow(address, headers["location"])
    raise StationAway


async def _connect(
    address: WebAddress, use: ConnectionUse
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to a checked network address of the host."""
    context = _tls() if address.is_tls else None
    refusal: Exception = StationAway()
    try:
        async with asyncio.timeout(CONNECT_S):
            for found in await _network_addresses(address, use):
                try:
                    check_network(found)
                    return await asyncio.open_connection(
                        found,
                        address.port,
                        limit=HEAD_BYTES,
                        ssl=context,
                        server_hostname=address.host if context else None,
                    )
                except PrivateStation as private:
                    refusal = private
                except (OSError, ssl.SSLError):
                    continue  # another of its addresses may do
    except TimeoutError as late:
        raise StationAway from late
    raise refusal


async def _network_addresses(address: WebAddress, use: ConnectionUse) -> list[str]:
    """Where the host is; where it was when it was last reached, if names do not resolve."""
    if (literal := _network_address(address.host)) is not None:
        return [literal]
    known = outside.known_addresses(address.host)
    resolving = asyncio.get_running_loop().run_in_executor(
        _resolvers[use], socket.getaddrinfo, address.host, address.port, 0, socket.SOCK_STREAM
    )
    try:
        async with asyncio.timeout(RESOLVE_S if known else None):
            found = await resolving
    except UnicodeError as error:
        raise BadStationAddress from error
    except OSError:  # `TimeoutError` is one
        return known
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def _network_address(host: str) -> str | None:
    """The host itself, where it is an address of the network; None: it is a name."""
    with suppress(ValueError):
        return str(ip_address(host))
    return None


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: WebAddress
) -> tuple[int, dict[str, str]]:
    """Send the request and read the head of its answer: status and headers."""
    lines = [
        f"GET {address.target} HTTP/1.0",
        f"Host: {address.host_header}",
        f"User-Agent: {outside.USER_AGENT}",
        "Accept: audio/*, application/ogg, */*;q=0.1",
        "Icy-MetaData: 1",
        "Connection: close",
    ]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("ascii"))
    try:
        async with asyncio.timeout(HEAD_S):
            await writer.drain()
            head = await _read_head(reader)
    except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError) as error:
        raise StationAway from error
    return _status(head[0]), _headers(head[1:])


async def _read_head(reader: asyncio.StreamReader) -> list[str]:
    """The lines of a head. Raises `ValueError` for one that is too long, or ends too early."""
    lines: list[str] = []
    size = 0
    while True:
        line = await reader.readline()
        size += len(line)
        if size > HEAD_BYTES or len(lines) > HEAD_LINES or not line.endswith(b"\n"):
            raise ValueError(size)
        if not (text := line.strip().decode("latin-1")):
            if lines:
                return lines
            raise ValueError(size)
        lines.append(text)


def _status(line: str) -> int:
    """The number in `HTTP/1.1 200 OK` or SHOUTcast's `ICY 200 OK`."""
    protocol, _, rest = line.partition(" ")
    number = rest.strip()[:3]
    known = protocol == "ICY" or protocol.startswith("HTTP/1.")
    if not known or not (number.isascii() and number.isdigit()):
        raise StationAway
    return int(number)


def _headers(lines: list[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
