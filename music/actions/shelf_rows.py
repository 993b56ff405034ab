"""The rows of the shelf: its next tracks stand in the queue, for people to vote on.

Votes order them among themselves. They are nobody's turn, count towards no limit, and stand behind
all that people added; the last moment before a start is early enough for that, so they are not
fixed as the next track.
"""

from __future__ import annotations

from django.db.models import Count, Q

from music import shelf
from music.actions import newcomers
from music.events import MemberVoted, QueueAdded, QueueHeld, QueueRemoved
from music.models import SHELF_ROWS, ItemState, Playback, QueueItem, RoomSource, Vote
from music.queue_state import standing
from music.reordering import reordering
from music.shapes import item_shape
from music.sources.library import folders
from rooms import clock
from rooms.changes import Change
from rooms.models import Member


def offer_shelf_rows(change: Change, playback: Playback) -> None:
    """Fill the rows of the shelf up in a locked room that has been started, inside `reordering`.

    Rows of a folder that is away keep their votes and wait; the house stands in for it.
    """
    if not playback.shelf or playback.play_id == 0:
        return
    away = RoomSource.objects.of(change.room).away()
    rows = QueueItem.objects.filter(room=change.room).waiting().of_shelf()
    there = [key for key in rows.values_list("track__folder", flat=True) if key not in away]
    missing = SHELF_ROWS - len(there)
    if missing <= 0:
        return
    key = folders.HOUSE if playback.shelf in away else playback.shelf
    tracks = shelf.next_rows(room=change.room, key=key, most=missing, away=away)
    if not tracks:
        return
    now_ms = clock.now_ms()
    added = QueueItem.objects.bulk_create(
        QueueItem(room=change.room, track=track, added_at_ms=now_ms) for track in tracks
    )
    stands = standing(change.room)
    at = {pk: place for place, pk in enumerate(stands.ids)}
    for item in sorted(added, key=lambda item: at[item.pk]):
        change.publish(QueueAdded(item_shape(item, stands.why[item.pk]), at=at[item.pk]))


def change_shelf_rows(change: Change, playback: Playback) -> None:
    """Put rows of the shelf that a locked room has now in the place of those that it had.

    What is fixed as the next track stays that.
    """
    of_shelf = QueueItem.objects.filter(room=change.room, locked=False).of_shelf()
    # With those that were taken out: they cannot come back from another shelf.
    rows = of_shelf.filter(state__in=[ItemState.WAITING, ItemState.REMOVED])
    with reordering(change) as before:
        gone = set(rows.waiting().values_list("pk", flat=True))
        rows.delete()
        change.publish(*(QueueRemoved(str(pk), why="removed") for pk in before.ids if pk in gone))
        offer_shelf_rows(change, playback)


def claim_shelf_row(change: Change, playback: Playback, item: QueueItem, member: Member) -> None:
    """A row of the shelf becomes the member's, as if added now; the votes on it stay.

    Another one takes its place on the shelf.
    """
    was_held = item.held
    with reordering(change):
        Vote.objects.update_or_create(
            item=item, member=member, defaults={"value": 1, "held": False}
        )
        votes = Vote.objects.filter(item=item).aggregate(
            up=Count("pk", filter=Q(value=1, held=False)),
            down=Count("pk", filter=Q(value=-1, held=False)),
            held=Count("pk", filter=Q(held=True)),
        )
        item.up, item.down, item.held = votes["up"], votes["down"], votes["held"]
        item.added_by, item.added_at_ms = member, clock.now_ms()
        item.floor_ms, item.place, item.suggested_for = playback.virtual_ms, None, None
        item.save()
        newcomers.set_next_release([item.pk])
        stands = standing(change.room)
        shape = item_shape(item, stands.why[item.pk])
        change.publish(QueueAdded(shape, at=stands.ids.index(item.pk)))
        offer_shelf_rows(change, playback)
    if item.held != was_held:
        change.publish(QueueHeld(str(item.pk), item.held))
    change.publish(MemberVoted(member.pk, {str(item.pk): 1}))
