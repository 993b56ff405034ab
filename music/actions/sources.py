"""How the sources of a room are: noted when one goes away or comes back, with what follows."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from music.actions import incidents
from music.actions.failures import fail_current
from music.actions.shelf_rows import offer_shelf_rows
from music.actions.transport import pause_at, playback_of, rebase_clock, save, shape_of, within
from music.actions.turns import advance_soon, requeue_current
from music.events import PlaybackChanged, QueueLocked, SourceChanged
from music.models import (
    ItemState,
    Playback,
    PlaybackState,
    PlaylistShelf,
    QueueItem,
    RoomSource,
    SourceState,
)
from music.reordering import reordering
from music.shapes import source_shapes
from rooms import clock
from rooms.actors import System
from rooms.changes import Change, changing
from rooms.errors import RoomError

# What a device without an exact clock may be off before the room's clock is put right.
OFF_BY_MS = 700
# An end looks like a pause, but for where it is: that near to the end, or to the beginning.
END_MS = 1_000


@dataclass(frozen=True)
class Condition:
    """How a source is. `told` says to people why, where it is away; `until_ms` is UTC."""

    state: SourceState
    cause: str = ""
    until_ms: int | None = None
    told: RoomError | None = None


THERE = Condition(SourceState.AVAILABLE)


def note_source(
    change: Change, *, name: str, condition: Condition, output: str | None = None
) -> None:
    """A source of a locked room is so now; quiet when it was.

    What plays of a source that goes away waits again, with its votes, and the next track starts.
    `output` names the device that sounds for it; None: as before.
    """
    known = RoomSource.objects.filter(room=change.room, name=name).first()
    source = known or RoomSource(room=change.room, name=name, state="")
    was, was_so = source.state, _facts(source)
    source.state, source.cause = condition.state, condition.cause
    source.until_ms = condition.until_ms
    source.output = source.output if output is None else output
    if _facts(source) == was_so:
        return
    if (source.state, source.cause) != was_so[:2]:
        source.at_ms = clock.now_ms()
    source.save()
    _publish_sources(change)
    if source.output != was_so[3]:
        _tell_heard(change, name)
    if source.state == SourceState.AWAY and was not in ("", SourceState.AWAY):
        _leave(change, source, condition)
    elif source.state != SourceState.AWAY and was == SourceState.AWAY:
        playback = playback_of(change.room)
        incidents.source_back(change, playback, name=name)
        # Of the shelf only what could play has a row.
        offer_shelf_rows(change, playback)
        advance_soon(change)


def drop_source(*, room_id: int, name: str, condition: Condition) -> None:
    """The room has that source no more; tracks of it, if there are any, wait in this condition.

    Raises `UnknownRoom`, `RoomEnded`.
    """
    with changing(System(room_id, "sources")) as change:
        known = RoomSource.objects.filter(room=change.room, name=name)
        # A playlist read through an account is deleted with it. The house shelf plays instead.
        PlaylistShelf.objects.filter(room=change.room, source=name).delete()
        there = Q(state=ItemState.WAITING) | Q(state=ItemState.PLAYING)
        if QueueItem.objects.filter(there, room=change.room, track__source=name).exists():
            note_source(change, name=name, condition=condition, output="")
        elif known.delete()[0]:
            _publish_sources(change)


def fail_play(*, room_id: int, play_id: int, cause: str) -> None:
    """The device will not play that play; quiet when another is on by now.

    Raises `UnknownRoom`, `RoomEnded`.
    """
    with changing(System(room_id, "sources")) as change:
        playback = playback_of(change.room)
        if playback.play_id == play_id and playback.item is not None:
            played_ms = playback.position_at(clock.now_ms())
            fail_current(change=change, playback=playback, played_ms=played_ms, cause=cause)


def put_clock_right(*, room_id: int, cue: int, position_ms: int, at_ms: int) -> None:
    """The device was at this position at that moment (UTC): the room's clock follows it.

    For devices that cannot be moved without being heard. Quiet below `OFF_BY_MS`, and when the
    room is at another `Playback.cue` than the device was. Raises `UnknownRoom`, `RoomEnded`.
    """
    with changing(System(room_id, "sources")) as change:
        playback = playback_of(change.room)
        if playback.cue != cue or position_ms != within(playback, position_ms):
            return
        if follow_device(playback, at_ms - position_ms):
            save(change, playback)


def pause_play(*, room_id: int, cue: int, position_ms: int) -> None:
    """Somebody has paused the device at this position: so does the room.

    Quiet when the room is at another `Playback.cue` by now. Raises `UnknownRoom`, `RoomEnded`.
    """
    with changing(System(room_id, "sources")) as change:
        playback = playback_of(change.room)
        if playback.cue == cue and playback.state == PlaybackState.PLAYING:
            pause_with_device(change, playback, position_ms)


def is_pause(*, position_ms: int, duration_ms: int) -> bool:
    """Whether a device that stands there in its track was paused; what stands at an end is over."""
    return END_MS < position_ms < duration_ms - END_MS


def pause_with_device(change: Change, playback: Playback, position_ms: int) -> None:
    """Pause what plays in a locked room, for its device was paused, and say why."""
    pause_at(playback, position_ms)
    playback.stalled = playback.out_of_step = False
    incidents.paused(change, playback)
    save(change, playback)


def follow_device(playback: Playback, starts_at_ms: int) -> bool:
    """Let the clock of what plays in a locked room go by its device; whether it was off."""
    if playback.state != PlaybackState.PLAYING or playback.starts_at_ms is None:
        return False
    if abs(playback.starts_at_ms - starts_at_ms) <= OFF_BY_MS:
        return False
    rebase_clock(playback, starts_at_ms=starts_at_ms)
    return True


def _facts(source: RoomSource) -> tuple[str, str, int | None, str]:
    return source.state, source.cause, source.until_ms, source.output


def _publish_sources(change: Change) -> None:
    change.publish(SourceChanged(source_shapes(change.room)))


def _tell_heard(change: Change, name: str) -> None:
    """What plays of a source is heard, or not any more: another device sounds for it."""
    playback = playback_of(change.room)
    if playback.item is not None and playback.item.track.source == name:
        change.publish(PlaybackChanged(shape_of(playback)))


def _leave(change: Change, source: RoomSource, condition: Condition) -> None:
    _unlock(change, source.name)
    playback = playback_of(change.room)
    if playback.item is not None and playback.item.track.source == source.name:
        requeue_current(change, playback)
    if condition.told:
        incidents.source_away(
            change, playback, name=source.name, cause=condition.cause, told=condition.told
        )


def _unlock(change: Change, name: str) -> None:
    locked = Q(room=change.room, locked=True, track__source=name)
    if not QueueItem.objects.waiting().filter(locked).exists():
        return
    with reordering(change):
        QueueItem.objects.waiting().filter(room=change.room, locked=True).update(locked=False)
        change.publish(QueueLocked(None))
    advance_soon(change)
