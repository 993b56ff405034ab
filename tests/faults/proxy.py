"""The line between two parts, to be cut and mended: a TCP proxy in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any


class Proxy:
    """Forwards a port of the loopback interface to a target, as long as the line is whole."""

    def __init__(self, host: str, port: int) -> None:
        self.port = 0
        self.accepted = 0
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()
        self._there, self._back = asyncio.Event(), asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._run(self._open())

    def cut(self) -> None:
        """As when the other end dies: connections break, and new ones are refused."""
        self._run(self._break())

    def drop(self, *, answers_only: bool = False) -> None:
        """As when the network goes: nothing comes through any more, and nobody is told."""

        async def drop() -> None:
            self._back.clear()
            if not answers_only:
                self._there.clear()

        self._run(drop())

    def mend(self) -> None:
        """Let everything through again; what was on the way over a dropped line is lost."""

        async def mend() -> None:
            if not self._back.is_set():
                await self._break()
            if self._server is None:
                await self._open()

        self._run(mend())

    def close(self) -> None:
        self._run(self._break())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _open(self) -> None:
        self._there.set()
        self._back.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, backlog=4096)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _break(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        # A task of its own: the one that a stream server makes complains when it is cancelled.
        line = asyncio.create_task(self._forward(reader, writer))
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target: asyncio.StreamWriter | None = None
        try:
            from_target, target = await asyncio.open_connection(*self._target)
            pumps = {
                asyncio.create_task(self._pump(reader, target, self._there)),
                asyncio.create_task(self._pump(from_target, writer, self._back)),
            }
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
        except OSError:
            pass
        except asyncio.CancelledError:
            for end in (writer, target):
                if end is not None:
                    end.transport.abort()
            raise
        finally:
            for end in (writer, target):
                if end is not None:
                    end.close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, whole: asyncio.Event
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await whole.wait()
                writer.write(data)
                await writer.drain()
