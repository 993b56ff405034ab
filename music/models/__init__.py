"""Tracks, the queue with its votes, what plays, and what its sound depends on."""

from music.models.playback import (
    GRACE_MS,
    LEASE_MS,
    MAY_BE_CLOSED_AFTER_MS,
    QUIET_LEASE_MS,
    Halt,
    Playback,
    PlaybackState,
)
from music.models.queue import (
    MOST_WAITING,
    QUEUE_LENGTH,
    SHELF_ROWS,
    WONT_PLAY_FOR_MS,
    ItemState,
    QueueItem,
    QueueItemQuerySet,
    SkipVote,
    Turns,
    Vote,
)
from music.models.sound import (
    Device,
    Hearing,
    Incident,
    IncidentKind,
    RoomSource,
    SourceState,
)
from music.models.tracks import Alike, LibraryFile, LibraryRevision, PlaylistShelf, Track

__all__ = [
    "GRACE_MS",
    "LEASE_MS",
    "MAY_BE_CLOSED_AFTER_MS",
    "MOST_WAITING",
    "QUEUE_LENGTH",
    "QUIET_LEASE_MS",
    "SHELF_ROWS",
    "WONT_PLAY_FOR_MS",
    "Alike",
    "Device",
    "Halt",
    "Hearing",
    "Incident",
    "IncidentKind",
    "ItemState",
    "LibraryFile",
    "LibraryRevision",
    "Playback",
    "PlaybackState",
    "PlaylistShelf",
    "QueueItem",
    "QueueItemQuerySet",
    "RoomSource",
    "SkipVote",
    "SourceState",
    "Track",
    "Turns",
    "Vote",
]
