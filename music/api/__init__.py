"""The queue, the playback, its devices and the sources over HTTP."""

from ninja import Router

from music.api import devices, playback, queue, sources
from music.api.queue import ReadQueue


def router(read_queue: ReadQueue) -> Router:
    """The operations on the music of a room, given how its queue is read."""
    queue.offer_reading(read_queue)
    whole = Router()
    for part in (queue, playback, devices, sources):
        whole.add_router("", part.router)
    return whole
