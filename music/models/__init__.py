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
    QUEUE_LENGTH,
    WONT_PLAY_FOR_MS,
    ItemState,
    QueueItem,
    QueueItemQuerySet,
    SkipVote,
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
from music.models.tracks import Alike, LibraryFile, Track

__all__ = [
    "GRACE_MS",
    "LEASE_MS",
    "MAY_BE_CLOSED_AFTER_MS",
    "QUEUE_LENGTH",
    "QUIET_LEASE_MS",
    "WONT_PLAY_FOR_MS",
    "Alike",
    "Device",
    "Halt",
    "Hearing",
    "Incident",
    "IncidentKind",
    "ItemState",
    "LibraryFile",
    "Playback",
    "PlaybackState",
    "QueueItem",
    "QueueItemQuerySet",
    "RoomSource",
    "SkipVote",
    "SourceState",
    "Track",
    "Vote",
]
