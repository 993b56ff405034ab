"""A music folder that cannot be reached: what is of it keeps its votes and waits."""

from __future__ import annotations

from django.db.models import Q

from music.actions import incidents
from music.actions.incidents import FOLDER_AWAY
from music.events import QueueLocked, SourceChanged
from music.models import Playback, QueueItem, RoomSource, SourceState
from music.reordering import reordering
from music.shapes import source_shapes
from music.sources.library import folders
from rooms.changes import Change


def set_folder_away(change: Change, playback: Playback, *, key: str) -> bool:
    """What is of this folder waits from now on in a locked room; whether it did not already.

    What plays of it goes on: its device may have all of it.
    """
    row, is_new = RoomSource.objects.get_or_create(
        room=change.room, name=key, defaults={"state": SourceState.AWAY, "cause": FOLDER_AWAY}
    )
    if not is_new:
        return False
    change.publish(SourceChanged(source_shapes(change.room)))
    with reordering(change):
        unlock_items(change, Q(track__folder=key))
    incidents.folder_away(change, playback, key=row.name, title=folders.title_of(key))
    return True


def unlock_items(change: Change, which: Q) -> None:
    """Nothing of these is fixed as the next one any more (room locked, inside `reordering`)."""
    locked = QueueItem.objects.waiting().filter(which, room=change.room, locked=True)
    if locked.update(locked=False):
        change.publish(QueueLocked(None))
