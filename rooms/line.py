"""Writing to one client without waiting for it, and knowing when it has stopped reading.

ASGI offers one way to write, `await send(message)`. While a client keeps up, that never has to wait
for anything, and a task per client and frame would cost more than the writing. So a write is begun
at once, by hand; only what could not be finished at once is handed to a task.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any

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
        hold_back(send, self)

    @property
    def congested(self) -> bool:
        """Whether the client has yet to read what it was sent."""
        return self._held or self._finishing is not None

    def write(self, message: Message) -> None:
        """Write a message, or begin to; call it only while the line is not congested."""
        rest = begin(self._send(message))
        if rest is not None:
            self._finishing = asyncio.get_running_loop().create_task(self._finish(rest))

    def drop(self) -> None:
        """Forget what could not be written."""
        if self._finishing is not None:
            self._finishing.cancel()

    def cut(self) -> None:
        """Break the connection off, if it is still there: a client need not read a goodbye.

        ASGI has no word for that, and closing waits until everything has been read.
        """
        at = self._send
        protocol = at.args[0] if isinstance(at, functools.partial) else getattr(at, "__self__", None)
        transport: Any = getattr(protocol, "transport", None)
        if hasattr(transport, "abortConnection"):
            transport.abortConnection()  # daphne's
        elif hasattr(transport, "abort"):
            transport.abort()  # asyncio's

    async def _finish(self, rest: Awaitable[None]) -> None:
        try:
            await rest
        except OSError:
            return  # gone; the server is about to say so
        finally:
            self._finishing = None
        self._on_free()

    # Twisted tells a "producer" when its transport's buffer is full, and when it is empty again.

    def pauseProducing(self) -> None:
        self._held = True

    def resumeProducing(self) -> None:
        self._held = False
        self._on_free()

    def stopProducing(self) -> None:
        self._held = True


def hold_back(send: Send, line: Line) -> None:
    """Let daphne tell the line when a client does not read.

    Daphne's `send` puts everything into its transport's buffer, without a bound and without ever
    waiting; uvicorn's waits while its buffer is full, and needs nothing of this.
    """
    if isinstance(send, functools.partial) and send.args:
        transport: Any = getattr(send.args[0], "transport", None)
        if hasattr(transport, "registerProducer"):
            # The HTTP channel that the socket began as is still registered.
            transport.unregisterProducer()
            transport.registerProducer(line, True)
            write_through(transport)


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
