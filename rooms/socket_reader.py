"""Reading from one client no more than a page has to say.

ASGI hands over what a client sends, however much that is: the server has parsed it by then, on the
event loop of everybody. So this works below ASGI, at the protocol objects of daphne and uvicorn.
Under any other server it does nothing, and `rooms.room_socket` still counts frames.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Awaitable, Callable
from typing import Any

# Bytes that are read in one turn of the event loop. The servers' own 64 and 256 KB hold thousands
# of small frames, and all of them would be parsed before anything else gets its turn.
READ_BYTES = 2048
# What a client may send in a window: many times what the eagerest page has to say.
BYTES_PER_WINDOW, WINDOW_S = 64 * 1024, 10.0
# What is still read after a close frame: what was on its way, and the answer to it.
GOODBYE_BYTES = 4096

# How daphne (Twisted) and uvicorn (asyncio) call the same things.
RECEIVE = ("dataReceived", "data_received")
READ_SIZE = ("bufferSize", "max_size")
PAUSE = ("pauseProducing", "pause_reading")

Send = Callable[[dict[str, Any]], Awaitable[None]]


class SocketReader:
    """Bounds what is read from one client, and ends it."""

    def __init__(self, send: Send, *, on_flood: Callable[[], None]) -> None:
        """`on_flood` is called once, when the client has sent more than anybody has to say."""
        self._on_flood = on_flood
        self._window_ends, self._bytes = 0.0, 0
        self._rest: int | None = None  # bytes that are still read after `stop`
        self._transport: Any = None
        protocol = protocol_behind(send)
        receive = _name_among(RECEIVE, protocol)
        if receive is None:
            return
        self._transport = protocol.transport
        self._receive = getattr(protocol, receive)
        setattr(protocol, receive, self._receive_bounded)
        if size := _name_among(READ_SIZE, self._transport):
            setattr(self._transport, size, READ_BYTES)

    def stop(self, *, rest: int = GOODBYE_BYTES) -> None:
        """Read `rest` more bytes and then none, not even from the network."""
        self._rest = rest
        if rest <= 0:
            self._pause()

    def _receive_bounded(self, data: bytes) -> None:
        if self._rest is None and self._is_flood(len(data)):
            self._on_flood()
        if self._rest is not None:
            self._rest -= len(data)
            if self._rest < 0:
                # Each time anew: a server that hands on what it has read resumes reading.
                self._pause()
                return
        self._receive(data)

    def _is_flood(self, size: int) -> bool:
        now = time.monotonic()
        if now >= self._window_ends:
            self._window_ends, self._bytes = now + WINDOW_S, 0
        self._bytes += size
        return self._bytes > BYTES_PER_WINDOW

    def _pause(self) -> None:
        if pause := _name_among(PAUSE, self._transport):
            getattr(self._transport, pause)()


def protocol_behind(send: Send) -> Any:
    """The server's object for one connection, or None where that cannot be found.

    Daphne's `send` is a partial over it, uvicorn's a method of it.
    """
    if isinstance(send, functools.partial):
        return send.args[0] if send.args else None
    return getattr(send, "__self__", None)


def _name_among(names: tuple[str, ...], owner: object) -> str | None:
    return next((name for name in names if hasattr(owner, name)), None)
