"""What a server runs: HTTP, sockets, and beside them the conductor and a scan of the library."""

import asyncio
import os
from collections.abc import Iterable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beatsync.settings")

import django

django.setup(set_prefix=False)

from rooms import processes

processes.limit_malloc_arenas()
processes.claim()
processes.open_many_files()

# Only now are the apps loaded, and what uses their models can be imported.
from channels.routing import ProtocolTypeRouter
from django.conf import settings

from beatsync import bounds, metrics, sentry, sockets
from beatsync.handler import ThreadedHandler
from chat import reaction_batches
from discovery import background as suggestions
from music import conductor
from music.actions import hearing
from music.hourly_tidying import start_sources, tidy
from music.sources.library import startup_scan
from rooms import clock_sync
from rooms.group import send_from
from rooms.workers import stop_workers
from staff import site_state
from staff.checks import CheckResult, checks

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


def _examine() -> Iterable[CheckResult]:
    """What the doctor finds; it is loaded when somebody asks, with the bundler that it knows."""
    from beatsync import doctor

    return doctor.examine()


processes.freeze_loaded_objects()
sentry.start()
metrics.register_collectors()
clock_sync.keep_in_sync(is_anything_running=conductor.is_anything_running)
if settings.CONDUCTOR == "web":
    conductor.start_in_background(housekeeping=tidy)
    start_sources()
else:
    hearing.keep_saying()
site_state.keep_reading(on_notice=sockets.send_to_all_rooms)
checks.use(_examine)
startup_scan.start()
reaction_batches.start_in_background()
suggestions.start_in_background()
