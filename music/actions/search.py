"""What can play next in a locked room: found by trying what waits in its order, then the shelf."""

from __future__ import annotations

from django.db.models import Q

from music import shelf
from music.actions import incidents
from music.actions.held import hold_folder, unlock_items
from music.events import QueueRemoved
from music.models import ItemState, Playback, QueueItem, RoomSource, SourceState, Track
from music.queue import Standing
from music.sources import registry
from music.sources.library import folders
from music.sources.library.reach import Reach
from rooms import clock
from rooms.models import Room
from rooms.publish import publish

# After 12 h without anybody, the shelf of a room plays no more when the queue is empty.
SHELF_RESTS_AFTER_MS = 12 * 60 * 60 * 1000
# The room is locked meanwhile, so at most 20 tracks of a shelf are tried for one that opens.
MOST_TRIED = 20


class Search:
    """One search for the next track; `tell` says afterwards what stood in its way.

    What is gone is set aside as failed. What is of a source or a folder that is away, or cannot be
    opened now, goes on waiting (`unreachable`).
    """

    def __init__(self, room: Room, playback: Playback) -> None:
        self._room, self._playback = room, playback
        self._states = RoomSource.objects.of(room).states()
        self._folders_away: list[str] = []
        self.unreachable: list[QueueItem] = []

    def next_item(self, stands: Standing) -> QueueItem | None:
        """The first waiting item that can be played, else a new one of the shelf."""
        waits = self._ids_that_wait()
        for item_id in stands.ids:
            if item_id in waits:
                continue
            item = QueueItem.objects.with_facts().get(pk=item_id)
            if self._can_play(item):
                return item
            if item.track.folder in self._folders_away:
                waits = self._ids_that_wait()
        track = self._track_of_shelf()
        return None if track is None else QueueItem(room=self._room, track=track)

    def tell(self) -> None:
        """Note the folders and files that could not be reached; after the playback was saved."""
        for key in self._folders_away:
            hold_folder(self._room, self._playback, key=key)
        if self.unreachable:
            incidents.unreachable(self._room, self._playback, items=self.unreachable)

    def _ids_that_wait(self) -> set[int]:
        """What is of a source or a folder that is away, however much that is, in one query."""
        away = [name for name, state in self._states.items() if state == SourceState.AWAY]
        waiting = QueueItem.objects.filter(room=self._room).waiting()
        return set(waiting.held_by(away).values_list("pk", flat=True)) if away else set()

    def _can_play(self, item: QueueItem) -> bool:
        if item.track.source in self._states:
            return True
        reach = registry.reach(item.track)
        if reach == Reach.THERE:
            return True
        if reach == Reach.GONE:
            self._fail(item)
        else:
            if item.locked:
                unlock_items(self._room, Q(pk=item.pk))
            if not self._note_away(item.track, reach):
                self.unreachable.append(item)
        return False

    def _note_away(self, track: Track, reach: Reach) -> bool:
        """Whether its whole folder is away; then nothing else of it is tried."""
        if reach != Reach.FOLDER_AWAY or not track.folder:
            return False
        self._states[track.folder] = SourceState.AWAY
        self._folders_away.append(track.folder)
        return True

    def _fail(self, item: QueueItem) -> None:
        item.state, item.locked = ItemState.FAILED, False
        item.ended_at_ms = clock.now_ms()
        item.save(update_fields=["state", "locked", "ended_at_ms"])
        publish(self._room, QueueRemoved(str(item.pk), why="failed"))

    def _track_of_shelf(self) -> Track | None:
        """One of the room's shelf; of the house's where the folder of that is away."""
        since_ms = clock.now_ms() - SHELF_RESTS_AFTER_MS
        key = self._playback.shelf
        if not key or not self._room.members.filter(seen_at_ms__gt=since_ms).exists():
            return None
        track = self._first_of(key)
        if track is None and self._states.get(key) == SourceState.AWAY:
            track = self._first_of(folders.HOUSE)
        return track

    def _first_of(self, key: str) -> Track | None:
        tried: list[int] = []
        while len(tried) < MOST_TRIED and self._states.get(key) != SourceState.AWAY:
            track = shelf.next_track(room=self._room, key=key, without=tried)
            if track is None:
                return None
            reach = registry.reach(track)
            if reach == Reach.THERE:
                return track
            self._note_away(track, reach)
            tried.append(track.pk)
        return None
