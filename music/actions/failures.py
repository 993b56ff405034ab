"""Tracks that the room's device cannot play."""

from __future__ import annotations

from music.actions import incidents
from music.actions.transport import START_AHEAD_MS, halt
from music.actions.turns import PLAYED_AFTER_MS, start_next
from music.models import Halt, ItemState, Playback, PlaybackState
from rooms import clock
from rooms.models import Room

# After so many that would not play in a row, it is not the tracks.
MOST_FAILURES = 3


def fail_current(*, room: Room, playback: Playback, played_ms: int = 0, cause: str = "") -> None:
    """Move on from a track that the speaker cannot play (room locked by the caller).

    `played_ms` of it were heard; what fails at its beginning was no turn of its requester's. By its
    `cause` it is left alone for a while or may be added again at once. After `MOST_FAILURES` in a
    row the next one only stands ready, and the room is halted.
    """
    item = playback.item
    assert item is not None
    item.cause = cause
    item.save(update_fields=["cause"])
    unheard = played_ms < PLAYED_AFTER_MS
    playback.failures = playback.failures + 1 if unheard else 1
    halts = playback.failures >= MOST_FAILURES
    if halts:
        halt(playback, Halt.FAILURES)
        playback.failures = 0
    start_next(
        room,
        playback,
        at_ms=clock.now_ms() + START_AHEAD_MS,
        outcome=ItemState.FAILED,
        # Whoever paused did not ask for the next track to sound.
        holds=halts or playback.state == PlaybackState.PAUSED,
        gives_back=unheard,
    )
    incidents.would_not_play(room, playback, item=item, cause=cause)
    if halts:
        incidents.three_failed(room, playback)
