"""The queue of a room, read in playing order."""

from music.models import Playback, QueueItem
from music.ordering import Facts, by_votes
from music.shapes import ItemShape, queue_shape
from rooms.models import Room


def facts_of(room: Room) -> list[Facts]:
    """What ordering needs to know of every waiting item, in one query without their tracks."""
    rows = (
        QueueItem.objects.filter(room=room)
        .waiting()
        .values_list("pk", "up", "down", "added_by__plays", "added_at_ms", "locked")
    )
    return [
        Facts(pk, up, down, plays or 0, added_at_ms, locked)
        for pk, up, down, plays, added_at_ms, locked in rows
    ]


def order_of(room: Room) -> list[int]:
    """Ids of the waiting items in playing order."""
    return by_votes(facts_of(room))


def waiting_in(room: Room) -> list[QueueItem]:
    """The waiting items in playing order, tracks and requesters at hand, in one query."""
    items = {item.pk: item for item in QueueItem.objects.filter(room=room).waiting().with_facts()}
    facts = (
        Facts(
            item.pk,
            item.up,
            item.down,
            item.added_by.plays if item.added_by else 0,
            item.added_at_ms,
            item.locked,
        )
        for item in items.values()
    )
    return [items[pk] for pk in by_votes(facts)]


def shapes_of(room: Room, playback: Playback) -> list[ItemShape]:
    """The waiting items in playing order, as they go over the wire."""
    return queue_shape(waiting_in(room), playback)
