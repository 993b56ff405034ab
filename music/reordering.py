"""Telling a room how a change has moved its queue: new order, new reasons.

Every action that may move something works inside `reordering(room)`; the events for what it did
itself (added, removed, tallied) it publishes as it goes, and what follows from them is told here.
"""

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from cachetools import LRUCache
from django.db import transaction

from music.events import QueueExplained, QueueOrdered
from music.ordering import reason
from music.queue import Standing, standing
from music.shapes import ExplanationShape, why_shape
from rooms.models import Room
from rooms.publish import publish

# Rooms whose standing is kept in this process; one of a full queue takes about 300 KB.
KEPT_ROOMS = 256


@dataclass(frozen=True)
class _Kept:
    revision: int
    stands: Standing


_kept: LRUCache[int, _Kept] = LRUCache(maxsize=KEPT_ROOMS)
_lock = threading.Lock()


@contextmanager
def reordering(room: Room) -> Iterator[Standing]:
    """Let the caller change a locked room, then publish what moved. Gives what stood before."""
    before = present(room)
    yield before
    publish_moves(room, before, standing(room))


def present(room: Room) -> Standing:
    """How things stand in a locked room: remembered, if nothing has changed there since.

    Whatever moves something is published, and so has a revision. Who holds the room's lock knows
    its latest one, whichever process made it.
    """
    with _lock:
        kept = _kept.get(room.pk)
    if kept is not None and kept.revision == room.revision and not room.unpublished:
        return kept.stands
    return standing(room)


def forget() -> None:
    """Remember nothing any more."""
    with _lock:
        _kept.clear()


def _remember(room: Room, stands: Standing) -> None:
    with _lock:
        _kept[room.pk] = _Kept(room.revision, stands)


def publish_moves(
    room: Room, before: Standing, after: Standing, *, told: Collection[int] = ()
) -> None:
    """Publish the differences between two standings, except the reasons that were `told` already.

    Items that came or went must have been published before, each at its place in `after`.
    """
    # By the time of the commit the room has its new revision.
    transaction.on_commit(partial(_remember, room, after))
    stayed = [pk for pk in before.facts if pk in after.facts]
    if stayed != [pk for pk in after.facts if pk in before.facts]:
        publish(room, QueueOrdered([str(pk) for pk in after.facts]))
    explained = [
        explanation(after, pk)
        for pk in after.facts
        if pk in before.facts and pk not in told and _differs(before, after, pk)
    ]
    if explained:
        publish(room, QueueExplained(explained))


def explanation(stands: Standing, pk: int) -> ExplanationShape:
    """Why an item stands where it does, as it goes over the wire."""
    why = stands.why[pk]
    return {
        "item": str(pk),
        "reason": reason(why, score=stands.facts[pk].score),
        "why": why_shape(why),
    }


def _differs(before: Standing, after: Standing, pk: int) -> bool:
    """Whether the reason is another one: the kind, or the votes that it names."""
    return before.why[pk] != after.why[pk] or before.facts[pk].score != after.facts[pk].score
