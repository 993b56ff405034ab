"""Writing to one client without waiting for it, and knowing when it has stopped reading.

ASGI offers one way to write, `await send(message)`. While a client keeps up, that never has to wait
for anything, and a task per client and frame would cost more than the writing. So a write is begun
at once, by hand; only what could not be finished at once is handed to a task.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any

from rooms.socket_reader import protocol_behind

logger = logging.getLogger(__name__)

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]


class Line:
    """The way to one client. While it is `congested`, nothing should be written to it."""

    def __init__(self, send: Send, *, on_free: Callable[[], None]) -> None:
        """`on_free` is called whenever the line is no longer congested."""
        self._send = send
        self._on_free = on_free
        self._finishing: asyncio.Task[None] | None = None
        self._held = False
        self._write_frame = enter_daphne(send, self)

    @property
    def congested(self) -> bool:
        """Whether the client has yet to read what it was sent."""
        return self._held or self._finishing is not None

    def write(self, message: Message) -> bool:
        """Write a message, or begin to; call it only while the line is not congested.

        Never raises: what goes wrong with one client must not reach those who are told the same.
        Returns False when there is no line any more.
        """
        try:
            if self._write_frame is not None and self._write_frame(message):
                return True
            rest = begin(self._send(message))
        except OSError:
            return False  # gone; the server is about to say so
        except Exception:  # noqa: BLE001 - servers raise whatever they like
            self._break_off()
            return False
        if rest is not None:
            self._finishing = asyncio.get_running_loop().create_task(self._finish(rest))
        return True

    def drop(self) -> None:
        """Forget what could not be written."""
        if self._finishing is not None:
            self._finishing.cancel()

    def cut(self) -> None:
        """Break the connection off, if it is still there: a client need not read a goodbye."""
        cut_connection(self._send)

    async def _finish(self, rest: Awaitable[None]) -> None:
        try:
            await rest
        except OSError:
            return  # gone; the server is about to say so
        except Exception:  # noqa: BLE001 - as in `write`
            self._break_off()
            return
        finally:
            self._finishing = None
        self._on_free()

    def _break_off(self) -> None:
        """Let a client for whom writing fails connect anew, instead of leaving it without news."""
        logger.warning("a socket could not be written to", exc_info=True)
        self.cut()

    # Twisted tells a "producer" when its transport's buffer is full, and when it is empty again.

    def pauseProducing(self) -> None:
        self._held = True

    def resumeProducing(self) -> None:
        self._held = False
        self._on_free()

    def stopProducing(self) -> None:
        self._held = True


def cut_connection(send: Callable[..., Any]) -> None:
    """Break off the connection that `send` writes to, with what waits in its buffer.

    ASGI has no word for that, and closing waits until everything has been read.
    """
    transport: Any = getattr(protocol_behind(send), "transport", None)
    if hasattr(transport, "abortConnection"):
        transport.abortConnection()  # daphne's
    elif hasattr(transport, "abort"):
        transport.abort()  # asyncio's


def enter_daphne(send: Send, line: Line) -> Callable[[Message], bool] | None:
    """Daphne's short way to a socket, or None under other servers.

    Daphne's `send` puts everything into its transport's buffer, without a bound and without ever
    waiting, so let that tell the line when a client does not read (uvicorn's waits while its
    buffer is full, and needs nothing of this). And it makes the same frame anew for each socket,
    which costs more than writing it: texts go straight to the transport. What the returned
    function does not write (False) has to be sent.
    """
    protocol = protocol_behind(send)
    transport: Any = getattr(protocol, "transport", None)
    if not hasattr(transport, "doWrite"):
        return None
    # The HTTP channel that the socket began as is still registered.
    transport.unregisterProducer()
    transport.registerProducer(line, True)
    write_through(transport)

    def write_frame(message: Message) -> bool:
        if "text" not in message or protocol.state != protocol.STATE_OPEN:
            return False
        transport.write(frame(message["text"]))
        return True

    return write_frame


def write_through(transport: Any) -> None:
    """Let a transport of Twisted write at once, as those of asyncio do.

    Left alone, it asks the event loop first whether it may: two system calls and a turn of the
    loop for each frame and socket. Only what could not be written is left to that.
    """
    ask = transport.startWriting

    def start_writing() -> None:
        # Closing asks, too, with nothing to write; and so does a failure that is to be told.
        if not transport._tempDataLen or transport.doWrite() or transport.dataBuffer:
            ask()

    transport.startWriting = start_writing


@functools.lru_cache(maxsize=4)
def frame(text: str) -> bytes:
    """A text as a server's WebSocket frame (RFC 6455, section 5.2); made once for all sockets."""
    payload = text.encode()
    if len(payload) < 126:
        head = bytes([0x81, len(payload)])
    elif len(payload) < 1 << 16:
        head = b"\x81\x7e" + len(payload).to_bytes(2)
    else:
        head = b"\x81\x7f" + len(payload).to_bytes(8)
    return head + payload


def begin(awaitable: Awaitable[None]) -> Awaitable[None] | None:
    """Run a coroutine until it is finished (None) or has to wait (then: the rest of it)."""
    assert isinstance(awaitable, Coroutine)
    try:
        waits_for = awaitable.send(None)
    except StopIteration:
        return None
    return _Rest(awaitable, waits_for)


class _Rest:
    """A coroutine that has been begun outside of any task, for a task to finish."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], waits_for: Any) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        waits_for = self._waits_for
        while True:
            try:
                value = yield waits_for
            except BaseException as interruption:  # noqa: BLE001 - cancelling is for the coroutine
                step = functools.partial(self._coroutine.throw, interruption)
            else:
                step = functools.partial(self._coroutine.send, value)
            try:
                waits_for = step()
            except StopIteration:
                return
