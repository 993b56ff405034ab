"""Changing a room, and telling it so: the lock, the revision, the message to its group.

Every action works inside `changing(room)`, says with `publish` what has happened, and is heard
only after its transaction has been committed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from rooms import clock
from rooms.errors import Banned, RoomEnded, UnknownRoom
from rooms.events import Event, MemberJoined
from rooms.models import Member, Room
from rooms.shapes import member_shape

logger = logging.getLogger(__name__)

Message = dict[str, Any]

# A message that could not be sent for so long is given up. Clients notice what is missing, and
# what waits for a channel layer that is away stays bounded.
SEND_S = 2.0
# What of a member may have changed since they were looked up.
MEMBER_FACTS = ["name", "named", "role", "muted", "banned", "along", "seen_at_ms"]


@contextmanager
def changing(room_id: int) -> Iterator[Room]:
    """Lock a live room, let the caller change it, and publish what happened after the commit.

    The row is the lock: there is one writer per room, and rooms do not wait for each other (on
    SQLite the whole database is the lock). Raises `UnknownRoom` or `RoomEnded`.
    """
    with transaction.atomic():
        room = Room.objects.select_for_update().filter(pk=room_id).first()
        if room is None:
            raise UnknownRoom
        if not room.is_live:
            raise RoomEnded
        yield room
        _number(room)


@contextmanager
def changing_by(member: Member) -> Iterator[Room]:
    """As `changing`, for what a member does: with their role as it stands under the lock.

    Who does something for the first time has arrived. Also raises `Banned`.
    """
    with changing(member.room_id) as room:
        member.refresh_from_db(fields=MEMBER_FACTS)
        member.room = room
        if member.banned:
            raise Banned
        publish_arrivals(room, [member])
        yield room


def publish_arrivals(room: Room, members: Collection[Member]) -> None:
    """Tell everybody in a locked room of those of its members who had not arrived yet.

    They are members from now on: how long they have been here is counted from this moment.
    """
    arriving = {member.pk: member for member in members if not member.has_arrived}
    if not arriving:
        return
    now_ms = clock.now_ms()
    Member.objects.filter(pk__in=arriving).update(joined_at_ms=now_ms, seen_at_ms=now_ms)
    for _, member in sorted(arriving.items()):
        member.joined_at_ms = member.seen_at_ms = now_ms
        publish(room, MemberJoined(member_shape(member, now_ms=now_ms)))


def publish(room: Room, *events: Event) -> None:
    """Note facts about a locked room. They get the next revisions when the lock is let go."""
    room.unpublished += events


def tell(room: Room, member_id: int, **me: Any) -> None:
    """Send one member's own sockets what changed about them, after the commit (unnumbered)."""
    _after_commit(room, {"kind": "me", "member": member_id, "me": me})


def dismiss(room: Room, *, member_id: int) -> None:
    """Close one member's sockets after the commit: they may no longer be here."""
    _after_commit(room, {"kind": "dismissed", "member": member_id})


def group_of(room_id: int) -> str:
    """The channel layer's group of a room."""
    return f"room.{room_id}"


def _number(room: Room) -> None:
    if not room.unpublished:
        return
    first = room.revision + 1
    room.revision += len(room.unpublished)
    Room.objects.filter(pk=room.pk).update(revision=room.revision)
    events = [event.as_json() for event in room.unpublished]
    room.unpublished = []
    _after_commit(room, {"kind": "events", "from": first, "to": room.revision, "events": events})


def _after_commit(room: Room, message: Message) -> None:
    # Robust: a channel layer that is away must not turn a counted vote into an error. What is
    # lost shows as a gap in the revisions, and clients ask for a snapshot.
    transaction.on_commit(partial(send, room.pk, message), robust=True)


# --- The way to the channel layer ---------------------------------------------------------------

# The event loop that serves this process's sockets. Sending from it keeps one connection to Redis
# instead of one per sending thread, and wakes receivers of the in-memory layer, whose queues are
# not made to be filled from another thread.
_loop: asyncio.AbstractEventLoop | None = None


def send_from(loop: asyncio.AbstractEventLoop) -> None:
    """Send all later messages of this process from the given loop."""
    global _loop
    _loop = loop


def send(room_id: int, message: Message) -> None:
    """Hand a message to everybody in the room's group, at most once, without waiting for it."""
    if _loop is not None and _loop.is_running():
        sending = asyncio.run_coroutine_threadsafe(_send(room_id, message), _loop)
        sending.add_done_callback(partial(_log_failure, room_id))
    else:
        async_to_sync(_send)(room_id, message)


async def _send(room_id: int, message: Message) -> None:
    async with asyncio.timeout(SEND_S):
        await get_channel_layer().group_send(group_of(room_id), {"type": "room.message", **message})


def _log_failure(room_id: int, sending: Future[None]) -> None:
    if not sending.cancelled() and (failure := sending.exception()):
        logger.warning("a message to room %s was lost: %r", room_id, failure)
