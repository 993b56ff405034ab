"""One ear per process and room: the relay hears the room's group and speaks to its sockets.

It puts revisions in order, batches what comes quickly, encodes each frame once, and hands the
text to every socket attached here. A slow socket only fills its own backlog.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable, Collection, Coroutine
from contextlib import suppress
from typing import Any, Protocol

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.db import DatabaseError
from redis.exceptions import RedisError

from rooms import close_codes
from rooms.errors import RoomEnded, RoomError, Unavailable, UnknownRoom
from rooms.models import Room
from rooms.presence import Presence
from rooms.publish import group_of, send_from

logger = logging.getLogger(__name__)

# The first event of a batch leaves at once; those that follow within this window leave together.
# Fixed, not prolonged by each event, so that a busy room stays at twenty frames a second.
BATCH_S = 0.05
# How long a revision that overtook another waits for it; clients wait as long again, then resync.
GAP_S = 0.25
# How often a relay looks whether it has heard everything: of what is lost without any news after
# it, nobody could see that it is missing.
CHECK_S = 5.0
# How long news may be on its way, and how long a relay waits to be let into its room's group.
NEWS_S = 1.0

Frame = dict[str, Any]
# The snapshots of a room for some of its members, encoded; in a handful of queries for all.
ReadSnapshots = Callable[[int, Collection[int]], dict[int, str]]


class Socket(Protocol):
    """What the relay needs of a connected client."""

    member_id: int

    def offer(self, frame: Frame) -> None:
        """Write a frame, or keep it; without waiting."""

    def refresh(self) -> None:
        """Ask for a snapshot, and write nothing else before it."""

    def give_snapshot(self, frame: Frame) -> None:
        """The snapshot that was asked for."""

    def finish(self, code: int, error: str, message: str) -> None:
        """Say why, then close with this code; never raises."""


class Relay:
    """The sockets of one room in this process, and what they have been told."""

    def __init__(self, room_id: int, *, read_snapshots: ReadSnapshots, presence: Presence) -> None:
        self.room_id = room_id
        self.sockets: set[Socket] = set()
        self._read_snapshots = read_snapshots
        self._asking: set[Socket] = set()
        self._answering: asyncio.Task[None] | None = None
        self._presence = presence.enter(room_id, self.members)
        self._listening = asyncio.Event()
        self._told: int | None = None  # the last revision handed out
        self._early: dict[int, Frame] = {}  # messages that overtook others, by first revision
        self._batch: deque[Frame] = deque()
        self._next_flush = 0.0
        self._flushing: asyncio.TimerHandle | None = None
        self._gap: asyncio.TimerHandle | None = None

    async def attach(self, socket: Socket) -> None:
        """Let a socket hear everything from now on. Attach first, then read the snapshot."""
        self.sockets.add(socket)
        self._presence.note()
        try:
            await self._listening.wait()
        except asyncio.CancelledError:
            self.detach(socket)
            raise

    def detach(self, socket: Socket) -> None:
        self.sockets.discard(socket)
        self._presence.note()

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
            for timer in (self._flushing, self._gap):
                if timer is not None:
                    timer.cancel()

    @property
    def is_deserted(self) -> bool:
        return self._presence.deserted.is_set()

    def members(self) -> set[int]:
        """Ids of the members who are connected here."""
        return {socket.member_id for socket in self.sockets}

    def tell_all(self, frame: Frame) -> None:
        """Send everybody here one frame, encoded once."""
        message = text(frame)
        for socket in list(self.sockets):
            socket.offer(message)

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
            snapshots = await database_sync_to_async(self._read_snapshots)(self.room_id, members)
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
            presence = text(self._presence.frame)
            for socket in asking:
                if socket.member_id in snapshots:
                    socket.give_snapshot(as_message(snapshots[socket.member_id]))
                    socket.offer(presence)
                else:
                    self._dismiss(socket)

    def _finish_all(self, sockets: Collection[Socket], code: int, why: type[RoomError]) -> None:
        for socket in list(sockets):
            socket.finish(code, why.code, why.message)

    async def _listen(self) -> None:
        layer = get_channel_layer()
        channel = await self._join_group()
        await self._set_baseline()
        self._listening.set()
        try:
            while True:
                self._hear(await layer.receive(channel))
        finally:
            await layer.group_discard(group_of(self.room_id), channel)

    async def _join_group(self) -> str:
        """Be let into the room's group; without it, sockets live on snapshots (`keep_up`)."""
        layer = get_channel_layer()
        while True:
            try:
                async with asyncio.timeout(NEWS_S):
                    channel: str = await layer.new_channel()
                    await layer.group_add(group_of(self.room_id), channel)
                    return channel
            except (RedisError, OSError) as failure:
                logger.warning("room %s cannot be heard: %r", self.room_id, failure)
                self._listening.set()
                await asyncio.sleep(CHECK_S)

    async def _set_baseline(self) -> None:
        """What lies before now is in every snapshot that is read from now on."""
        with suppress(DatabaseError):
            read = database_sync_to_async(revisions_of)
            self._told = (await read([self.room_id])).get(self.room_id)

    def keep_up(self, revision: int) -> None:
        """Refresh everybody when the room had moved on to a revision that was not heard here."""
        if (self._told or 0) < revision:
            logger.warning("room %s: news up to %s were lost", self.room_id, revision)
            self._told = revision
            for socket in list(self.sockets):
                socket.refresh()

    def _hear(self, message: Frame) -> None:
        match message.get("kind"):
            case "events":
                self._order(message)
            case "me":
                personal = text({"type": "me", "me": message["me"]})
                for socket in list(self.sockets):
                    if socket.member_id == message["member"]:
                        socket.offer(personal)
            case "presence":
                self._presence.heard(message["here"])
                self.tell_all({"type": "presence", "here": message["here"]})
            case "dismissed":
                for socket in list(self.sockets):
                    if socket.member_id == message["member"]:
                        self._dismiss(socket)
            case unknown:
                logger.warning("room %s heard something unknown: %r", self.room_id, unknown)

    def _dismiss(self, socket: Socket) -> None:
        socket.finish(close_codes.REMOVED, "banned", "The host removed you.")

    def _order(self, message: Frame) -> None:
        """Hand out messages by revision; one that overtook others waits a moment for them."""
        first, last = message["from"], message["to"]
        if self._told is not None and last <= self._told:
            return
        if self._told is None or first <= self._told + 1:
            self._take(message)
            while (follower := self._early.pop((self._told or 0) + 1, None)) is not None:
                self._take(follower)
            if not self._early and self._gap is not None:
                self._gap.cancel()
                self._gap = None
        else:
            self._early[first] = message
            if self._gap is None:
                self._gap = asyncio.get_running_loop().call_later(GAP_S, self._give_up_gap)

    def _give_up_gap(self) -> None:
        """What is missing is lost. Clients see the gap and ask for a snapshot."""
        self._gap = None
        for first in sorted(self._early):
            self._take(self._early.pop(first))

    def _take(self, message: Frame) -> None:
        self._told = message["to"]
        self._batch.append(message)
        loop = asyncio.get_running_loop()
        if self._flushing is None:
            if loop.time() >= self._next_flush:
                self._flush()
            else:
                self._flushing = loop.call_at(self._next_flush, self._flush)

    def _flush(self) -> None:
        self._flushing = None
        self._next_flush = asyncio.get_running_loop().time() + BATCH_S
        ended = False
        while self._batch:
            frame: Frame = {"type": "events", **_span(self._batch.popleft())}
            # A frame has no holes: where revisions are missing, another frame begins.
            while self._batch and self._batch[0]["from"] == frame["to"] + 1:
                following = self._batch.popleft()
                frame["to"] = following["to"]
                frame["events"] = [*frame["events"], *following["events"]]
            self.tell_all(frame)
            ended = ended or any(event["type"] == "room.ended" for event in frame["events"])
        if ended:
            self._finish_all(self.sockets, close_codes.ENDED, RoomEnded)


