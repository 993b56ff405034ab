"""How the sources of a room are: noted when one goes away or comes back, with what follows."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from music.actions import incidents
from music.actions.failures import fail_current
from music.actions.transport import hold, playback_of, save, shape_of, shift, within
from music.actions.turns import put_back, wake_soon
from music.events import PlaybackChanged, QueueLocked, SourceChanged
from music.models import ItemState, Playback, PlaybackState, QueueItem, RoomSource, SourceState
from music.reordering import reordering
from music.shapes import source_shapes
from rooms import clock
from rooms.models import Room
from rooms.publish import changing, publish

# What a device without an exact clock may be off before the room's clock is put right.
OFF_BY_MS = 700
# An end looks like a pause, but for where it is: that near to the end, or to the beginning.
END_MS = 1_000


@dataclass(frozen=True)
class Condition:
    """How a source is. `says` tells people why, where it is away; `until_ms` is UTC."""

    state: SourceState
    cause: str = ""
    until_ms: int | None = None
    says: str = ""


THERE = Condition(SourceState.AVAILABLE)


def note_source(room: Room, *, name: str, condition: Condition, output: str | None = None) -> None:
    """A source of a locked room is so now; quiet when it was.

    What plays of a source that goes away waits again, with its votes, and the next track starts.
    `output` names the device that sounds for it; None: as before.
    """
    known = RoomSource.objects.filter(room=room, name=name).first()
    source = known or RoomSource(room=room, name=name, state="")
    was, was_so = source.state, _facts(source)
    source.state, source.cause = condition.state, condition.cause
    source.until_ms = condition.until_ms
    source.output = source.output if output is None else output
    if _facts(source) == was_so:
        return
    if (source.state, source.cause) != was_so[:2]:
        source.at_ms = clock.now_ms()
    source.save()
    _tell(room)
    if source.output != was_so[3]:
        _tell_heard(room, name)
    if source.state == SourceState.AWAY and was not in ("", SourceState.AWAY):
        _leave(room, source, condition)
    elif source.state != SourceState.AWAY and was == SourceState.AWAY:
        incidents.source_back(room, playback_of(room), name=name)
        wake_soon(room)


def drop_source(*, room_id: int, name: str, condition: Condition) -> None:
    """The room has that source no more; tracks of it, if there are any, wait in this condition.

    Raises `UnknownRoom`, `RoomEnded`.
    """
    with changing(room_id) as room:
        known = RoomSource.objects.filter(room=room, name=name)
        there = Q(state=ItemState.WAITING) | Q(state=ItemState.PLAYING)
        if QueueItem.objects.filter(there, room=room, track__source=name).exists():
            note_source(room, name=name, condition=condition, output="")
        elif known.delete()[0]:
            _tell(room)


def fail_play(*, room_id: int, play_id: int, cause: str) -> None:
    """The device will not play that play; quiet when another is on by now.

    Raises `UnknownRoom`, `RoomEnded`.
    """
    with changing(room_id) as room:
        playback = playback_of(room)
        if playback.play_id == play_id and playback.item is not None:
            played_ms = playback.position_at(clock.now_ms())
            fail_current(room=room, playback=playback, played_ms=played_ms, cause=cause)


def put_clock_right(*, room_id: int, cue: int, position_ms: int, at_ms: int) -> None:
    """The device was at this position at that moment (UTC): the room's clock follows it.

    For devices that cannot be moved without being heard. Quiet below `OFF_BY_MS`, and when the
    room is at another `Playback.cue` than the device was. Raises `UnknownRoom`, `RoomEnded`.
    """
    with changing(room_id) as room:
        playback = playback_of(room)
        if playback.cue != cue or position_ms != within(playback, position_ms):
            return
        if follow_device(playback, at_ms - position_ms):
            save(room, playback)


def pause_play(*, room_id: int, cue: int, position_ms: int) -> None:
    """Somebody has paused the device at this position: so does the room.

    Quiet when the room is at another `Playback.cue` by now. Raises `UnknownRoom`, `RoomEnded`.
    """
    with changing(room_id) as room:
        playback = playback_of(room)
        if playback.cue == cue and playback.state == PlaybackState.PLAYING:
            pause_with_device(room, playback, position_ms)


def is_pause(*, position_ms: int, duration_ms: int) -> bool:
    """Whether a device that stands there in its track was paused; what stands at an end is over."""
    return END_MS < position_ms < duration_ms - END_MS


def pause_with_device(room: Room, playback: Playback, position_ms: int) -> None:
    """Pause what plays in a locked room, for its device was paused, and say why."""
    hold(playback, position_ms)
    playback.stalled = playback.out_of_step = False
    incidents.paused(room, playback)
    save(room, playback)


def follow_device(playback: Playback, starts_at_ms: int) -> bool:
    """Let the clock of what plays in a locked room go by its device; whether it was off."""
    if playback.state != PlaybackState.PLAYING or playback.starts_at_ms is None:
        return False
    if abs(playback.starts_at_ms - starts_at_ms) <= OFF_BY_MS:
        return False
    shift(playback, starts_at_ms=starts_at_ms)
    return True


def _facts(source: RoomSource) -> tuple[str, str, int | None, str]:
    return source.state, source.cause, source.until_ms, source.output


def _tell(room: Room) -> None:
    publish(room, SourceChanged(source_shapes(room)))


def _tell_heard(room: Room, name: str) -> None:
    """What plays of a source is heard, or not any more: another device sounds for it."""
    playback = playback_of(room)
    if playback.item is not None and playback.item.track.source == name:
        publish(room, PlaybackChanged(shape_of(playback)))


def _leave(room: Room, source: RoomSource, condition: Condition) -> None:
    _unlock(room, source.name)
    playback = playback_of(room)
    if playback.item is not None and playback.item.track.source == source.name:
        put_back(room, playback)
    if condition.says:
        incidents.source_away(
            room, playback, name=source.name, cause=condition.cause, says=condition.says
        )


def _unlock(room: Room, name: str) -> None:
    locked = Q(room=room, locked=True, track__source=name)
    if not QueueItem.objects.waiting().filter(locked).exists():
        return
    with reordering(room):
        QueueItem.objects.waiting().filter(room=room, locked=True).update(locked=False)
        publish(room, QueueLocked(None))
    wake_soon(room)
