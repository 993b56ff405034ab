"""The queue, the playback, its devices and the sources over HTTP."""

from ninja import Router

from music.api import devices, library, playback, queue, sources

router = Router()
for part in (queue, playback, devices, sources, library):
    router.add_router("", part.router)
