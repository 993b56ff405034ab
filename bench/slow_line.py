"""A line that takes its time: a TCP proxy that holds everything up by a latency that trembles."""

from __future__ import annotations

import asyncio
import random
import threading
from contextlib import suppress


class SlowLine:
    """Forwards a port of the loopback interface to another; the order stays as it was.

    Each direction takes half of `latency_ms`, more or less by up to half of `jitter_ms`.
    """

    def __init__(self, port: int, *, latency_ms: float, jitter_ms: float) -> None:
        self.port = 0
        self._target = port
        self._way_s, self._jitter_s = latency_ms / 2000, jitter_ms / 2000
        self._pumps: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result()

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._break(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _open(self) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    async def _break(self) -> None:
        lines = asyncio.all_tasks() - {asyncio.current_task()}
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Tasks of their own: the one that a stream server makes complains when it is cancelled.
        from_target, target = await asyncio.open_connection("127.0.0.1", self._target)
        for one, other in ((reader, target), (from_target, writer)):
            pump = asyncio.create_task(self._pump(one, other))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        letting_go = asyncio.create_task(self._let_go(held, writer))
        arrives = 0.0
        with suppress(OSError):
            while True:
                data = await reader.read(65536)
                way = self._way_s + random.uniform(-self._jitter_s, self._jitter_s)
                arrives = max(arrives, self._loop.time() + max(0.0, way))
                held.put_nowait((arrives, data))
                if not data:
                    break
        await letting_go

    async def _let_go(
        self, held: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while True:
                arrives, data = await held.get()
                await asyncio.sleep(arrives - self._loop.time())
                if not data:
                    break
                writer.write(data)
                await writer.drain()
        writer.close()
