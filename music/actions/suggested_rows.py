"""The suggestions that a room adds by itself, one at a time; no member asked for them.

They are queue items without a requester, like the rows of the shelf: nobody's turn, counted by no
limit, never fixed as the next track. They stand behind all that people added and before the shelf.
"""

from __future__ import annotations

from typing import Any

from music.actions.queue import save_track
from music.actions.transport import playback_of
from music.actions.turns import advance_soon
from music.add_checks import unfit_tracks
from music.events import QueueAdded, QueueRemoved
from music.models import QueueItem, Track
from music.queue_state import standing
from music.reordering import reordering
from music.shapes import item_shape
from rooms import clock
from rooms.actors import System
from rooms.changes import Change, changing

# With fewer waiting tracks than this, the shelf's rows not counted, a room adds one by itself.
FEWEST_WAITING = 2


def add_suggested_row(*, room_id: int, track: Track, why: dict[str, Any]) -> QueueItem | None:
    """Add one track in the room's own name, with the reason for it; None where it is not wanted.

    It is not where enough waits by now, where the same recording waits or plays, where a rule of
    the room stands against it, and in a room that has never been started. A row of the shelf with
    the same recording becomes the suggestion. Raises `RoomEnded`, `UnknownRoom`.
    """
    with changing(System(room_id, "suggestions")) as change:
        playback = playback_of(change.room)
        if playback.play_id == 0 or _waiting_beside_shelf(room_id) >= FEWEST_WAITING:
            return None
        if track in unfit_tracks(change.room) or _is_playing(change, track):
            return None
        waiting = QueueItem.objects.filter(room=change.room).waiting()
        row = waiting.of_recording(track).with_facts().first()
        if row is not None and (row.added_by_id is not None or row.suggested_for is not None):
            return None
        with reordering(change):
            item = _promoted(row, why) if row else _created(change, track, why)
            stands = standing(change.room)
            shape = item_shape(item, stands.why[item.pk])
            change.publish(QueueAdded(shape, at=stands.ids.index(item.pk)))
        advance_soon(change)
        return item


def withdraw_suggested_rows(change: Change) -> None:
    """Take out of a locked room's queue what it added by itself and nobody has fixed as next."""
    rows = QueueItem.objects.filter(room=change.room, locked=False).suggested().waiting()
    with reordering(change) as before:
        gone = set(rows.values_list("pk", flat=True))
        rows.delete()
        change.publish(*(QueueRemoved(str(pk), why="removed") for pk in before.ids if pk in gone))


def _waiting_beside_shelf(room_id: int) -> int:
    """How many tracks wait that are not of the shelf."""
    waiting = QueueItem.objects.filter(room=room_id).waiting()
    return (waiting.asked_for() | waiting.suggested()).count()


def _is_playing(change: Change, track: Track) -> bool:
    item = playback_of(change.room).item
    return item is not None and item.track_id in Track.objects.same_recording(track).values_list(
        "pk", flat=True
    )


def _promoted(row: QueueItem, why: dict[str, Any]) -> QueueItem:
    row.suggested_for, row.added_at_ms = why, clock.now_ms()
    row.save(update_fields=["suggested_for", "added_at_ms"])
    return row


def _created(change: Change, track: Track, why: dict[str, Any]) -> QueueItem:
    saved = track if track.pk is not None else save_track(track)
    return QueueItem.objects.create(room=change.room, track=saved, suggested_for=why)
