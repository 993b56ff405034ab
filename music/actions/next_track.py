"""What can play next in a locked room: found by trying what waits in its order, then the shelf."""

from __future__ import annotations

from django.db.models import Q

from music import closing, shelf
from music.actions import incidents
from music.actions.away_folders import set_folder_away, unlock_items
from music.events import QueueRemoved
from music.models import ItemState, Playback, QueueItem, RoomSource, SourceState, Track
from music.queue_state import Standing
from music.sources import registry
from music.sources.library import folders
from music.sources.library.reach import FileReach
from rooms import clock
from rooms.changes import Change

# After 12 h without anybody, the shelf of a room plays no more when the queue is empty.
SHELF_RESTS_AFTER_MS = 12 * 60 * 60 * 1000
# The room is locked meanwhile, so at most 20 tracks of a shelf are tried for one that opens.
MOST_TRIED = 20


class NextTrackSearch:
    """One search for the next track; `tell` says afterwards what stood in its way.

    What is gone is set aside as failed. What is of a source or a folder that is away, or cannot be
    opened now, goes on waiting (`unreachable`).
    """

    def __init__(self, change: Change, playback: Playback, *, at_ms: int) -> None:
        """For a track that starts at a moment (ms UTC)."""
        self._change, self._room, self._playback = change, change.room, playback
        self._states = RoomSource.objects.of(change.room).states()
        self._at_ms = at_ms
        self._folders_away: list[str] = []
        self.unreachable: list[QueueItem] = []

    def next_item(self, stands: Standing) -> QueueItem | None:
        """The first waiting item that can be played, else a new one of the shelf."""
        waits = self._ids_that_wait()
        waits |= self._rows_that_rest(stands)
        for item_id in closing.in_turn(self._room, stands.ids, stands.facts, at_ms=self._at_ms):
            if item_id in waits:
                continue
            item = QueueItem.objects.with_facts().get(pk=item_id)
            if self._can_play(item):
                return item
            if item.track.folder in self._folders_away:
                waits |= self._ids_that_wait()
        track = self._track_of_shelf()
        return None if track is None else QueueItem(room=self._room, track=track)

    def tell(self) -> None:
        """Note the folders and files that could not be reached; after the playback was saved."""
        for key in self._folders_away:
            set_folder_away(self._change, self._playback, key=key)
        if self.unreachable:
            incidents.unreachable(self._change, self._playback, items=self.unreachable)

    def _ids_that_wait(self) -> set[int]:
        """What is of a source or a folder that is away, however much that is, in one query."""
        away = self._away()
        waiting = QueueItem.objects.filter(room=self._room).waiting()
        return set(waiting.waiting_for(away).values_list("pk", flat=True)) if away else set()

    def _away(self) -> list[str]:
        return [name for name, state in self._states.items() if state == SourceState.AWAY]

    def _can_play(self, item: QueueItem) -> bool:
        if item.track.source in self._states:
            return True
        reach = registry.reach(item.track)
        if reach == FileReach.THERE:
            return True
        if reach == FileReach.GONE or (item.added_by_id is None and reach != FileReach.FOLDER_AWAY):
            self._fail(item)
        else:
            if item.locked:
                unlock_items(self._change, Q(pk=item.pk))
            if not self._note_away(item.track, reach):
                self.unreachable.append(item)
        return False

    def _note_away(self, track: Track, reach: FileReach) -> bool:
        """Whether its whole folder is away; then nothing else of it is tried."""
        if reach != FileReach.FOLDER_AWAY or not track.folder:
            return False
        self._states[track.folder] = SourceState.AWAY
        self._folders_away.append(track.folder)
        return True

    def _fail(self, item: QueueItem) -> None:
        item.state, item.locked = ItemState.FAILED, False
        item.ended_at_ms = clock.now_ms()
        item.save(update_fields=["state", "locked", "ended_at_ms"])
        self._change.publish(QueueRemoved(str(item.pk), why="failed"))

    def _rows_that_rest(self, stands: Standing) -> set[int]:
        """What the room added itself and does not play now: nobody is here, or it has no shelf."""
        rows = {pk: fact for pk, fact in stands.facts.items() if fact.requester is None}
        if not rows:
            return set()
        if not self._is_anybody_here():
            return set(rows)
        return {pk for pk, row in rows.items() if not (row.is_suggested or self._playback.shelf)}

    def _is_anybody_here(self) -> bool:
        since_ms = clock.now_ms() - SHELF_RESTS_AFTER_MS
        return self._room.members.filter(seen_at_ms__gt=since_ms).exists()

    def _plays_from_shelf(self) -> bool:
        """Whether the room falls back on its shelf: not while nobody has been here for long."""
        return bool(self._playback.shelf) and self._is_anybody_here()

    def _track_of_shelf(self) -> Track | None:
        """One of the room's shelf; of the house's where its folder or its source is away."""
        key = self._playback.shelf
        if not self._plays_from_shelf():
            return None
        track = self._first_of(key)
        is_away = self._states.get(key) == SourceState.AWAY or key.startswith(shelf.OF_PLAYLIST)
        if track is None and is_away:
            track = self._first_of(folders.HOUSE)
        return track

    def _first_of(self, key: str) -> Track | None:
        tried: list[int] = []
        while len(tried) < MOST_TRIED and self._states.get(key) != SourceState.AWAY:
            track = shelf.next_track(room=self._room, key=key, without=tried, away=self._away())
            if track is None:
                return None
            if track.source in self._states:
                return track
            reach = registry.reach(track)
            if reach == FileReach.THERE:
                return track
            self._note_away(track, reach)
            tried.append(track.pk)
        return None
