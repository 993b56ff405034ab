"""What happens beside the server: learning, finding suggestions ahead, adding them by itself.

Two threads, so that a slow service outside keeps no room waiting for what is known here. A room is
due when another track plays than the one for which its suggestions were found. Any number of
processes may do this: each piece of work is claimed by a conditional update of the room's row.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import (
    Error,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    transaction,
)
from django.db.models import Count, F, Model, Q
from django.db.models.signals import post_save

from discovery.actions.autofill import fill
from discovery.actions.learning import learn
from discovery.actions.suggesting import announce, mark_done, prefetch, prefetch_outside
from discovery.chain import propose
from discovery.seed import Mood, Seed
from discovery.services import labs, lastfm
from music.actions.suggested_rows import FEWEST_WAITING
from music.models import ItemState, Playback, QueueItem, Track
from rooms.models import Room
from rooms.workers import Stop, start_worker

logger = logging.getLogger(__name__)

# What this process changes wakes its threads; what others change is seen within this.
LOOK_EVERY_S = 10.0
MOST_AT_ONCE = 50
# Questions about single tracks that wait to be asked; more are dropped.
MOST_WANTED, MOST_WANTED_OF_ROOM = 100, 5
# So many of them are asked before rooms have their turn again.
MOST_WANTED_AT_ONCE = 10

_wanted: dict[tuple[int, str], Track] = {}
_lock = threading.Lock()
_outside: Stop | None = None


def do_due() -> int:
    """Learn, find and add in every room where that is due, from what is known here; how many."""
    due = _rooms_with_another_play("play_id")
    for room_id, play_id in due:
        with _faults_stay_in(room_id, play_id=play_id):
            prefetch(room_id=room_id, play_id=play_id)
            if learn(room_id=room_id):
                # What has just been learned counts at once.
                prefetch(room_id=room_id, play_id=play_id)
    filled = 0
    for room_id in _rooms_that_run_dry():
        with _faults_stay_in(room_id):
            filled += fill(room_id=room_id)
    return len(due) + filled


def do_due_outside() -> int:
    """Ask services outside for every room where that is due, and for single tracks; how many."""
    if not (lastfm.is_configured() or labs.is_configured()):
        return 0
    with _lock:
        wanted = {key: _wanted.pop(key) for key in list(_wanted)[:MOST_WANTED_AT_ONCE]}
    for (room_id, _), track in wanted.items():
        with _faults_stay_in(room_id):
            _ask_about(room_id, track)
    due = _rooms_with_another_play("asked_play_id")
    for room_id, play_id in due:
        with _faults_stay_in(room_id, asked_play_id=play_id):
            prefetch_outside(room_id=room_id, play_id=play_id)
    if _wanted and _outside is not None:
        _outside.wake()
    return len(due) + len(wanted)


def ask_outside_about(room: Room, track: Track) -> None:
    """Let services be asked soon what goes with a track; the room hears when there is more."""
    with _lock:
        of_room = sum(room_id == room.pk for room_id, _ in _wanted)
        if of_room < MOST_WANTED_OF_ROOM and len(_wanted) < MOST_WANTED:
            _wanted[room.pk, track.uri] = track
    if _outside is not None:
        _outside.wake()


def start_in_background() -> None:
    """Do both in threads of this process, until it ends."""
    global _outside
    start_worker("suggestions", lambda stop: _repeat(stop, do_due, (Playback, QueueItem, Room)))
    _outside = start_worker(
        "suggestions-outside", lambda stop: _repeat(stop, do_due_outside, (Playback,))
    )


def forget() -> None:
    """Drop the questions that nobody has asked yet."""
    with _lock:
        _wanted.clear()


def _ask_about(room_id: int, track: Track) -> None:
    room = Room.objects.live().filter(pk=room_id).first()
    if room is None:
        return
    mood = Mood((Seed(track, 1.0),), {})
    before, _ = propose(room, mood, may_ask=False)
    after, _ = propose(room, mood, may_ask=True)
    # Who hears of news looks again, which asks again: without any there would be no end to it.
    if after != before:
        announce(room_id=room_id)


@contextmanager
def _faults_stay_in(room_id: int, **done: int) -> Iterator[None]:
    """A fault in one room's work is logged, and keeps no other room waiting.

    `done`: the field of the row that says the work is done, so that it is not tried again at once.
    Raises `OperationalError` and `InterfaceError`: without a database no room can be worked for.
    """
    try:
        yield
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("room %s gets no new suggestions", room_id)
        if done:
            mark_done(room_id, **done)


def _rooms_with_another_play(field: str) -> list[tuple[int, int]]:
    """Live rooms whose suggestions were found for another play than the present one: (id, play)."""
    is_current = Q(**{f"room__suggestions__{field}": F("play_id")})
    playbacks = Playback.objects.filter(room__state="live", play_id__gt=0).filter(
        Q(room__suggestions__isnull=True) | ~is_current
    )
    # By chance: rooms that are due again and again would keep later ones waiting for ever.
    return list(playbacks.order_by("?").values_list("room_id", "play_id")[:MOST_AT_ONCE])


def _rooms_that_run_dry() -> list[int]:
    """Rooms that add by themselves and in which fewer than two tracks wait beside the shelf."""
    waits = Q(queue__state=ItemState.WAITING) & (
        Q(queue__added_by__isnull=False) | Q(queue__suggested_for__isnull=False)
    )
    rooms = Room.objects.live().filter(own_rules__autofill=True, playback__play_id__gt=0)
    dry = rooms.annotate(waiting=Count("queue", filter=waits)).filter(waiting__lt=FEWEST_WAITING)
    # By chance, too: a room for which nothing fits stays dry.
    return list(dry.order_by("?").values_list("pk", flat=True)[:MOST_AT_ONCE])


def _repeat(stop: Stop, work: Callable[[], int], after: tuple[type[Model], ...]) -> None:
    """Do the work until told to stop, at once where this process has saved one of these.

    Another play, a track that waits now, and another rule make work; votes save none of them.
    """

    def wake_after_commit(**_: object) -> None:
        transaction.on_commit(stop.wake)

    for model in after:
        post_save.connect(wake_after_commit, sender=model, weak=False)
    try:
        while not stop.is_set():
            try:
                work()
                close_old_connections()
            except Error:
                logger.warning("suggestions cannot reach the database", exc_info=True)
                connection.close()
            except Exception:
                # A thread that ends would end the suggestions of all rooms.
                logger.exception("suggestions could not be prepared")
                connection.close()
                stop.wait(LOOK_EVERY_S)
            stop.pause(LOOK_EVERY_S)
    finally:
        for model in after:
            post_save.disconnect(wake_after_commit, sender=model)
        connection.close()
