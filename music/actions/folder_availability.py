"""Music folders that go out of reach and come back: told to the rooms with music of them."""

from __future__ import annotations

from music.actions import incidents
from music.actions.away_folders import set_folder_away
from music.actions.transport import playback_of
from music.actions.turns import advance_soon
from music.events import SourceChanged
from music.models import RoomSource
from music.shapes import source_shapes
from music.sources.library import folders
from rooms.actors import System
from rooms.changes import changing


def note_folder_away(*, room_id: int, key: str) -> None:
    """A folder cannot be reached, so what waits of it goes on waiting; quiet when that is known.

    Raises `UnknownRoom`, `RoomEnded`.
    """
    with changing(System(room_id, "library")) as change:
        if set_folder_away(change, playback_of(change.room), key=key):
            advance_soon(change)


def note_folder_back(*, room_id: int, key: str) -> None:
    """A folder can be reached again; quiet when it never was away here.

    Raises `UnknownRoom`, `RoomEnded`.
    """
    with changing(System(room_id, "library")) as change:
        if not RoomSource.objects.filter(room=change.room, name=key).delete()[0]:
            return
        change.publish(SourceChanged(source_shapes(change.room)))
        incidents.folder_back(change, playback_of(change.room), title=folders.title_of(key))
        advance_soon(change)
