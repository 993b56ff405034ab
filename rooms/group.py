"""The way to the channel layer: a room's group, and sending to it without waiting.

A message reaches every process that has sockets of the room, at most once.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Future
from functools import partial
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)

Message = dict[str, Any]

# A message that could not be sent within 2 s is given up. Clients notice what is missing, and
# messages to a channel layer that is away do not pile up.
SEND_S = 2.0
# The event loop that serves this process's sockets. Sending from it keeps one connection to Redis
# instead of one per sending thread, and wakes receivers of the in-memory layer, whose queues are
# not made to be filled from another thread.
_loop: asyncio.AbstractEventLoop | None = None


# The group of all processes that have sockets.
PROCESSES = "processes"


def group_of(room_id: int) -> str:
    """The channel layer's group of a room."""
    return f"room.{room_id}"


def send_from(loop: asyncio.AbstractEventLoop) -> None:
    """Send all later messages of this process from the given loop."""
    global _loop
    _loop = loop


def send(room_id: int, message: Message) -> None:
    """Hand a message to everybody in the room's group, at most once, without waiting for it."""
    _send_soon(group_of(room_id), message)


def send_to_processes(message: Message) -> None:
    """Hand a message to every process that has sockets, at most once, without waiting for it."""
    _send_soon(PROCESSES, message)


def _send_soon(group: str, message: Message) -> None:
    if _loop is not None and _loop.is_running():
        sending = asyncio.run_coroutine_threadsafe(_send(group, message), _loop)
        sending.add_done_callback(partial(_log_failure, group))
    else:
        async_to_sync(_send)(group, message)


async def _send(name: str, message: Message) -> None:
    # Channels wants a type; no handler has its name, for relays receive from the layer themselves.
    async with asyncio.timeout(SEND_S):
        await get_channel_layer().group_send(name, {"type": "room.message", **message})


def _log_failure(group: str, sending: Future[None]) -> None:
    if not sending.cancelled() and (failure := sending.exception()):
        logger.warning("a message to %s was lost: %r", group, failure)
