"""The three states of a playback and the four transitions between them, in a locked room.

    play_at       its track plays since a moment               any state → playing
    pause_at      its track stands at a position               idle, playing → paused
    set_idle      nothing is on                                any state → idle
    rebase_clock  its track plays since another moment         playing → playing

A paused or idle playback may also be halted: it waits for a reason, although nobody paused it.
`docs/architecture-playback.md` draws them. Nothing here knows what comes next
(`music.actions.turns`), nor who asks (`music.actions.playback`).
"""

from __future__ import annotations

from music import closing, shelf
from music.events import PlaybackChanged
from music.models import (
    GRACE_MS,
    QUIET_LEASE_MS,
    Halt,
    Playback,
    PlaybackState,
    RoomSource,
)
from music.shapes import PlaybackShape, playback_shape
from rooms import clock
from rooms.changes import Change
from rooms.models import Room

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
    playback.room = room
    if playback._state.adding:
        playback.save(force_insert=True)
    return playback


def shape_of(playback: Playback) -> PlaybackShape:
    """The playback as it goes over the wire."""
    return playback_shape(
        playback,
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


def save(change: Change, playback: Playback) -> None:
    """Write the playback of a locked room and tell everybody."""
    playback.save()
    change.publish(PlaybackChanged(shape_of(playback)))


def play_from(playback: Playback, position_ms: int) -> None:
    """Play the track from a position, a moment ahead so that devices start together."""
    play_at(playback, starts_at_ms=clock.now_ms() + START_AHEAD_MS - position_ms)


def play_at(playback: Playback, *, starts_at_ms: int) -> None:
    """Play the track of a locked room, since this moment; the caller saves and publishes it.

    Ends a halt.
    """
    assert playback.item is not None
    playback.state = PlaybackState.PLAYING
    playback.starts_at_ms = starts_at_ms
    playback.position_ms = 0
    playback.cue += 1
    set_end(playback)
    playback.out_of_step = False
    end_halt(playback)
    if playback.speaker_until_ms is not None:
        # It is not to be held back to where its device was heard before.
        playback.heard_at_ms = clock.now_ms()
        playback.speaker_until_ms = min(playback.speaker_until_ms, playback.heard_at_ms + GRACE_MS)


def set_end(playback: Playback) -> None:
    """What runs ends when it is over, and what plays live at closing time at the latest.

    The caller saves and tells it.
    """
    assert playback.item is not None
    assert playback.starts_at_ms is not None
    ends_at_ms = playback.starts_at_ms + playback.item.duration_ms
    closes_at_ms = closing.closes_at_ms(playback.room)
    # What begins after closing time is of the shelf, and plays on.
    is_open = closes_at_ms is not None and closes_at_ms > playback.starts_at_ms
    if playback.item.track.live and is_open:
        ends_at_ms = min(ends_at_ms, closes_at_ms or ends_at_ms)
    playback.ends_at_ms = ends_at_ms
    playback.wake_at_ms = ends_at_ms - LOCK_AHEAD_MS


def rebase_clock(playback: Playback, *, starts_at_ms: int) -> None:
    """Say that what plays began at another moment; the caller saves and publishes it.

    The device is right and the room's clock is not: it is told nothing, so the cue stays.
    """
    assert playback.item is not None
    by_ms = starts_at_ms - (playback.starts_at_ms or 0)
    playback.starts_at_ms = starts_at_ms
    playback.ends_at_ms = (playback.ends_at_ms or 0) + by_ms
    playback.wake_at_ms = (playback.wake_at_ms or 0) + by_ms


def pause_at(playback: Playback, position_ms: int, *, why: Halt | None = None) -> None:
    """Stop the track of a locked room at a position; the caller saves and publishes it.

    `why`: nobody paused it, and this is what it waits for.
    """
    if why is not None:
        set_halt(playback, why)
    playback.position_ms = within(playback, position_ms)
    playback.state = PlaybackState.PAUSED
    playback.cue += 1
    playback.starts_at_ms = playback.ends_at_ms = None
    playback.wake_at_ms = closing.room_ends_at_ms(playback.room)
    _ease_lease(playback)


def set_idle(playback: Playback) -> None:
    """Nothing is on in a locked room any more; the caller saves and publishes it."""
    playback.state, playback.item, playback.position_ms = PlaybackState.IDLE, None, 0
    playback.starts_at_ms = playback.ends_at_ms = None
    playback.wake_at_ms = closing.room_ends_at_ms(playback.room)
    _ease_lease(playback)


def set_halt(playback: Playback, why: Halt) -> None:
    """The music waits for this reason from now on, until an act or a device ends it."""
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
