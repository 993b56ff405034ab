"""Who is here: noise, not history. Unnumbered, batched, at most once a second in a room.

An open socket is the sign of life. Each process writes for its own sockets in one query, and the
members of a process that died fade out when their last sign of life grows old.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from channels.db import database_sync_to_async
from django.db import DatabaseError

from rooms import clock
from rooms.models import HERE_FOR_MS, Member
from rooms.publish import send

logger = logging.getLogger(__name__)

# People come and go in bursts, and a page that reloads is gone for a moment only.
SETTLE_S = 1.0
# A refresh well within `HERE_FOR_MS`, so that nobody who is connected fades out.
REFRESH_S = 15.0


class Presence:
    """Keeps the members who are connected to one process present in one room."""

    def __init__(self, room_id: int, connected: Callable[[], set[int]]) -> None:
        """`connected` tells the ids of the members who have a socket here now."""
        self._room_id = room_id
        self._connected = connected
        self._changed = asyncio.Event()
        self._seen: set[int] = set()
        self._last: list[str] | None = None

    def note(self) -> None:
        """Somebody came or went: the room hears of it within a second or so."""
        self._changed.set()

    def heard(self, here: list[str]) -> None:
        """What another process said; it may not know yet that somebody moved over to this one."""
        self._last = here
        if {str(pk) for pk in self._connected()} - set(here):
            self.note()

    @property
    def frame(self) -> dict[str, Any]:
        """Who is here, as last told; or those who are connected to this process."""
        here = sorted(map(str, self._connected())) if self._last is None else self._last
        return {"type": "presence", "here": here}

    async def keep(self) -> None:
        """Write and tell who is here, until nobody is connected any more."""
        while self._connected() or self._seen:
            # Nothing may change here for long, and others fade out all the same.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), REFRESH_S)
            self._changed.clear()
            await asyncio.sleep(SETTLE_S)
            connected = self._connected()
            gone, self._seen = self._seen - connected, connected
            try:
                here = await database_sync_to_async(write)(self._room_id, connected, gone)
            except DatabaseError:
                logger.warning("presence of room %s was not written", self._room_id)
                continue
            if here != self._last:
                self._last = here
                send(self._room_id, {"kind": "presence", "here": here})


def write(room_id: int, present: set[int], gone: set[int]) -> list[str]:
    """Note who is here and who has left; returns the ids of all who are here, in any process."""
    now_ms = clock.now_ms()
    members = Member.objects.filter(room_id=room_id)
    if present:
        members.filter(pk__in=present).update(seen_at_ms=now_ms)
    if gone:
        # Not "never seen": they were here until just now, which keeps the room awake.
        members.filter(pk__in=gone).update(seen_at_ms=now_ms - HERE_FOR_MS)
    return [str(pk) for pk in Member.objects.here(room_id, now_ms)]
