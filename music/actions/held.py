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
from rooms.models import Room
from rooms.publish import publish


def hold_folder(room: Room, playback: Playback, *, key: str) -> bool:
    """What is of this folder waits from now on in a locked room; whether it did not already.

    What plays of it goes on: its device may have all of it.
    """
    row, is_new = RoomSource.objects.get_or_create(
        room=room, name=key, defaults={"state": SourceState.AWAY, "cause": FOLDER_AWAY}
    )
    if not is_new:
        return False
    publish(room, SourceChanged(source_shapes(room)))
    with reordering(room):
        unlock_items(room, Q(track__folder=key))
    says = f"The folder {folders.title_of(key)} cannot be reached."
    incidents.source_away(room, playback, name=row.name, cause=FOLDER_AWAY, says=says)
    return True


def unlock_items(room: Room, which: Q) -> None:
    """Nothing of these is fixed as the next one any more (room locked, inside `reordering`)."""
    locked = QueueItem.objects.waiting().filter(which, room=room, locked=True)
    if locked.update(locked=False):
        publish(room, QueueLocked(None))
