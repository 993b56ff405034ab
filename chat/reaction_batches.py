"""Reactions on their way: summed in this process, and counted in their rooms once a second.

A sum has no names. What a member reacts to is the room's subject (`rooms.features`), an opaque
string here. A process that is killed loses the reactions of its last second.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, defaultdict
from enum import StrEnum

from django.db import Error, InterfaceError, OperationalError, close_old_connections, connection

from chat.actions.reactions import count_reactions
from chat.acts import REACT
from chat.errors import StaleSubject
from rooms.errors import RoomEnded, RoomError
from rooms.features import current_subject
from rooms.models import Member
from rooms.workers import Stop, start_worker

# The first reaction is counted at once, those that follow within a second together.
COUNT_EVERY_S = 1.0
IDLE_S = 60.0

_log = logging.getLogger(__name__)


class Reaction(StrEnum):
    """What a member can say of the subject, drawn as ❤️ 🔥 👏 💃 😂 🔁."""

    LOVE = "love"
    FIRE = "fire"
    CLAP = "clap"
    DANCE = "dance"
    LAUGH = "laugh"
    AGAIN = "again"


Sums = dict[str, Counter[str]]  # by subject

_sums: defaultdict[int, Sums] = defaultdict(lambda: defaultdict(Counter))
_lock = threading.Lock()
_worker: Stop | None = None


def note_reaction(member: Member, subject: str, reaction: Reaction) -> None:
    """Note one reaction to what the room has before it now; it is counted within a second.

    Raises `RoomEnded`, `NotAllowed`, `Muted`, `StaleSubject`.
    """
    if not member.room.is_live:
        raise RoomEnded
    member.require(REACT)
    if subject != current_subject(member.room):
        raise StaleSubject
    with _lock:
        _sums[member.room_id][subject][reaction] += 1
    if _worker is not None:
        _worker.wake()


def count_noted() -> None:
    """Count in each room what was noted since the last time.

    Raises `OperationalError` or `InterfaceError` where the database is away: then what is left is
    counted the next time.
    """
    with _lock:
        noted = dict(_sums)
        _sums.clear()
    while noted:
        room_id, sums = noted.popitem()
        try:
            count_reactions(room_id=room_id, sums=sums)
        except RoomError:
            continue  # the room has ended or was erased
        except (OperationalError, InterfaceError):
            _put_back({**noted, room_id: sums})
            raise
        except Exception:  # noqa: BLE001 - one room's fault stops the counting of no other room
            # Its sums are dropped: kept, they would fail again each second.
            _log.exception("the reactions of room %s could not be counted", room_id)


def start_in_background() -> Stop:
    """Count in a thread of its own; set the returned event to end it."""
    global _worker
    _worker = start_worker("reactions", _count_each_second)
    return _worker


def forget() -> None:
    """Drop what was noted and not counted yet."""
    with _lock:
        _sums.clear()


def _put_back(noted: dict[int, Sums]) -> None:
    with _lock:
        for room_id, sums in noted.items():
            for subject, counts in sums.items():
                _sums[room_id][subject].update(counts)


def _count_each_second(stop: Stop) -> None:
    while True:
        is_last_time = stop.is_set()
        try:
            count_noted()
            close_old_connections()
        except Error:  # also of the driver itself, whose connection the database has closed
            _log.warning("reactions could not be counted", exc_info=True)
            connection.close()
        if is_last_time:
            connection.close()
            return
        stop.wait(COUNT_EVERY_S)
        if not _sums:
            stop.pause(IDLE_S)