def revisions_of(room_ids: Collection[int]) -> dict[int, int]:
    """The present revisions of rooms, by id, in one query; erased rooms are missing."""
    return dict(Room.objects.filter(pk__in=room_ids).values_list("pk", "revision"))


def text(frame: Frame) -> Frame:
    """A frame as an ASGI message, to be written to any number of sockets."""
    return as_message(json.dumps(frame, separators=(",", ":"), ensure_ascii=False))


def as_message(encoded: str) -> Frame:
    return {"type": "websocket.send", "text": encoded}


def _span(message: Frame) -> Frame:
    return {"from": message["from"], "to": message["to"], "events": message["events"]}


class Relays:
    """The relays of this process, by room. They live on one event loop."""

    def __init__(self, read_snapshots: ReadSnapshots) -> None:
        self._read_snapshots = read_snapshots
        self._loop: asyncio.AbstractEventLoop | None = None
        self._presence: Presence | None = None
        self._relays: dict[int, Relay] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def attach(self, room_id: int, socket: Socket) -> Relay:
        """Attach a socket to its room's relay, starting that for the first one here."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop or self._presence is None:
            self._loop, self._relays, self._presence = loop, {}, Presence()
            send_from(loop)
            self._start(self._presence.keep())
            self._start(self._keep_up())
        relay = self._relays.get(room_id)
        if relay is None or relay.is_deserted:
            relay = self._relays[room_id] = Relay(
                room_id, read_snapshots=self._read_snapshots, presence=self._presence
            )
            self._start(self._run(relay))
        await relay.attach(socket)
        return relay

    def finish_all(self, code: int, error: str, message: str) -> None:
        """Close all sockets of this process, in all rooms, and say why."""
        for relay in list(self._relays.values()):
            for socket in list(relay.sockets):
                socket.finish(code, error, message)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._tasks.discard)

    async def _run(self, relay: Relay) -> None:
        try:
            await relay.run()
        finally:
            if self._relays.get(relay.room_id) is relay:
                del self._relays[relay.room_id]

    async def _keep_up(self) -> None:
        """Compare what was heard with the revisions of all rooms, now and then, for ever."""
        while True:
            await asyncio.sleep(CHECK_S)
            rooms = list(self._relays)
            try:
                revisions = await database_sync_to_async(revisions_of)(rooms)
            except DatabaseError:
                continue
            await asyncio.sleep(NEWS_S)
            for room_id, revision in revisions.items():
                if room_id in self._relays:
                    self._relays[room_id].keep_up(revision)
