"""One listener per process and room: the relay receives the room's group for all its sockets.

It batches the events that come within 50 ms, encodes each event once, and makes one frame for each
audience, which it hands to every socket attached here. A slow socket only fills its own backlog.
Events that can wait, as messages of the chat can, have a longer batch, and delay no other event.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Protocol

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.db import DatabaseError
from redis.exceptions import RedisError

from rooms import close_codes, metrics, snapshot
from rooms.audience import EVERYONE, Audience
from rooms.errors import Banned, Left, RoomEnded, RoomError, Unavailable, UnknownRoom
from rooms.events import RoomHasEnded
from rooms.frames import (
    AddressedEvent,
    Frame,
    encode_each,
    encode_frame,
    events_frame,
    text_message,
)
from rooms.group import group_of
from rooms.models import Room
from rooms.presence import Presence
from rooms.revision_order import RevisionOrder

logger = logging.getLogger(__name__)

# The first event of a batch leaves at once; those that follow within this window leave together.
# Fixed, not prolonged by each event, so that a busy room stays at twenty frames a second.
BATCH_S = 0.05
# The same for events that can wait: many of them make four frames a second, not twenty. An event
# that cannot wait leaves in its own time, and those that came before it leave with it.
PATIENT_BATCH_S = 0.25
# A relay waits 1 s to be let into its room's group, and tries again after 5 s.
JOIN_S, JOIN_AGAIN_S = 1.0, 5.0


class Socket(Protocol):
    """What the relay needs of a connected client."""

    member_id: int  # or `snapshot.OBSERVER`
    # The audiences whose facts it may see, and the revision of the room at which that held.
    audiences: frozenset[Audience]
    audiences_at_revision: int
    # Whether it is a TV's, which shows the room and changes nothing.
    is_tv: bool

    def offer(self, frame: Frame) -> None:
        """Write a frame, or keep it; without waiting."""

    def refresh(self) -> None:
        """Ask for a snapshot, and write nothing else before it."""

    def give_snapshot(self, frame: Frame) -> None:
        """The snapshot that was asked for."""

    def finish(self, code: int, error: Frame) -> None:
        """Say why, then close with this code; never raises."""


class Relay:
    """The sockets of one room in this process, and what they have been told."""

    def __init__(self, room_id: int, presence: Presence) -> None:
        self.room_id = room_id
        self.sockets: set[Socket] = set()
        self._asking: set[Socket] = set()
        self._answering: asyncio.Task[None] | None = None
        self._presence = presence.watch_room(
            room_id, self.members, self.members_on_tv, is_observed=self._is_observed
        )
        self._listening = asyncio.Event()
        self._order = RevisionOrder(
            give_out=self._add_to_batch, report_loss=self._refresh_all_sockets
        )
        self._batch: deque[Frame] = deque()
        # From when on an event leaves at once, and from when on one that can wait does.
        self._next_flush = self._next_patient_flush = 0.0
        self._flushing: asyncio.TimerHandle | None = None

    async def attach(self, socket: Socket) -> None:
        """Let a socket hear everything from now on. Attach first, then read the snapshot."""
        self.sockets.add(socket)
        self._presence.schedule_update()
        try:
            await self._listening.wait()
        except asyncio.CancelledError:
            self.detach(socket)
            raise

    def detach(self, socket: Socket) -> None:
        self.sockets.discard(socket)
        self._presence.schedule_update()

    def resume(self, socket: Socket, revision: int) -> bool:
        """Give a client that was away the events after a revision, in place of a snapshot.

        Returns False where not all of them are kept here, or where one of the kept messages moves
        the member to other audiences: the client may lack whole parts of the room.
        """
        missed = self._order.messages_after(revision)
        key = str(socket.member_id)
        kept = self._order.kept_messages()
        has_moved = any(key in message.get("audiences", {}) for message in kept)
        if missed is None or has_moved:
            return False
        presence = encode_frame({"type": "presence", **self._presence.summary})
        if not missed:
            socket.give_snapshot(presence)
            return True
        first, last = missed[0]["from"], missed[-1]["to"]
        events = [event for message in missed for event in message["events"]]
        socket.give_snapshot(events_frame(first, last, encode_each(events), socket.audiences))
        socket.offer(presence)
        return True

    def ask_for_snapshot(self, socket: Socket) -> None:
        """Have a snapshot given to a socket soon; those who ask meanwhile are read together."""
        self._asking.add(socket)
        if self._answering is None:
            self._answering = asyncio.create_task(self._answer())

    async def run(self) -> None:
        """Listen to the room until its last socket here has been gone for a moment."""
        listening = asyncio.create_task(self._listen())
        try:
            await self._presence.deserted.wait()
        finally:
            listening.cancel()
            self._order.stop_timer()
            if self._flushing is not None:
                self._flushing.cancel()

    @property
    def is_deserted(self) -> bool:
        return self._presence.deserted.is_set()

    def members(self) -> set[int]:
        """Ids of the members who are connected here."""
        return {socket.member_id for socket in self.sockets} - {snapshot.OBSERVER}

    def _is_observed(self) -> bool:
        """Whether somebody looks at the room here who is no member, and is not counted."""
        return any(socket.member_id == snapshot.OBSERVER for socket in self.sockets)

    def members_on_tv(self) -> set[int]:
        """Ids of the members who show the room on a TV that is connected here."""
        return {socket.member_id for socket in self.sockets if socket.is_tv}

    def send_to_all(self, frame: Frame) -> None:
        """Send everybody here one frame, encoded once."""
        message = encode_frame(frame)
        metrics.DELIVERIES.inc(len(self.sockets))
        for socket in list(self.sockets):
            socket.offer(message)

    def _send_events(self, first: int, last: int, events: Collection[AddressedEvent]) -> None:
        """Send everybody here these events, in one frame for all who may see the same of them."""
        encoded = encode_each(events)
        restricted = {audience for audience, _ in events} - {EVERYONE}
        public = events_frame(first, last, encoded, frozenset())
        frames: dict[frozenset[Audience], Frame] = {}
        metrics.DELIVERIES.inc(len(self.sockets))
        for socket in list(self.sockets):
            # Most frames hold nothing restricted: then no socket's audiences are looked at.
            if not restricted or restricted.isdisjoint(socket.audiences):
                socket.offer(public)
                continue
            seen = socket.audiences & restricted
            if seen not in frames:
                frames[seen] = events_frame(first, last, encoded, seen)
            socket.offer(frames[seen])

    async def _answer(self) -> None:
        try:
            while self._asking:
                asking, self._asking = self._asking & self.sockets, set()
                await self._give_snapshots(asking)
                await asyncio.sleep(BATCH_S)
        finally:
            self._answering = None

    async def _give_snapshots(self, asking: Collection[Socket]) -> None:
        """Give each of these sockets its snapshot, or the reason why there is none, and close it.

        A socket without its snapshot hears nothing, so none may be left over.
        """
        members = {socket.member_id for socket in asking}
        try:
            read = database_sync_to_async(snapshot.read_snapshots)
            snapshots = await read(self.room_id, members, self._presence.summary)
        except Room.DoesNotExist:
            self._finish_all(asking, close_codes.NO_ROOM, UnknownRoom)
        except RoomEnded:
            self._finish_all(asking, close_codes.ENDED, RoomEnded)
        except DatabaseError:
            logger.warning("no snapshot of room %s: the database is away", self.room_id)
            self._finish_all(asking, close_codes.UNAVAILABLE, Unavailable)
        except Exception:
            logger.exception("no snapshot of room %s", self.room_id)
            self._finish_all(asking, close_codes.UNAVAILABLE, Unavailable)
        else:
            for socket in asking:
                found = snapshots.get(socket.member_id)
                if found is None:
                    socket.finish(close_codes.REMOVED, Banned().as_facts())
                elif found.revision < socket.audiences_at_revision:
                    self._asking.add(socket)
                elif found.audiences != socket.audiences:
                    # What waits behind the snapshot was encoded for other audiences.
                    socket.audiences = found.audiences
                    self._asking.add(socket)
                else:
                    socket.give_snapshot(text_message(found.text))

    def _finish_all(self, sockets: Collection[Socket], code: int, why: type[RoomError]) -> None:
        for socket in list(sockets):
            socket.finish(code, why().as_facts())

    async def _listen(self) -> None:
        layer = get_channel_layer()
        channel = await self._join_group()
        await self._set_baseline()
        self._listening.set()
        try:
            while True:
                message = await layer.receive(channel)
                try:
                    self._receive(message)
                except Exception:
                    # What it had to say shows as a loss.
                    logger.exception("room %s: a message was not understood", self.room_id)
        finally:
            await layer.group_discard(group_of(self.room_id), channel)

    async def _join_group(self) -> str:
        """Be let into the room's group; without it, sockets live on snapshots (`keep_up`)."""
        layer = get_channel_layer()
        while True:
            try:
                async with asyncio.timeout(JOIN_S):
                    channel: str = await layer.new_channel()
                    await layer.group_add(group_of(self.room_id), channel)
                    return channel
            except (RedisError, OSError) as failure:
                logger.warning("room %s cannot be heard: %r", self.room_id, failure)
                self._listening.set()
                await asyncio.sleep(JOIN_AGAIN_S)

    async def _set_baseline(self) -> None:
        """What lies before now is in every snapshot that is read from now on."""
        with suppress(DatabaseError):
            read = database_sync_to_async(revisions_of)
            self._order.revision = (await read([self.room_id])).get(self.room_id)

    def keep_up(self, revision: int) -> None:
        """Refresh everybody when the room had moved on to a revision that was not heard here."""
        if self._order.catch_up_to(revision):
            logger.warning("room %s: messages up to %s were lost", self.room_id, revision)

    def _refresh_all_sockets(self) -> None:
        """Give all a snapshot after messages were lost, one of which may have told a new role."""
        for socket in list(self.sockets):
            socket.refresh()

    def _receive(self, message: Frame) -> None:
        """Take in a message, which a process of the last release may have sent.

        So keys may be missing that it does not know.
        """
        match message.get("kind"):
            case "change":
                # Before anything else: whom a change shuts out gets nothing more of the room.
                refusals = message.get("refusals", {})
                self._close_removed(
                    {
                        pk: refusals.get(pk) or {"code": code, "message": sentence}
                        for pk, (code, sentence) in message.get("removed", {}).items()
                    },
                    message["to"],
                )
                self._move_sockets(message.get("audiences", {}), message["to"])
                if message["events"]:
                    self._order.add_message(message)
            case "presence":
                if (news := self._presence.apply(message)) is not None:
                    self.send_to_all({"type": "presence", **news})
            case unknown:
                logger.warning("room %s heard something unknown: %r", self.room_id, unknown)

    def _move_sockets(self, audiences: Mapping[str, Collection[Audience]], revision: int) -> None:
        """Let members' sockets see what their new role may see, beginning with a snapshot."""
        for member_id, names in audiences.items():
            for socket in self._sockets_of([int(member_id)], revision):
                socket.audiences_at_revision = revision
                if socket.audiences != frozenset(names):
                    socket.audiences = frozenset(names)
                    socket.refresh()

    def _sockets_of(self, member_ids: Collection[int], revision: int) -> list[Socket]:
        """The sockets of these members for whom this revision is news.

        A message may come late or twice: who was let in again is not removed by the removal before.
        """
        return [
            socket
            for socket in self.sockets
            if socket.member_id in member_ids and socket.audiences_at_revision < revision
        ]

    def _close_removed(self, removed: Mapping[str, Frame], revision: int) -> None:
        """Close the sockets of members who may no longer be here; by id, the refusal why."""
        for member_id, error in removed.items():
            for socket in self._sockets_of([int(member_id)], revision):
                is_left = error["code"] == Left.code
                socket.finish(close_codes.LEFT if is_left else close_codes.REMOVED, error)

    def _add_to_batch(self, message: Frame) -> None:
        """Send a message at once, or, after one before it, with all that come until its time."""
        self._batch.append(message)
        loop = asyncio.get_running_loop()
        due = self._next_patient_flush if message.get("can_wait") else self._next_flush
        if self._flushing is not None:
            if self._flushing.when() <= due:
                return
            self._flushing.cancel()
        if loop.time() >= due:
            self._flush()
        else:
            self._flushing = loop.call_at(due, self._flush)

    def _flush(self) -> None:
        self._flushing = None
        now = asyncio.get_running_loop().time()
        self._next_patient_flush = now + PATIENT_BATCH_S
        if not all(message.get("can_wait") for message in self._batch):
            self._next_flush = now + BATCH_S
        ended = False
        while self._batch:
            message = self._batch.popleft()
            first, last, events = message["from"], message["to"], [*message["events"]]
            # A frame has no holes: where revisions are missing, another frame begins.
            while self._batch and self._batch[0]["from"] == last + 1:
                message = self._batch.popleft()
                last = message["to"]
                events += message["events"]
            self._send_events(first, last, events)
            ended = ended or any(event["type"] == RoomHasEnded.type for _, event in events)
        if ended:
            self._finish_all(self.sockets, close_codes.ENDED, RoomEnded)


def revisions_of(room_ids: Collection[int]) -> dict[int, int]:
    """The present revisions of rooms, by id, in one query; erased rooms are missing."""
    return dict(Room.objects.filter(pk__in=room_ids).values_list("pk", "revision"))
