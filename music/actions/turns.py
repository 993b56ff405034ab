"""Going on by itself: what plays next and when, and whose turn it was."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from django.db.models import F

from music import closing
from music.actions.next_track import NextTrackSearch
from music.actions.shelf_rows import offer_shelf_rows
from music.actions.skips import skip_needed
from music.actions.transport import (
    LOCK_AHEAD_MS,
    START_AHEAD_MS,
    end_halt,
    pause_at,
    play_at,
    play_from,
    playback_of,
    save,
    set_end,
    set_halt,
    set_idle,
)
from music.events import MemberVoted, QueueLocked, QueueRemoved, QueueRestored
from music.models import (
    Halt,
    ItemState,
    Playback,
    PlaybackState,
    QueueItem,
    RoomSource,
    Turns,
    Vote,
)
from music.ordering import Facts, started
from music.queue_state import Standing, standing
from music.reordering import reordering
from music.room_rules import music_rules
from music.shapes import item_shape
from rooms import clock
from rooms.actions import end_locked_room
from rooms.actors import System
from rooms.changes import Change, changing
from rooms.models import Room

# The next track is announced this long before it starts, so that the news reaches every device
# before the moment itself does.
LEAD_MS = 1_500
# A silent room in which something waits that could not be opened tries again after this.
LOOK_AGAIN_AFTER_MS = 60_000
# A track that was heard for so long has played; one that failed before was no turn of anybody's.
PLAYED_AFTER_MS = 10_000
# Items of these kinds yield to what people add until the last moment, so they are never fixed.
YIELDING = ("gives_way", "suggested", "shelf")


class Ending(Enum):
    """How what plays ends: as what its item is kept, and whether it was a turn."""

    PLAYED = ItemState.PLAYED
    SKIPPED = ItemState.SKIPPED
    FAILED = ItemState.FAILED
    UNHEARD = "unheard"  # failed at its beginning: its requester gets the turn back

    @property
    def item_state(self) -> ItemState:
        return ItemState.FAILED if self is Ending.UNHEARD else ItemState(self.value)


def advance(*, room_id: int) -> bool:
    """Do what the clock asks of a room: fix the next track, start it, or end the room.

    Whoever comes second finds that nothing is due any more, so each advance happens exactly once.
    Returns whether anything was due.
    """
    with changing(System(room_id, "conductor")) as change:
        playback = playback_of(change.room)
        now_ms = clock.now_ms()
        if playback.wake_at_ms is None or playback.wake_at_ms > now_ms:
            return False
        if playback.state != PlaybackState.PLAYING and closing.room_is_over(change.room, now_ms):
            end_at_closing(change, playback)
        elif playback.state == PlaybackState.IDLE:
            start_next(change, playback)
        elif playback.state == PlaybackState.PLAYING and playback.ends_at_ms is not None:
            if closing.room_is_over(change.room, playback.ends_at_ms):
                _play_to_the_end(change, playback, now_ms)
            elif now_ms >= playback.ends_at_ms - LEAD_MS:
                # A track that ended while no conductor ran does not start the next in the past.
                at_ms = max(playback.ends_at_ms, now_ms + START_AHEAD_MS)
                start_next(change, playback, at_ms=at_ms)
            else:
                _lock_next(change, at_ms=playback.ends_at_ms)
                playback.wake_at_ms = playback.ends_at_ms - LEAD_MS
                playback.save(update_fields=["wake_at_ms"])
        else:
            playback.wake_at_ms = None
            playback.save(update_fields=["wake_at_ms"])
        return True


def _play_to_the_end(change: Change, playback: Playback, now_ms: int) -> None:
    """The last track before closing time: nothing is announced, and with it the room ends."""
    assert playback.ends_at_ms is not None
    if now_ms >= playback.ends_at_ms:
        end_at_closing(change, playback)
    else:
        playback.wake_at_ms = playback.ends_at_ms
        playback.save(update_fields=["wake_at_ms"])


def end_at_closing(change: Change, playback: Playback) -> None:
    """What plays, if anything does, was the last track: the music stops and the room ends."""
    _end_item(playback, Ending.PLAYED, at_ms=clock.now_ms())
    set_idle(playback)
    playback.wake_at_ms = None
    save(change, playback)
    end_locked_room(change, actor=System(change.room.pk, "conductor"), log="room.closed")


def advance_soon(change: Change) -> None:
    """Let the conductor look at a locked room at its next tick if the queue matters to it now.

    A room that has never had a speaker is halted instead: its first track would be used up unheard.
    """
    now_ms = clock.now_ms()
    playback = playback_of(change.room)
    if playback.awaits_first_speaker:
        if not playback.halt and QueueItem.objects.waiting().filter(room=change.room).exists():
            set_halt(playback, Halt.SPEAKER)
            save(change, playback)
        return
    if give_way(change, playback):
        return
    idle = playback.state == PlaybackState.IDLE and not playback.halt
    unlocked = playback.ends_at_ms is not None and now_ms >= playback.ends_at_ms - LOCK_AHEAD_MS
    if (idle or unlocked) and not QueueItem.objects.waiting().filter(
        room=change.room, locked=True
    ).exists():
        playback.wake_at_ms = now_ms
        playback.save(update_fields=["wake_at_ms"])


def give_way(change: Change, playback: Playback) -> bool:
    """Let a station that plays in a locked room end soon, for a track that people added waits.

    By the rule `stations_give_way`, or in any case where the room took it from its shelf; whether
    it does. It has `LOCK_AHEAD_MS` left, in which devices load what comes next.
    """
    item, now_ms = playback.item, clock.now_ms()
    is_on = playback.state == PlaybackState.PLAYING and item is not None and item.track.live
    if not is_on:
        return False
    assert item is not None
    if item.added_by_id is not None and not music_rules(change.room).stations_give_way:
        return False
    assert playback.starts_at_ms is not None
    assert playback.ends_at_ms is not None
    if playback.ends_at_ms <= now_ms + LOCK_AHEAD_MS or not _can_follow(change.room, item):
        return False
    item.length_ms = max(1, now_ms + LOCK_AHEAD_MS - playback.starts_at_ms)
    item.save(update_fields=["length_ms"])
    set_end(playback)
    save(change, playback)
    return True


def _can_follow(room: Room, station: QueueItem) -> bool:
    """Whether something that is not away waits and goes before this station.

    A station of the shelf is the last of all: what the room added itself and other stations go
    before it, too.
    """
    away = RoomSource.objects.of(room).away()
    waiting = QueueItem.objects.filter(room=room).waiting()
    if station.added_by_id is None:
        waiting = (waiting.asked_for() | waiting.suggested()).exclude(track=station.track_id)
    else:
        waiting = waiting.asked_for().filter(track__live=False)
    held_up = set(waiting.waiting_for(away).values_list("pk", flat=True)) if away else set()
    return waiting.exclude(pk__in=held_up).exists()


def start_next(
    change: Change,
    playback: Playback,
    *,
    at_ms: int | None = None,
    ending: Ending = Ending.PLAYED,
    is_paused: bool = False,
) -> None:
    """End what plays and start what is next, or be idle when nothing is.

    `at_ms`: when the next one starts, else a moment from now. `is_paused`: it only stands ready,
    paused at its beginning, and a halt stays.
    """
    if at_ms is None:
        at_ms = clock.now_ms() + START_AHEAD_MS
    requester = None if playback.item is None else playback.item.added_by_id
    _end_item(playback, ending, at_ms=at_ms)
    if closing.room_is_over(change.room, at_ms):
        end_at_closing(change, playback)
        return
    playback.play_id += 1
    playback.skip_asked, playback.skip_needed = 0, skip_needed(change.room)
    playback.live_title = ""
    playback.stalled = playback.out_of_step = False
    if not is_paused:
        end_halt(playback)
    search = NextTrackSearch(change, playback, at_ms=at_ms)
    with reordering(change) as before:
        if ending == Ending.UNHEARD and requester is not None:
            _refund_turn(playback, requester)
            before = standing(change.room)
        item = search.next_item(before)
        if item is None:
            set_idle(playback)
            if search.unreachable:
                again_ms = clock.now_ms() + LOOK_AGAIN_AFTER_MS
                playback.wake_at_ms = min(again_ms, playback.wake_at_ms or again_ms)
        else:
            _begin(change, playback, item, before, at_ms=at_ms, is_paused=is_paused)
        offer_shelf_rows(change, playback)
    save(change, playback)
    search.tell()


def requeue_current(change: Change, playback: Playback) -> None:
    """What plays waits again, with its votes: its source or file is away. The next one starts.

    What was heard for the most part has played, and so has a station of the shelf, which does not
    wait again. An entry of the same track may wait by now; then this one has failed.
    """
    item = playback.item
    assert item is not None
    position_ms = playback.position_at(clock.now_ms())
    was_on = item.track.live and item.added_by_id is None and position_ms >= PLAYED_AFTER_MS
    heard = was_on or position_ms * 2 > item.duration_ms
    again = not QueueItem.objects.filter(room=change.room, track=item.track).waiting().exists()
    start_next(
        change,
        playback,
        ending=Ending.PLAYED if heard else Ending.UNHEARD,
        is_paused=playback.state == PlaybackState.PAUSED,
    )
    if not heard and again and item.added_by_id is not None:
        _wait_again(change, item)


def return_to_queue(change: Change, playback: Playback, items: Sequence[QueueItem]) -> None:
    """What plays and what played before it, all unheard, waits again with its votes and turns.

    The first of the queue stands ready, paused at its beginning. What is of the shelf does not
    wait, but nothing is said against it any more.
    """
    current = playback.item
    assert current is not None
    with reordering(change):
        _end_item(playback, Ending.UNHEARD, at_ms=clock.now_ms())
        set_idle(playback)
        if current.added_by_id is not None:
            _refund_turn(playback, current.added_by_id)
        playback.save()
    for item in items:
        item.cause = ""
        item.save(update_fields=["cause"])
        waits = QueueItem.objects.filter(room=change.room, track=item.track).waiting().exists()
        if item.added_by_id is not None and not waits:
            _wait_again(change, item)
    start_next(change, playback, is_paused=True)


def _wait_again(change: Change, item: QueueItem) -> None:
    with reordering(change):
        item.state, item.started_at_ms, item.ended_at_ms = ItemState.WAITING, None, None
        if item.track.live:
            item.length_ms = None
        item.save(update_fields=["state", "started_at_ms", "ended_at_ms", "length_ms"])
        stands = standing(change.room)
        shape = item_shape(item, stands.why[item.pk])
        change.publish(QueueRestored(shape, at=stands.ids.index(item.pk)))
    for member_id, value in Vote.objects.filter(item=item).values_list("member_id", "value"):
        change.publish(MemberVoted(member_id, {str(item.pk): value}))


def resume(change: Change, playback: Playback) -> None:
    """Go on where the track of a locked room stands; the caller saves and tells it."""
    play_from(playback, playback.position_ms)
    unlock_early(change, playback)


def end_wait_for_speaker(change: Change, playback: Playback) -> None:
    """A device makes the sound of a locked room: go on, or begin with the first waiting track.

    Ends the halt. The caller saves and tells it; the shelf is not started by this.
    """
    end_halt(playback)
    if playback.state == PlaybackState.PAUSED:
        resume(change, playback)
    elif QueueItem.objects.waiting().asked_for().filter(room=change.room).exists():
        start_next(change, playback)


def unlock_early(change: Change, playback: Playback) -> None:
    """After a jump back, votes count again for what had been fixed as next."""
    if (playback.wake_at_ms or 0) <= clock.now_ms():
        return
    with reordering(change):
        locked = QueueItem.objects.waiting().filter(room=change.room, locked=True)
        if locked.update(locked=False):
            change.publish(QueueLocked(None))


def _lock_next(change: Change, *, at_ms: int) -> None:
    """Fix the top item as the next one, which starts at a moment.

    A row of the shelf or a suggestion is fixed only where the host has pinned it.
    """
    with reordering(change) as before:
        if not before.ids or any(fact.locked for fact in before.facts.values()):
            return
        away = RoomSource.objects.of(change.room).away()
        held_up = QueueItem.objects.waiting().filter(room=change.room).waiting_for(away)
        waits = set(held_up.values_list("pk", flat=True)) if away else set()
        ids = closing.in_turn(change.room, before.ids, before.facts, at_ms=at_ms)
        first = next((pk for pk in ids if pk not in waits), None)
        if first is not None and before.why[first].kind not in YIELDING:
            QueueItem.objects.filter(pk=first).update(locked=True)
            change.publish(QueueLocked(str(first)))


def _end_item(playback: Playback, ending: Ending, *, at_ms: int) -> None:
    """What plays, if anything does, is over; a track that was heard breaks a row of failures."""
    item, playback.item = playback.item, None
    if item is None:
        return
    heard = playback.position_at(clock.now_ms()) >= PLAYED_AFTER_MS
    if ending == Ending.PLAYED or (ending == Ending.SKIPPED and heard):
        playback.failures = 0
    item.state = ending.item_state
    item.ended_at_ms = min(at_ms, playback.ends_at_ms or at_ms)
    item.save(update_fields=["state", "ended_at_ms"])


def _refund_turn(playback: Playback, requester: int) -> None:
    """What was charged when the last track began, as if it had never been."""
    playback.virtual_ms = playback.was_virtual_ms
    Turns.objects.filter(member=requester).update(
        plays=F("plays") - 1,
        played_at_ms=playback.was_played_at_ms,
        finish_ms=playback.was_finish_ms,
    )


def _begin(
    change: Change,
    playback: Playback,
    item: QueueItem,
    before: Standing,
    *,
    at_ms: int,
    is_paused: bool,
) -> None:
    """The item leaves the queue and plays; its requester has had one more turn."""
    if item.pk is not None:
        change.publish(QueueRemoved(str(item.pk), why="played"))
        _note_refund(playback, before.facts[item.pk])
        finish_ms, playback.virtual_ms = started(
            before.facts.values(), before.facts[item.pk], virtual_ms=playback.virtual_ms
        )
        _charge_turn(item, at_ms=at_ms, finish_ms=finish_ms)
    item.state, item.locked, item.started_at_ms = ItemState.PLAYING, False, at_ms
    if item.track.live:
        # A station of the shelf plays until something else waits: it would only begin anew.
        is_of_shelf = item.added_by_id is None
        station_min = None if is_of_shelf else music_rules(change.room).station_min
        item.length_ms = None if station_min is None else station_min * 60_000
    item.save()
    artist = item.track.artist
    playback.run_length = playback.run_length + 1 if artist == playback.run_artist else 1
    playback.run_artist = artist
    playback.item = item
    if is_paused:
        pause_at(playback, 0)
    else:
        play_at(playback, starts_at_ms=at_ms)
    # Written before the new order is read: the run of one artist counts in it.
    playback.save()


def _charge_turn(item: QueueItem, *, at_ms: int, finish_ms: int) -> None:
    """Count one more turn of the requester, which started at a moment. The shelf has no turns."""
    if item.added_by_id is None:
        return
    turns = Turns.objects.filter(member=item.added_by_id)
    # The room's lock is held, so nobody else writes a first row between these two statements.
    if not turns.update(plays=F("plays") + 1, played_at_ms=at_ms, finish_ms=finish_ms):
        Turns.objects.create(
            member_id=item.added_by_id, plays=1, played_at_ms=at_ms, finish_ms=finish_ms
        )


def _note_refund(playback: Playback, fact: Facts) -> None:
    """How things stood before an item began, should it be no turn after all."""
    playback.was_virtual_ms = playback.virtual_ms
    playback.was_finish_ms = fact.requester_finish_ms
    playback.was_played_at_ms = fact.requester_played_at_ms
