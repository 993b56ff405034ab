"""Who is here: noise, not history. Unnumbered, batched, at most once a second in a room.

An open socket is the sign of life. Each process writes for its own sockets, in all rooms together,
and the members of a process that died fade out when their last sign of life grows old.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from channels.db import database_sync_to_async
from django.db import DatabaseError, transaction

from rooms import clock
from rooms.models import HERE_FOR_MS, Member
from rooms.publish import send

logger = logging.getLogger(__name__)

# People come and go in bursts, and a page that reloads is gone for a moment only.
SETTLE_S = 1.0
# A refresh well within `HERE_FOR_MS`, so that nobody who is connected fades out.
REFRESH_S = 15.0


class Attendance:
    """The members of one room who are connected to this process, and who is here at all."""

    def __init__(self, connected: Callable[[], set[int]], wake: Callable[[], None]) -> None:
        self.connected = connected
        self.seen: set[int] = set()  # those who were connected when it was last written
        self.told: list[str] | None = None
        self.changed = False
        self.deserted = asyncio.Event()
        self._wake = wake

    def note(self) -> None:
        """Somebody came or went: the room hears of it within a second or so."""
        self.changed = True
        self._wake()

    def heard(self, here: list[str]) -> None:
        """What another process said; it may not know yet that somebody moved over to this one."""
        self.told = here
        if {str(pk) for pk in self.connected()} - set(here):
            self.note()

    @property
    def frame(self) -> dict[str, Any]:
        """Who is here, as last told; or those who are connected to this process."""
        here = sorted(map(str, self.connected())) if self.told is None else self.told
        return {"type": "presence", "here": here}


class Presence:
    """Keeps the members who are connected to this process present, in all its rooms together."""

    def __init__(self) -> None:
        self._rooms: dict[int, Attendance] = {}
        self._woken = asyncio.Event()

    def enter(self, room_id: int, connected: Callable[[], set[int]]) -> Attendance:
        """Attend to a room. `connected` tells the ids of its members who have a socket here now.

        It is `deserted`, and attended to no more, when nobody has had one for a moment.
        """
        attendance = self._rooms[room_id] = Attendance(connected, self._woken.set)
        return attendance

    async def keep(self) -> None:
        """Write and tell who is here, for ever."""
        loop = asyncio.get_running_loop()
        refresh_at = loop.time() + REFRESH_S
        while True:
            # Nothing may change here for long, and others fade out all the same.
            with suppress(TimeoutError):
                async with asyncio.timeout_at(refresh_at):
                    await self._woken.wait()
            await asyncio.sleep(SETTLE_S)
            self._woken.clear()
            refreshes = loop.time() >= refresh_at
            if refreshes:
                refresh_at = loop.time() + REFRESH_S
            due = {pk: room for pk, room in self._rooms.items() if room.changed or refreshes}
            await self._write(due)

    async def _write(self, rooms: dict[int, Attendance]) -> None:
        present = {room_id: room.connected() for room_id, room in rooms.items()}
        gone = [room.seen - present[room_id] for room_id, room in rooms.items()]
        for room in rooms.values():
            room.changed = False
        try:
            here = await database_sync_to_async(write)(present, set().union(*gone))
        except DatabaseError:
            logger.warning("presence in %s rooms was not written", len(rooms))
            for room in rooms.values():
                room.note()
            return
        for room_id, room in rooms.items():
            room.seen = present[room_id]
            if here[room_id] != room.told:
                room.told = here[room_id]
                send(room_id, {"kind": "presence", "here": room.told})
            if not room.seen and not room.changed:
                del self._rooms[room_id]
                room.deserted.set()


def write(present: Mapping[int, set[int]], gone: set[int]) -> dict[int, list[str]]:
    """Note who is here in these rooms and who has left, in as many queries for all as for one.

    A member whom somebody else writes just then costs one more. Returns, by room, the ids of all
    who are here, in any process.
    """
    now_ms = clock.now_ms()
    _set(set().union(*present.values()), seen_at_ms=now_ms)
    # Not "never seen": they were here until just now, which keeps the room awake.
    _set(gone, seen_at_ms=now_ms - HERE_FOR_MS, along=False)
    here: dict[int, list[str]] = defaultdict(list)
    rows = Member.objects.present(now_ms).filter(room__in=present).order_by("pk")
    for member_id, room_id in rows.values_list("pk", "room_id"):
        here[room_id].append(str(member_id))
    return {room_id: here[room_id] for room_id in present}


def _set(member_ids: set[int], **fields: int | bool) -> None:
    """Write many members without ever holding one while waiting for another.

    An action may write two members of its room in any order, and so may other processes here:
    whoever held one of them and waited for the next could stop all for good. What is free is
    locked and written together; what is not is waited for singly.
    """
    if not member_ids:
        return
    with transaction.atomic():
        # `no_key`: a vote that refers to a member is no reason to wait, on either side.
        free = Member.objects.select_for_update(skip_locked=True, no_key=True)
        written = set(free.filter(pk__in=member_ids).values_list("pk", flat=True))
        Member.objects.filter(pk__in=written).update(**fields)
    for member_id in member_ids - written:
        Member.objects.filter(pk=member_id).update(**fields)
