"""Learning from what a room has played: which tracks of the library go together.

Counted when a track is over: it and each of the ten before it, if both are of the library. Nothing
is kept of who added or voted, and tracks of services are not counted, as their terms want it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef

from discovery.decay import growth
from discovery.models import CoPlay, RoomSuggestions
from music.models import ItemState, QueueItem, QueueItemQuerySet
from music.sources.library.catalog import SOURCE as LIBRARY

# Two tracks go together where at most so many others played between them.
WINDOW = 10
# How much a play counts: one that was skipped or voted down speaks against a pair.
PLAYED, LIKED, UNWANTED = 1.0, 2.0, -1.0
MOST_AT_ONCE = 50

# By (first, second), what is added to their weights.
Weights = dict[tuple[int, int], float]


def learn(*, room_id: int) -> int:
    """Count what has ended in a room since the last time; how many tracks.

    The row of the room's suggestions is the lock, and remembers how far that is, so that nothing
    is counted twice.
    """
    with transaction.atomic():
        row = RoomSuggestions.objects.select_for_update().filter(room=room_id).first()
        if row is None:
            return 0
        fresh = _heard(room_id).filter(ended_at_ms__gt=row.learned_to)
        ended = list(fresh.order_by("ended_at_ms")[:MOST_AT_ONCE])
        if not ended:
            return 0
        earlier = _heard(room_id).filter(ended_at_ms__lte=row.learned_to)
        before = list(earlier.order_by("-ended_at_ms")[:WINDOW])[::-1]
        _add(room_id, weights_of([*before, *ended], first_new=len(before)))
        row.learned_to = ended[-1].ended_at_ms or row.learned_to
        row.save(update_fields=["learned_to"])
        return len(ended)


def erase_room(room_id: int) -> None:
    """Erase what only this room knows; what another room knows, too, stays as a sum without rooms.

    In the transaction that erases the room.
    """
    rows = CoPlay.objects.filter(room=room_id)
    same = CoPlay.objects.filter(first=OuterRef("first"), second=OuterRef("second"))
    rows.filter(~Exists(same.exclude(pk=OuterRef("pk")))).delete()
    mine = {(row.first_id, row.second_id): row for row in rows}
    firsts = {first for first, _ in mine}
    sums = [
        row
        for row in CoPlay.objects.filter(room=None, first__in=firsts)
        if (row.first_id, row.second_id) in mine
    ]
    for row in sums:
        own = mine.pop((row.first_id, row.second_id))
        row.weight += own.weight
        row.rooms += own.rooms
    CoPlay.objects.bulk_update(sums, ["weight", "rooms"])
    rows.filter(pk__in=[row.pk for row in mine.values()]).update(room=None)


def weights_of(items: Sequence[QueueItem], *, first_new: int) -> Weights:
    """What is added for the items from `first_new` on, which follow those before; both ways round.

    A pair counts as the less liked of its two plays does.
    """
    weights: defaultdict[tuple[int, int], float] = defaultdict(float)
    for at in range(first_new, len(items)):
        item = items[at]
        if item.track.source != LIBRARY:
            continue
        grown, value = growth(item.ended_at_ms or 0), value_of(item)
        weights[item.track_id, item.track_id] += abs(value) * grown
        for other in items[max(0, at - WINDOW) : at]:
            if other.track.source != LIBRARY or other.track_id == item.track_id:
                continue
            together = min(value, value_of(other)) * grown
            weights[item.track_id, other.track_id] += together
            weights[other.track_id, item.track_id] += together
    return weights


def value_of(item: QueueItem) -> float:
    """What one play says about its track: liked by votes, unwanted, or just played."""
    if item.state == ItemState.SKIPPED or item.score < 0:
        return UNWANTED
    # One's own vote for what one adds is not the room's.
    own = 1 if item.added_by_id is not None else 0
    return LIKED if item.score > own else PLAYED


def _heard(room_id: int) -> QueueItemQuerySet:
    over = [ItemState.PLAYED, ItemState.SKIPPED]
    items = QueueItem.objects.filter(room=room_id, state__in=over, ended_at_ms__isnull=False)
    return items.select_related("track")


def _add(room_id: int, weights: Weights) -> None:
    """Add to the rows of one room, in three statements."""
    firsts = {first for first, _ in weights}
    seconds = {second for _, second in weights}
    rows = {
        (row.first_id, row.second_id): row
        for row in CoPlay.objects.filter(room=room_id, first__in=firsts, second__in=seconds)
        if (row.first_id, row.second_id) in weights
    }
    for pair, row in rows.items():
        row.weight += weights[pair]
    CoPlay.objects.bulk_update(rows.values(), ["weight"])
    CoPlay.objects.bulk_create(
        CoPlay(room_id=room_id, first_id=pair[0], second_id=pair[1], weight=weight)
        for pair, weight in weights.items()
        if pair not in rows
    )
