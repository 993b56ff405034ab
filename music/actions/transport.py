"""How the playback of a locked room runs, stands still and waits; read, written and told.

Nothing here knows what comes next (`music.actions.turns`), nor who asks (`music.actions.playback`).
"""

from __future__ import annotations

from music import shelf
from music.events import PlaybackChanged
from music.models import (
    GRACE_MS,
    QUIET_LEASE_MS,
    Halt,
    Playback,
    PlaybackState,
    QueueItem,
    RoomSource,
)
from music.queue import standing
from music.shapes import PlaybackShape, playback_shape, queue_shape
from rooms import clock
from rooms.models import Room
from rooms.publish import publish

# The next track is fixed this long before it starts, so that devices can load it; later votes
# count after it.
LOCK_AHEAD_MS = 8_000
# A start by hand lies this far ahead: long enough to reach devices, too short to feel.
START_AHEAD_MS = 250


def playback_of(room: Room) -> Playback:
    """The playback of a locked room, with its track; made when the room has none yet.

    Its row is locked, too: the speaker's reports are written without the room's lock.
    """
    playback = Playback.objects.select_for_update(of=("self",)).of(room)
    if playback._state.adding:
        playback.save(force_insert=True)
    return playback


def shape_of(playback: Playback) -> PlaybackShape:
    """The playback as it goes over the wire, with the item that is fixed as next."""
    locked = QueueItem.objects.waiting().filter(room=playback.room_id, locked=True).with_facts()
    next_item = locked.first()
    stands = None if next_item is None else standing(playback.room)
    next_items = [] if stands is None else queue_shape(locked, stands, playback)
    return playback_shape(
        playback,
        next_item=next_items[0] if next_items else None,
        shelf=shelf.shelf(playback.shelf) if playback.shelf else None,
        unheard=is_unheard(playback),
    )


def is_unheard(playback: Playback) -> bool:
    """Whether a track plays and no device makes the room's sound.

    A speaker does, and for its own tracks the device of a source. Devices that listen along are
    not the room's: only a client knows which of them are here.
    """
    if playback.state != PlaybackState.PLAYING or playback.speaker_id is not None:
        return False
    assert playback.item is not None
    outputs = RoomSource.objects.filter(room=playback.room_id, name=playback.item.track.source)
    return not outputs.exclude(output="").exists()


def save(room: Room, playback: Playback) -> None:
    """Write the playback of a locked room and tell everybody."""
    playback.save()
    publish(room, PlaybackChanged(shape_of(playback)))


def run_from(playback: Playback, position_ms: int) -> None:
    """Let the track run from a position, a moment ahead so that devices start together."""
    assert playback.item is not None
    run(playback, starts_at_ms=clock.now_ms() + START_AHEAD_MS - position_ms)


def run(playback: Playback, *, starts_at_ms: int) -> None:
    """Let the track of a locked room run; the caller saves and tells it."""
    assert playback.item is not None
    playback.state = PlaybackState.PLAYING
    playback.starts_at_ms = starts_at_ms
    playback.position_ms = 0
    playback.cue += 1
    playback.ends_at_ms = starts_at_ms + playback.item.duration_ms
    playback.wake_at_ms = playback.ends_at_ms - LOCK_AHEAD_MS
    playback.out_of_step = False
    end_halt(playback)
    if playback.speaker_until_ms is not None:
        # It is not to be held back to where its device was heard before.
        playback.heard_at_ms = clock.now_ms()
        playback.speaker_until_ms = min(playback.speaker_until_ms, playback.heard_at_ms + GRACE_MS)


def shift(playback: Playback, *, starts_at_ms: int) -> None:
    """What runs began at another moment than was meant; the caller saves and tells it.

    Where the device is right and the room's clock is not: it is told nothing, so the cue stays.
    """
    assert playback.item is not None
    by_ms = starts_at_ms - (playback.starts_at_ms or 0)
    playback.starts_at_ms = starts_at_ms
    playback.ends_at_ms = (playback.ends_at_ms or 0) + by_ms
    playback.wake_at_ms = (playback.wake_at_ms or 0) + by_ms


def hold(playback: Playback, position_ms: int) -> None:
    """Let the track of a locked room stand at a position; the caller saves and tells it."""
    playback.position_ms = within(playback, position_ms)
    playback.state = PlaybackState.PAUSED
    playback.cue += 1
    playback.starts_at_ms = playback.ends_at_ms = playback.wake_at_ms = None
    _ease_lease(playback)


def fall_silent(playback: Playback) -> None:
    """Nothing is on in a locked room any more; the caller saves and tells it."""
    playback.state, playback.item, playback.position_ms = PlaybackState.IDLE, None, 0
    playback.starts_at_ms = playback.ends_at_ms = playback.wake_at_ms = None
    _ease_lease(playback)


def halt(playback: Playback, why: Halt) -> None:
    """From now on the music waits for this reason, until somebody or something ends it."""
    playback.halt, playback.halt_at_ms = why, clock.now_ms()


def end_halt(playback: Playback) -> None:
    """Nothing keeps the music waiting any more."""
    playback.halt, playback.halt_at_ms = "", None


def within(playback: Playback, position_ms: int) -> int:
    """The nearest position that the track has."""
    duration_ms = playback.item.duration_ms if playback.item else 0
    return min(max(position_ms, 0), duration_ms)


def _ease_lease(playback: Playback) -> None:
    """A speaker that was there until the music stopped reports less often from now on."""
    if playback.speaker_until_ms is not None:
        quiet_until_ms = clock.now_ms() + QUIET_LEASE_MS
        playback.speaker_until_ms = max(playback.speaker_until_ms, quiet_until_ms)
