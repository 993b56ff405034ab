"""Looks after the music folders: whether each can be reached, and what follows in the rooms.

A look costs one listing for each folder. A folder that is away is looked at every few seconds; when
it is back, its rooms are told at once and the library is scanned.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.db import Error, close_old_connections, connection
from django.db.models import QuerySet

from music.actions.folder_availability import note_folder_away, note_folder_back
from music.actions.incidents import FOLDER_AWAY
from music.models import ItemState, QueueItem, RoomSource, Track
from music.sources.library import folders, startup_scan
from music.sources.library.paths import stored
from music.sources.library.reach import Listing, list_root
from rooms.errors import Conflict, Unknown
from rooms.models import RoomState
from rooms.workers import Stop, start_worker

LOOK_EVERY_S = 60.0
LOOK_AT_AWAY_EVERY_S = 5.0

_log = logging.getLogger(__name__)


def start_in_background() -> Stop:
    """Watch in a thread of its own; set the returned event to end it."""
    return start_worker("folder-watch", _watch)


def _watch(stop: Stop) -> None:
    watch, waited_s = FolderWatch(), LOOK_EVERY_S
    while not stop.is_set():
        try:
            if waited_s >= LOOK_EVERY_S or watch.is_any_away():
                watch.look()
                waited_s = 0.0
            close_old_connections()
        except Error:
            _log.warning("the music folders could not be looked after", exc_info=True)
            connection.close()
        stop.wait(LOOK_AT_AWAY_EVERY_S)
        waited_s += LOOK_AT_AWAY_EVERY_S


class FolderWatch:
    """What one process has seen of the music folders."""

    def __init__(self) -> None:
        # Keys of folders: those that had nothing to list, and those that had; none before a look.
        self._unfilled: set[str] = set()
        self._filled: set[str] | None = None

    def is_any_away(self) -> bool:
        """Whether a folder is away, by the last look or by what a room has met since."""
        return bool(self._unfilled) or _rows().exists()

    def look(self) -> None:
        """Look at every folder once, and tell the rooms. Raises what the database does."""
        roots = folders.roots_by_key()
        filled = {key for key, root in roots.items() if list_root(str(root)) == Listing.FILLED}
        for key, root in roots.items():
            if key not in filled and _has_tracks(root):
                self._tell_away(key)
        for room_id, key in _rows().values_list("room", "name"):
            if key in filled or key not in roots:
                _tell(note_folder_back, room_id, key)
        back = set() if self._filled is None else filled - self._filled
        if back:
            _log.info(
                "Music folders are back: %s", ", ".join(str(folders.title_of(key)) for key in back)
            )
            startup_scan.start()
        self._filled, self._unfilled = filled, set(roots) - filled

    def _tell_away(self, key: str) -> None:
        if key not in self._unfilled:
            _log.warning("The music folder %s cannot be reached", folders.title_of(key))
        waiting = QueueItem.objects.filter(state=ItemState.WAITING, track__folder=key)
        known = _rows().filter(name=key).values("room")
        rooms = waiting.filter(room__state=RoomState.LIVE).exclude(room__in=known)
        for room_id in rooms.values_list("room", flat=True).distinct():
            _tell(note_folder_away, room_id, key)


def _rows() -> QuerySet[RoomSource]:
    """Folders that are away, as live rooms know them."""
    rows = RoomSource.objects.filter(room__state=RoomState.LIVE)
    return rows.filter(cause=FOLDER_AWAY)


def _tell(action: Callable[..., None], room_id: int, key: str) -> None:
    with suppress(Conflict, Unknown):  # the room has ended, or was erased, since it was looked up
        action(room_id=room_id, key=key)


def _has_tracks(root: Path) -> bool:
    """Whether the library has anything below this folder: one that never had is only empty."""
    return Track.objects.filter(file__root=stored(str(root)), available=True).exists()
