"""Publishes how a change has moved a queue: its new order, and new reasons.

An action that may move something works inside `reordering(change)`; the events for what it did
itself (added, removed) it publishes as it goes, and what follows from them is told here. Only the
count of votes knows the standing afterwards by itself, and takes both halves of that.
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
from music.queue_state import Standing, standing
from music.room_rules import music_rules
from music.shapes import ExplanationShape, why_shape
from rooms.changes import Change
from rooms.models import Room

# Rooms whose standing this process caches; one of a full queue takes about 300 KB.
KEPT_ROOMS = 256


# The order of a queue depends on these parts, and on three rules of the room. Two are compared by
# value; `stations_give_way` is in the reasons of stations, so a change publishes about `queue`.
ORDERED_BY = ("queue", "playback")


@dataclass(frozen=True)
class _CachedStanding:
    revisions: tuple[int, ...]
    stands: Standing


_kept: LRUCache[int, _CachedStanding] = LRUCache(maxsize=KEPT_ROOMS)
_lock = threading.Lock()


@contextmanager
def reordering(change: Change) -> Iterator[Standing]:
    """Let the caller change a locked room, then publish what moved. Gives what stood before."""
    before = cached_standing(change)
    yield before
    publish_moves(change, before, standing(change.room))


def cached_standing(change: Change) -> Standing:
    """The standing of a locked room: from the cache, if no event has moved anything since.

    An event of another part, such as somebody who joins, keeps the cache entry. Who holds the
    room's lock knows the latest revisions, whichever process made them.
    """
    with _lock:
        kept = _kept.get(change.room.pk)
    if kept is not None and kept.revisions == change.revisions_of(*ORDERED_BY):
        rules, setting = music_rules(change.room), kept.stands.setting
        if (rules.mode, rules.artist_in_a_row) == (setting.mode, setting.artist_in_a_row):
            return kept.stands
    return standing(change.room)


def clear_cached_standings() -> None:
    """Empty the cache."""
    with _lock:
        _kept.clear()


def _cache_standing(room: Room, stands: Standing) -> None:
    """Cache a standing under the revisions that the room has after the commit."""
    revisions = tuple(room.part_revisions.get(name, 0) for name in ORDERED_BY)
    with _lock:
        _kept[room.pk] = _CachedStanding(revisions, stands)


def publish_moves(
    change: Change, before: Standing, after: Standing, *, told: Collection[int] = ()
) -> None:
    """Publish the differences between two standings, except the reasons that were `told` already.

    Items that came or went must have been published before, each at its place in `after`.
    """
    # At the commit the room has its new revisions.
    transaction.on_commit(partial(_cache_standing, change.room, after))
    stayed = [pk for pk in before.facts if pk in after.facts]
    if stayed != [pk for pk in after.facts if pk in before.facts]:
        change.publish(QueueOrdered([str(pk) for pk in after.facts]))
    explained = [
        explanation(after, pk)
        for pk in after.facts
        if pk in before.facts and pk not in told and _differs(before, after, pk)
    ]
    if explained:
        change.publish(QueueExplained(explained))


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
