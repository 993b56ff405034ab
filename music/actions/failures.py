"""Tracks that the room's device cannot play, and devices that can play no track."""

from __future__ import annotations

from music.actions import incidents
from music.actions.away_folders import set_folder_away
from music.actions.transport import pause_at, save, set_halt
from music.actions.turns import (
    LOOK_AGAIN_AFTER_MS,
    PLAYED_AFTER_MS,
    Ending,
    requeue_current,
    return_to_queue,
    start_next,
)
from music.models import Halt, ItemState, Playback, PlaybackState, QueueItem
from music.sources import registry
from music.sources.library.reach import FileReach
from rooms import clock
from rooms.changes import Change
from rooms.models import Room

# After so many that would not play in a row, it is not the tracks.
MOST_FAILURES = 3
# What a device says that knows itself to be silent: nothing is said against the track.
DEVICE_FAULT = "device"
# The server has no such file, or a source refuses the track: another device would do no better.
NOT_OF_THE_DEVICE = ["missing", "refused"]


def fail_current(
    *, change: Change, playback: Playback, played_ms: int = 0, cause: str = "", device: str = ""
) -> None:
    """Move on from a track that the speaker cannot play (room locked by the caller).

    `played_ms` of it were heard; what fails at its beginning was no turn of its requester's. By its
    `cause` it is left alone for a while or may be added again at once. After `MOST_FAILURES` in a
    row the next one only stands ready, and the room is halted; were they different tracks on one
    `device`, it is the device, and the tracks wait again. What the server cannot reach itself has
    not failed: it waits again, too.
    """
    item = playback.item
    assert item is not None
    reach = registry.reach(item.track)
    if reach in (FileReach.FOLDER_AWAY, FileReach.UNREACHABLE):
        _wait_for_file(change, playback, item, reach)
        return
    # A track is given back once: the second time that device cannot play it, others come first.
    item.failed_on = "" if item.failed_on == device else device
    item.cause = cause
    item.save(update_fields=["cause", "failed_on"])
    unheard = played_ms < PLAYED_AFTER_MS
    playback.failures = playback.failures + 1 if unheard else 1
    halts = playback.failures >= MOST_FAILURES
    failed = _failed_on_device(change.room, item) if halts and unheard else []
    if halts:
        set_halt(playback, Halt.DEVICE if failed else Halt.FAILURES)
        playback.failures = 0
    if failed:
        return_to_queue(change, playback, failed)
        incidents.three_failed(change, playback, device=True)
        return
    start_next(
        change,
        playback,
        ending=Ending.UNHEARD if unheard else Ending.FAILED,
        # Whoever paused did not ask for the next track to sound.
        is_paused=halts or playback.state == PlaybackState.PAUSED,
    )
    incidents.would_not_play(change, playback, item=item, cause=cause)
    if halts:
        incidents.three_failed(change, playback, device=False)


def halt_for_device(change: Change, playback: Playback, *, position_ms: int) -> None:
    """The speaker of a locked room can play nothing: the track waits where it was last heard."""
    if playback.state != PlaybackState.PLAYING:
        return
    last_heard_ms = min(playback.position_at(clock.now_ms()), position_ms)
    pause_at(playback, last_heard_ms, why=Halt.DEVICE)
    playback.stalled = playback.out_of_step = False
    incidents.device_silent(change, playback)
    save(change, playback)


def _failed_on_device(room: Room, item: QueueItem) -> list[QueueItem]:
    """This item and those that failed before it, if one device failed on all, for its own reasons.

    The oldest first; none where the tracks or others may be at fault.
    """
    before = QueueItem.objects.filter(
        room=room, state=ItemState.FAILED, started_at_ms__isnull=False
    ).select_related("track")
    failed = [*reversed(before.history()[: MOST_FAILURES - 1]), item]
    devices = {each.failed_on for each in failed}
    own = not any(each.cause in NOT_OF_THE_DEVICE for each in failed)
    different = len({each.track_id for each in failed}) == MOST_FAILURES
    return failed if own and different and devices == {item.failed_on} != {""} else []


def _wait_for_file(change: Change, playback: Playback, item: QueueItem, reach: FileReach) -> None:
    requeue_current(change, playback)
    if reach == FileReach.UNREACHABLE:
        incidents.unreachable(change, playback, items=[item])
    else:
        set_folder_away(change, playback, key=item.track.folder)
    if playback.state == PlaybackState.IDLE:
        playback.wake_at_ms = clock.now_ms() + LOOK_AGAIN_AFTER_MS
        playback.save(update_fields=["wake_at_ms"])
