"""The relays of this process: one for each room that has sockets here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.db import DatabaseError
from redis.exceptions import RedisError

from rooms.frames import Frame, encode_frame
from rooms.group import PROCESSES, send_from
from rooms.presence import Presence
from rooms.relay import Relay, Socket, revisions_of

logger = logging.getLogger(__name__)

# Relays compare their revisions with the database every 5 s: the loss of the last message before a
# silence shows in no other way.
CHECK_S = 5.0
# A message may be on its way for 1 s.
DELIVERY_S = 1.0


class Relays:
    """The relays of this process, by room. They live on one event loop."""

    def __init__(self, on_site_change: Callable[[], object] = bool) -> None:
        """`on_site_change` is called in a thread when a process says that the whole site changed.

        It reads what has; such a message may be lost, so it is read now and then anyhow.
        """
        self._on_site_change = on_site_change
        self._loop: asyncio.AbstractEventLoop | None = None
        self._presence: Presence | None = None
        self._relays: dict[int, Relay] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        # What was sent to all rooms last, by type: encoded, for pages that were away meanwhile.
        self._standing: dict[str, Frame] = {}

    async def attach(self, room_id: int, socket: Socket) -> Relay:
        """Attach a socket to its room's relay, starting that for the first one here."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop or self._presence is None:
            if self._loop is not None:
                self._standing = {}
            self._loop, self._relays, self._presence = loop, {}, Presence()
            send_from(loop)
            self._start(self._presence.run_updates())
            self._start(self._keep_up())
            self._start(self._hear_site())
        relay = self._relays.get(room_id)
        if relay is None or relay.is_deserted:
            relay = self._relays[room_id] = Relay(room_id, self._presence)
            self._start(self._run(relay))
        await relay.attach(socket)
        return relay

    def send_to_all_rooms(self, frame: Frame) -> None:
        """Send an unnumbered frame to all sockets of this process, from any thread.

        It stands until another of its type is sent: a page that comes back without a snapshot gets
        it, too (`standing_frames`).
        """
        self._standing = {**self._standing, frame["type"]: encode_frame(frame)}
        if self._loop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._send_to_relays, frame)

    def standing_frames(self) -> list[Frame]:
        """What holds in all rooms besides their snapshots, encoded."""
        return list(self._standing.values())

    def _send_to_relays(self, frame: Frame) -> None:
        for relay in list(self._relays.values()):
            relay.send_to_all(frame)

    def finish_all(self, code: int, error: Frame) -> None:
        """Close all sockets of this process, in all rooms, and say why; see `Socket.finish`."""
        for relay in list(self._relays.values()):
            for socket in list(relay.sockets):
                socket.finish(code, error)

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

    async def _hear_site(self) -> None:
        """Hear that the whole site has changed, for ever."""
        layer = get_channel_layer()
        while True:
            try:
                channel = await layer.new_channel()
                await layer.group_add(PROCESSES, channel)
                while True:
                    await layer.receive(channel)
                    await database_sync_to_async(self._on_site_change)()
            except (RedisError, OSError, DatabaseError) as failure:
                logger.warning("changes of the whole site cannot be heard: %r", failure)
                await asyncio.sleep(CHECK_S)

    async def _keep_up(self) -> None:
        """Compare what was heard with the revisions of all rooms, now and then, for ever."""
        while True:
            await asyncio.sleep(CHECK_S)
            rooms = list(self._relays)
            try:
                revisions = await database_sync_to_async(revisions_of)(rooms)
            except DatabaseError:
                continue
            await asyncio.sleep(DELIVERY_S)
            for room_id, revision in revisions.items():
                if room_id in self._relays:
                    self._relays[room_id].keep_up(revision)
