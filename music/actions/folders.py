"""Music folders that go out of reach and come back: told to the rooms with music of them."""

from __future__ import annotations

from music.actions import incidents
from music.actions.held import hold_folder
from music.actions.transport import playback_of
from music.actions.turns import wake_soon
from music.events import SourceChanged
from music.models import RoomSource
from music.shapes import source_shapes
from music.sources.library import folders
from rooms.publish import changing, publish


def note_folder_away(*, room_id: int, key: str) -> None:
    """A folder cannot be reached, so what waits of it goes on waiting; quiet when that is known.

    Raises `UnknownRoom`, `RoomEnded`.
    """
    with changing(room_id) as room:
        if hold_folder(room, playback_of(room), key=key):
            wake_soon(room)


def note_folder_back(*, room_id: int, key: str) -> None:
    """A folder can be reached again; quiet when it never was away here.

    Raises `UnknownRoom`, `RoomEnded`.
    """
    with changing(room_id) as room:
        if not RoomSource.objects.filter(room=room, name=key).delete()[0]:
            return
        publish(room, SourceChanged(source_shapes(room)))
        incidents.folder_back(room, playback_of(room), title=folders.title_of(key))
        wake_soon(room)
