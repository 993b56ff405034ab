"""Going on by itself: what plays next and when, and whose turn it was."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F

from music.actions.search import Search
from music.actions.skips import skip_needed
from music.actions.transport import (
    LOCK_AHEAD_MS,
    START_AHEAD_MS,
    end_halt,
    fall_silent,
    halt,
    hold,
    playback_of,
    run,
    run_from,
    save,
)
from music.events import QueueLocked, QueueRemoved, QueueRestored
from music.models import (
    Halt,
    ItemState,
    Playback,
    PlaybackState,
    QueueItem,
    RoomSource,
    Vote,
)
from music.ordering import Facts, started
from music.queue import Standing, standing
from music.reordering import reordering
from music.shapes import item_shape
from rooms import clock
from rooms.models import Member, Room
from rooms.publish import changing, publish, tell

# The next track is announced this long before it starts, so that the news reaches every device
# before the moment itself does.
LEAD_MS = 1_500
# A silent room in which something waits that could not be opened tries again after this.
LOOK_AGAIN_AFTER_MS = 60_000
# A track that was heard for so long has played; one that failed before was no turn of anybody's.
PLAYED_AFTER_MS = 10_000


def wake(*, room_id: int) -> bool:
    """Do what the clock asks of a room: fix the next track, start it, or fall silent.

    Whoever comes second finds that nothing is due any more, so each advance happens exactly once.
    Returns whether anything was due.
    """
    with changing(room_id) as room:
        playback = playback_of(room)
        now_ms = clock.now_ms()
        if playback.wake_at_ms is None or playback.wake_at_ms > now_ms:
            return False
        if playback.state == PlaybackState.IDLE:
            start_next(room, playback, at_ms=now_ms + START_AHEAD_MS)
        elif playback.state == PlaybackState.PLAYING and playback.ends_at_ms is not None:
            if now_ms >= playback.ends_at_ms - LEAD_MS:
                # A track that ended while no conductor ran does not start the next in the past.
                at_ms = max(playback.ends_at_ms, now_ms + START_AHEAD_MS)
                start_next(room, playback, at_ms=at_ms)
            else:
                _lock_next(room)
                playback.wake_at_ms = playback.ends_at_ms - LEAD_MS
                playback.save(update_fields=["wake_at_ms"])
        else:
            playback.wake_at_ms = None
            playback.save(update_fields=["wake_at_ms"])
        return True


def wake_soon(room: Room) -> None:
    """Let the conductor look at a locked room at its next tick if the queue matters to it now.

    A room that has never had a speaker is halted instead: its first track would be used up unheard.
    """
    now_ms = clock.now_ms()
    playback = playback_of(room)
    if playback.awaits_first_speaker:
        if not playback.halt and QueueItem.objects.waiting().filter(room=room).exists():
            halt(playback, Halt.SPEAKER)
            save(room, playback)
        return
    idle = playback.state == PlaybackState.IDLE and not playback.halt
    unlocked = playback.ends_at_ms is not None and now_ms >= playback.ends_at_ms - LOCK_AHEAD_MS
    if (idle or unlocked) and not QueueItem.objects.waiting().filter(
        room=room, locked=True
    ).exists():
        playback.wake_at_ms = now_ms
        playback.save(update_fields=["wake_at_ms"])


def start_next(
    room: Room,
    playback: Playback,
    *,
    at_ms: int,
    outcome: ItemState = ItemState.PLAYED,
    holds: bool = False,
    gives_back: bool = False,
) -> None:
    """End what plays and start what is next at a moment, or fall silent when nothing is.

    `holds`: the next one only stands ready, paused at its beginning. `gives_back`: what ends now
    was no turn of its requester's.
    """
    requester = None if playback.item is None else playback.item.added_by_id
    _end(playback, outcome, at_ms=at_ms)
    playback.play_id += 1
    playback.skip_asked, playback.skip_needed = 0, skip_needed(room)
    playback.stalled = playback.out_of_step = False
    if not holds:
        end_halt(playback)
    search = Search(room, playback)
    with reordering(room) as before:
        if gives_back and requester is not None:
            _give_back(playback, requester)
            before = standing(room)
        item = search.next_item(before)
        if item is None:
            fall_silent(playback)
            if search.unreachable:
                playback.wake_at_ms = clock.now_ms() + LOOK_AGAIN_AFTER_MS
        else:
            _begin(room, playback, item, before, at_ms=at_ms, holds=holds)
    save(room, playback)
    search.tell()


def put_back(room: Room, playback: Playback) -> None:
    """What plays waits again, with its votes: its source or file is away. The next one starts.

    What was heard for the most part has played. An entry of the same track may wait by now; then
    this one has failed.
    """
    item = playback.item
    assert item is not None
    heard = playback.position_at(clock.now_ms()) * 2 > item.duration_ms
    again = not QueueItem.objects.filter(room=room, track=item.track).waiting().exists()
    start_next(
        room,
        playback,
        at_ms=clock.now_ms() + START_AHEAD_MS,
        outcome=ItemState.PLAYED if heard else ItemState.FAILED,
        holds=playback.state == PlaybackState.PAUSED,
        gives_back=not heard,
    )
    if not heard and again and item.added_by_id is not None:
        _wait_again(room, item)


def return_to_queue(room: Room, playback: Playback, items: Sequence[QueueItem]) -> None:
    """What plays and what played before it, all unheard, waits again with its votes and turns.

    The first of the queue stands ready, paused at its beginning. What is of the shelf does not
    wait, but nothing is said against it any more.
    """
    current = playback.item
    assert current is not None
    with reordering(room):
        _end(playback, ItemState.FAILED, at_ms=clock.now_ms())
        fall_silent(playback)
        if current.added_by_id is not None:
            _give_back(playback, current.added_by_id)
        playback.save()
    for item in items:
        item.cause = ""
        item.save(update_fields=["cause"])
        waits = QueueItem.objects.filter(room=room, track=item.track).waiting().exists()
        if item.added_by_id is not None and not waits:
            _wait_again(room, item)
    start_next(room, playback, at_ms=clock.now_ms() + START_AHEAD_MS, holds=True)


def _wait_again(room: Room, item: QueueItem) -> None:
    with reordering(room):
        item.state, item.started_at_ms, item.ended_at_ms = ItemState.WAITING, None, None
        item.save(update_fields=["state", "started_at_ms", "ended_at_ms"])
        stands = standing(room)
        shape = item_shape(item, stands.why[item.pk])
        publish(room, QueueRestored(shape, at=stands.ids.index(item.pk)))
    for member_id, value in Vote.objects.filter(item=item).values_list("member_id", "value"):
        tell(room, member_id, votes={str(item.pk): value})


def resume(room: Room, playback: Playback) -> None:
    """Go on where the track of a locked room stands; the caller saves and tells it."""
    run_from(playback, playback.position_ms)
    unlock_early(room, playback)


def end_wait_for_speaker(room: Room, playback: Playback) -> None:
    """A device makes the sound of a locked room: go on, or begin with the first waiting track.

    Ends the halt. The caller saves and tells it; the shelf is not started by this.
    """
    end_halt(playback)
    if playback.state == PlaybackState.PAUSED:
        resume(room, playback)
    elif QueueItem.objects.waiting().filter(room=room).exists():
        start_next(room, playback, at_ms=clock.now_ms() + START_AHEAD_MS)


def unlock_early(room: Room, playback: Playback) -> None:
    """After a jump back, votes count again for what had been fixed as next."""
    if (playback.wake_at_ms or 0) <= clock.now_ms():
        return
    with reordering(room):
        locked = QueueItem.objects.waiting().filter(room=room, locked=True)
        if locked.update(locked=False):
            publish(room, QueueLocked(None))


def _lock_next(room: Room) -> None:
    """Fix the top item as the next one; the shelf is never fixed, it yields to the last moment."""
    with reordering(room) as before:
        if not before.ids or any(fact.locked for fact in before.facts.values()):
            return
        away = RoomSource.objects.of(room).away()
        held_up = QueueItem.objects.waiting().filter(room=room).held_by(away)
        waits = set(held_up.values_list("pk", flat=True)) if away else set()
        first = next((pk for pk in before.ids if pk not in waits), None)
        if first is not None:
            QueueItem.objects.filter(pk=first).update(locked=True)
            publish(room, QueueLocked(str(first)))


def _end(playback: Playback, outcome: ItemState, *, at_ms: int) -> None:
    """What plays, if anything does, is over; a track that was heard breaks a row of failures."""
    item, playback.item = playback.item, None
    if item is None:
        return
    heard = playback.position_at(clock.now_ms()) >= PLAYED_AFTER_MS
    if outcome == ItemState.PLAYED or (outcome == ItemState.SKIPPED and heard):
        playback.failures = 0
    item.state = outcome
    item.ended_at_ms = min(at_ms, playback.ends_at_ms or at_ms)
    item.save(update_fields=["state", "ended_at_ms"])


def _give_back(playback: Playback, requester: int) -> None:
    """What was charged when the last track began, as if it had never been."""
    playback.virtual_ms = playback.was_virtual_ms
    Member.objects.filter(pk=requester).update(
        plays=F("plays") - 1,
        played_at_ms=playback.was_played_at_ms,
        finish_ms=playback.was_finish_ms,
    )


def _begin(
    room: Room, playback: Playback, item: QueueItem, before: Standing, *, at_ms: int, holds: bool
) -> None:
    """The item leaves the queue and plays; its requester has had one more turn."""
    if item.pk is not None:
        publish(room, QueueRemoved(str(item.pk), why="played"))
        _remember(playback, before.facts[item.pk])
        finish_ms, playback.virtual_ms = started(
            before.facts.values(), before.facts[item.pk], virtual_ms=playback.virtual_ms
        )
        Member.objects.filter(pk=item.added_by_id or 0).update(
            plays=F("plays") + 1, played_at_ms=at_ms, finish_ms=finish_ms
        )
    item.state, item.locked, item.started_at_ms = ItemState.PLAYING, False, at_ms
    item.save()
    artist = item.track.artist
    playback.run_length = playback.run_length + 1 if artist == playback.run_artist else 1
    playback.run_artist = artist
    playback.item = item
    if holds:
        hold(playback, 0)
    else:
        run(playback, starts_at_ms=at_ms)
    # Written before the new order is read: the run of one artist counts in it.
    playback.save()


def _remember(playback: Playback, fact: Facts) -> None:
    """How things stood before an item began, should it be no turn after all."""
    playback.was_virtual_ms = playback.virtual_ms
    playback.was_finish_ms = fact.requester_finish_ms
    playback.was_played_at_ms = fact.requester_played_at_ms
