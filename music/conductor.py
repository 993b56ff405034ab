"""Advances the music of all rooms by the server's clock.

Runs inside the web process or on its own (`manage.py conductor`), in any number: what is due is
found by an index, and done under the room's lock by whoever comes first. A restart needs nothing
special, for what became due in the meantime is due.

A conductor sleeps until the earliest moment that it has read, and 0.25 s or 1 s at most; twice as
long where nothing is ahead in any room. A change that this process commits wakes it at once.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import (
    Error,
    OperationalError,
    close_old_connections,
    connection,
    transaction,
)
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.signals import post_save

from music.actions.held_votes import let_due_count
from music.actions.speaker import let_lapse
from music.actions.turns import advance
from music.metrics import CONDUCTOR_LAG
from music.models import GRACE_MS, Playback, QueueItem
from rooms import clock
from rooms.actions import lift_due
from rooms.errors import Conflict, Unknown
from rooms.models import Restriction, Room, RoomState
from rooms.polling import Poll
from rooms.workers import Stop, start_worker

logger = logging.getLogger(__name__)

# How late a conductor sees what another process has made due, and how soon it tries again what is
# still due. Well below the 1.5 s by which a track is announced before it starts.
TICK_S = 0.25
# The same beside a web server, where each process wakes its own conductor for what it makes due. So
# only management commands, a machine that slept, and what a process left as it died are seen late.
TICK_IN_WEB_S = 1.0
# An installation in which nothing goes on asks its database half as often.
IDLE_TICKS = 2
HOUSEKEEPING_EVERY_MS = 60 * 60 * 1000
# The fields of a playback that say when it is due.
_MOMENTS = ("wake_at_ms", "speaker_until_ms")


def _earliest(rows: QuerySet[Any], moment: str) -> QuerySet[Any, Any]:
    """The first of these moments in a live room, by the index on it.

    Not by a join, for which SQLite would read all live rooms first.
    """
    is_live = Exists(Room.objects.filter(pk=OuterRef("room"), state=RoomState.LIVE))
    known = rows.filter(is_live, **{f"{moment}__isnull": False})
    return known.order_by(moment).values_list(moment, flat=True)[:1]


_EARLIEST = Poll(
    _earliest(Playback.objects.all(), "wake_at_ms"),
    _earliest(Playback.objects.all(), "speaker_until_ms"),
    _earliest(QueueItem.objects.waiting(), "held_until_ms"),
    _earliest(Restriction.objects.all(), "until_ms"),
)


@dataclass(frozen=True)
class EarliestMoments:
    """When something is due next in any live room (ms UTC); None: nothing is known to be.

    `wake_ms`: of a playback; `lapse_ms`: of a speaker's lease; `count_ms`: of a held vote;
    `lift_ms`: of a mute or a ban.
    """

    wake_ms: int | None
    lapse_ms: int | None
    count_ms: int | None
    lift_ms: int | None

    @classmethod
    def read(cls) -> "EarliestMoments":
        """Read all of them in one statement. Raises `DatabaseError`s."""
        return cls(*_EARLIEST.read())

    def first_ms(self, *, no_lapse_before_ms: int) -> int | None:
        """The earliest of them, where no lease may lapse before a moment."""
        lapse_ms = None if self.lapse_ms is None else max(self.lapse_ms, no_lapse_before_ms)
        moments = (self.wake_ms, lapse_ms, self.count_ms, self.lift_ms)
        return min((each for each in moments if each is not None), default=None)


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
    restricted = list(Restriction.objects.over(now_ms).values_list("room_id", flat=True)[:500])
    works = [
        *((advance, room_id) for room_id in due),
        *((let_lapse, room_id) for room_id in lapsed),
        *((let_due_count, room_id) for room_id in set(held)),
        *((lift_due, room_id) for room_id in set(restricted)),
    ]
    return sum(_do(work, room_id) for work, room_id in works)


def read_overdue_ms() -> int:
    """For how long something has been due in any room, in ms; 0 where nothing is."""
    first_ms = EarliestMoments.read().first_ms(no_lapse_before_ms=0)
    return 0 if first_ms is None else max(0, clock.now_ms() - first_ms)


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
    stop: Stop,
    *,
    hears: Callable[[], bool],
    housekeeping: Callable[[], object],
    tick_s: float = TICK_S,
) -> None:
    """Advance what is due, at its moment, until told to stop; tidy up once an hour.

    Looks every `tick_s` seconds at least, for what other processes have made due. `hears`: whether
    what speakers report can be heard now. While it could not, or nothing ran here, their silence
    says nothing about them, and they get as long again to be heard.
    """
    tidied_at_ms = 0
    deaf_until_ms = clock.now_ms() + GRACE_MS
    with _woken_by_playback(stop):
        while not stop.is_set():
            idle_s = 0.0
            try:
                if not hears():
                    deaf_until_ms = clock.now_ms() + GRACE_MS
                idle_s = _tick(no_lapse_before_ms=deaf_until_ms + 1, tick_s=tick_s)
                if clock.now_ms() - tidied_at_ms > HOUSEKEEPING_EVERY_MS:
                    tidied_at_ms = clock.now_ms()
                    housekeeping()
                close_old_connections()
            except Error:
                # The database is away; music that plays goes on, and the next tick tries again.
                deaf_until_ms = clock.now_ms() + GRACE_MS
                logger.warning("the conductor cannot reach the database", exc_info=True)
                connection.close()
            except Exception:
                # Nobody starts this thread again: the music of all rooms would end with it.
                logger.exception("the conductor has stumbled")
            if idle_s:
                stop.pause(idle_s)
            else:
                # Not to be woken, or a room that cannot be advanced would be tried without a pause.
                stop.wait(TICK_S)
    connection.close()


def start_in_background(*, housekeeping: Callable[[], object]) -> Stop:
    """Conduct in a thread of this web process; set the returned event to end it."""
    work = partial(conduct, hears=lambda: True, housekeeping=housekeeping, tick_s=TICK_IN_WEB_S)
    return start_worker("conductor", work)


def _tick(*, no_lapse_before_ms: int, tick_s: float) -> float:
    """Do what is due; for how many seconds nothing will be, 0 where something was.

    `tick_s` at most, and `IDLE_TICKS` of it where no room has anything ahead.
    """
    first_ms = EarliestMoments.read().first_ms(no_lapse_before_ms=no_lapse_before_ms)
    now_ms = clock.now_ms()
    if first_ms is None:
        return IDLE_TICKS * tick_s
    if first_ms > now_ms:
        return min(tick_s, (first_ms - now_ms) / 1000)
    CONDUCTOR_LAG.observe((now_ms - first_ms) / 1000)
    advance_due(leases=now_ms >= no_lapse_before_ms)
    return 0.0


@contextmanager
def _woken_by_playback(stop: Stop) -> Iterator[None]:
    """Wake a conductor when this process has committed that a playback is due at another moment.

    A held vote wakes nobody: it waits for minutes, and one that waits for less than a tick is late
    by a tick at most.
    """

    def wake_after_commit(update_fields: frozenset[str] | None, **_: object) -> None:
        if update_fields is None or not update_fields.isdisjoint(_MOMENTS):
            transaction.on_commit(stop.wake)

    post_save.connect(wake_after_commit, sender=Playback, weak=False)
    try:
        yield
    finally:
        post_save.disconnect(wake_after_commit, sender=Playback)
