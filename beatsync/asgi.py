"""What a server runs: HTTP, sockets, and beside them the conductor and a scan of the library."""

import asyncio
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beatsync.settings")

import django

django.setup(set_prefix=False)

from rooms import processes

processes.claim()
processes.open_many_files()

# Only now are the apps loaded, and what uses their models can be imported.
from channels.routing import ProtocolTypeRouter
from django.conf import settings

from beatsync import bounds, sockets
from beatsync.handler import ThreadedHandler
from music import conductor
from music.actions import hearing
from music.actions.tracks import forget_unused_tracks
from music.sources.library import background, watch
from music.sources.spotify import commander
from rooms import clock_sync
from rooms.actions import erase_old
from rooms.publish import send_from
from rooms.workers import stop_workers

_router = ProtocolTypeRouter({"http": ThreadedHandler(), "websocket": sockets.application})


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The ASGI application."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    send_from(asyncio.get_running_loop())
    await _router(scope, receive, send)


async def _live(receive: Any, send: Any) -> None:
    """Hear from a server that tells it (daphne does not) when its process begins and ends."""
    while True:
        event = (await receive())["type"]
        if event == "lifespan.shutdown":
            await asyncio.to_thread(stop_workers, within_s=bounds.FINISH_S)
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return


def _tidy() -> None:
    erase_old(retention_days=settings.ROOM_RETENTION_DAYS)
    forget_unused_tracks(source="spotify")


clock_sync.keep_in_sync(is_anything_running=conductor.is_anything_running)
if settings.CONDUCTOR == "web":
    conductor.start_in_background(housekeeping=_tidy)
    commander.start_in_background()
    watch.start_in_background()
else:
    hearing.keep_saying()
background.start()
