"""An application that only fans out: the room's relay beside the usual Channels way.

Not a bench by itself: `bench.deliveries` serves it with `python -m beatsync
bench.fanout:application`. Both ways have the same layer, server and message. `/ws/rooms/CODE/` is
BeatSync's own socket, `/ws/usual/CODE/` a consumer as tutorials write it, which joins the group
itself. A request to `/publish/{rooms,usual}/ROOM/COUNT` sends COUNT messages, 18 a second.
"""

import asyncio
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beatsync.settings")

import django

django.setup(set_prefix=False)

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from django.urls import path

from bench.messages import PERIOD_S, change_message, events
from rooms import group
from rooms.admission import Admission
from rooms.relays import Relays
from rooms.room_socket import room_socket

GROUP = "usual"


class Usual(AsyncJsonWebsocketConsumer):
    """Each connection is a member of the group, and encodes what it forwards."""

    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()
        await self.send_json({"type": "snapshot"})

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def room_message(self, message: dict[str, Any]) -> None:
        await self.send_json(message["frame"])


_sockets = URLRouter(
    [
        path("ws/rooms/<str:code>/", room_socket(Relays(), Admission())),  # type: ignore[arg-type]
        path("ws/usual/<str:code>/", Usual.as_asgi()),
    ]
)
_publishing: set[asyncio.Task[None]] = set()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await _sockets(scope, receive, send)
        return
    group.send_from(asyncio.get_running_loop())
    match scope["path"].strip("/").split("/"):
        case ["publish", way, room, count]:
            task = asyncio.create_task(_publish(way, int(room), int(count)))
            _publishing.add(task)
            task.add_done_callback(_publishing.discard)
    headers = [(b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _publish(way: str, room: int, count: int) -> None:
    loop, layer = asyncio.get_running_loop(), get_channel_layer()
    began = loop.time()
    for number in range(1, count + 1):
        frame = events(number)
        if way == "rooms":
            group.send(room, change_message(frame))
        else:
            await layer.group_send(GROUP, {"type": "room.message", "frame": frame})
        await asyncio.sleep(began + number * PERIOD_S - loop.time())
