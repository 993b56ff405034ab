"""What a server runs: HTTP, sockets, and beside them the conductor and a scan of the library."""

import asyncio
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beatsync.settings")

import django

django.setup(set_prefix=False)

# Only now are the apps loaded, and what uses their models can be imported.
from channels.routing import ProtocolTypeRouter  # noqa: E402
from django.conf import settings  # noqa: E402

from beatsync import sockets  # noqa: E402
from beatsync.handler import ThreadedHandler  # noqa: E402
from music import conductor  # noqa: E402
from music.sources.library import background  # noqa: E402
from rooms.actions import erase_old  # noqa: E402
from rooms.publish import send_from  # noqa: E402

_router = ProtocolTypeRouter({"http": ThreadedHandler(), "websocket": sockets.application})


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The ASGI application."""
    if scope["type"] == "lifespan":
        return  # servers that offer it go on without
    send_from(asyncio.get_running_loop())
    await _router(scope, receive, send)


if settings.CONDUCTOR == "web":
    conductor.start_in_background(
        housekeeping=lambda: erase_old(retention_days=settings.ROOM_RETENTION_DAYS)
    )
background.start()
