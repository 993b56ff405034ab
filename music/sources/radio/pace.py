"""How fast a stream is read: a station that sends without end takes no more of the network."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

# Stations send what fills a player's buffer at once, and then as fast as it is heard.
BURST_BYTES = 1_000_000
# 512 kbit/s: MP3, AAC and Ogg Vorbis have at most 320 kbit/s.
BYTES_PER_S = 64_000


class StreamPace:
    """A token bucket: `BURST_BYTES` pass at once, then `BYTES_PER_S` on average."""

    def __init__(
        self,
        now_s: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._now_s, self._sleep = now_s, sleep
        self._left = float(BURST_BYTES)
        self._at_s = now_s()

    async def keep(self, size: int) -> None:
        """Wait until so many bytes more, which were read just now, are within the pace."""
        at_s = self._now_s()
        filled = min(BURST_BYTES, self._left + (at_s - self._at_s) * BYTES_PER_S)
        self._left, self._at_s = filled - size, at_s
        if self._left < 0:
            await self._sleep(-self._left / BYTES_PER_S)
