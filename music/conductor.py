"""Advances the music of all rooms by the server's clock.

Runs inside the web process or on its own (`manage.py conductor`), in any number: what is due is
found by an index, and done under the room's lock by whoever comes first. A restart needs nothing
special, for what became due in the meantime is due.
"""

import logging
import threading
from collections.abc import Callable
from functools import partial

from django.db import DatabaseError, OperationalError, close_old_connections, connection

from music.actions.speaker import let_lapse
from music.actions.turns import wake
from music.actions.voting import let_due_count
from music.models import GRACE_MS, Playback, QueueItem
from rooms import clock
from rooms.errors import Conflict, Unknown
from rooms.workers import start_worker

logger = logging.getLogger(__name__)

# Well below the lead by which a track is announced, so that a late tick is still in time.
TICK_S = 0.25
HOUSEKEEPING_EVERY_MS = 60 * 60 * 1000


def advance_due(*, leases: bool = True) -> int:
    """Do everything that is due now, in all rooms. Returns in how many something was.

    Without `leases`, a speaker that was not heard of in time keeps its place. A room in which that
    fails is told of in the log, and holds up no other. Raises `OperationalError` when the database
    is away.
    """
    now_ms = clock.now_ms()
    due = list(Playback.objects.due(now_ms).values_list("room_id", flat=True)[:500])
    late = Playback.objects.lapsed(now_ms) if leases else Playback.objects.none()
    lapsed = list(late.values_list("room_id", flat=True)[:500])
    held = list(QueueItem.objects.held_until(now_ms).values_list("room_id", flat=True)[:500])
    works = [
        *((wake, room_id) for room_id in due),
        *((let_lapse, room_id) for room_id in lapsed),
        *((let_due_count, room_id) for room_id in set(held)),
    ]
    return sum(_do(work, room_id) for work, room_id in works)


def is_anything_running() -> bool:
    """Whether music plays, or a device is there for it, in any room."""
    return Playback.objects.running(clock.now_ms()).exists()


def _do(work: Callable[..., bool], room_id: int) -> bool:
    try:
        return work(room_id=room_id)
    except (Conflict, Unknown):
        return False  # ended or erased since the look-up
    except OperationalError:
        raise
    except Exception:
        logger.exception("room %s could not be advanced", room_id)
        return False


def conduct(
    stop: threading.Event, *, hears: Callable[[], bool], housekeeping: Callable[[], object]
) -> None:
    """Advance what is due, four times a second, until told to stop; tidy up once an hour.

    `hears`: whether what speakers report can be heard now. While it could not, or nothing ran here,
    their silence says nothing about them, and they get as long again to be heard.
    """
    tidied_at_ms = 0
    deaf_until_ms = clock.now_ms() + GRACE_MS
    while not stop.is_set():
        try:
            if not hears():
                deaf_until_ms = clock.now_ms() + GRACE_MS
            advance_due(leases=clock.now_ms() > deaf_until_ms)
            if clock.now_ms() - tidied_at_ms > HOUSEKEEPING_EVERY_MS:
                housekeeping()
                tidied_at_ms = clock.now_ms()
        except DatabaseError:
            # The database is away; music that plays goes on, and the next tick tries again.
            deaf_until_ms = clock.now_ms() + GRACE_MS
            logger.warning("the conductor cannot reach the database", exc_info=True)
        close_old_connections()
        stop.wait(TICK_S)
    connection.close()


def start_in_background(*, housekeeping: Callable[[], object]) -> threading.Event:
    """Conduct in a thread of this web process; set the returned event to end it."""
    work = partial(conduct, hears=lambda: True, housekeeping=housekeeping)
    return start_worker("conductor", work)
