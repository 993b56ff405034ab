"""Starting, pausing, seeking, skipping, and going on by itself."""

from __future__ import annotations

from math import ceil

from django.db.models import F, QuerySet

from music import shelf
from music.actions import incidents, newcomers
from music.events import PlaybackChanged, PlaybackSkipAsked, QueueLocked, QueueRemoved
from music.models import (
    GRACE_MS,
    QUIET_LEASE_MS,
    Halt,
    ItemState,
    Playback,
    PlaybackState,
    QueueItem,
    SkipVote,
)
from music.ordering import Facts, started
from music.queue import Standing, standing
from music.reordering import reordering
from music.shapes import PlaybackShape, playback_shape, queue_shape
from music.sources import registry
from rooms import clock
from rooms.errors import Invalid, JustJoined, NothingToPlay, StalePlay
from rooms.models import Member, Room
from rooms.publish import changing, changing_by, publish, tell
from rooms.roles import Act, Role
from rooms.rules import Who

# The next track is announced this long before it starts, so that the news reaches every device
# before the moment itself does.
LEAD_MS = 1_500
# The next track is fixed this long before it starts, so that devices can load it; later votes
# count after it.
LOCK_AHEAD_MS = 8_000
# A start by hand lies this far ahead: long enough to reach devices, too short to feel.
START_AHEAD_MS = 250
# A room in which nobody has been for so long falls silent when its queue is empty.
SHELF_RESTS_AFTER_MS = 12 * 60 * 60 * 1000
# A track that was heard for so long has played; one that failed before was no turn of anybody's.
PLAYED_AFTER_MS = 10_000
# After so many that would not play in a row, it is not the tracks.
MOST_FAILURES = 3


def play(*, member: Member, play_id: str | None = None) -> Playback:
    """Go on after a pause, or start an idle room with the top item, else from the shelf.

    Raises `NotAllowed`, `StalePlay`, `NothingToPlay`.
    """
    with changing_by(member) as room:
        member.require(Act.PAUSE)
        playback = _meant(room, play_id)
        if playback.state == PlaybackState.IDLE:
            _start_next(room, playback, at_ms=clock.now_ms() + START_AHEAD_MS)
            if playback.item is None:
                raise NothingToPlay
        elif playback.state == PlaybackState.PAUSED:
            resume(room, playback)
            save(room, playback)
        return playback


def pause(*, member: Member, play_id: str | None = None) -> Playback:
    """Stop at the present position. Raises `NotAllowed`, `StalePlay`."""
    with changing_by(member) as room:
        member.require(Act.PAUSE)
        playback = _meant(room, play_id)
        if playback.state == PlaybackState.PLAYING:
            hold(playback, playback.position_at(clock.now_ms()))
            save(room, playback)
        elif playback.state == PlaybackState.PAUSED and playback.halt:
            _end_halt(playback)
            save(room, playback)
        return playback


def seek(*, member: Member, position_ms: int, play_id: str | None = None) -> Playback:
    """Go to a position of the track.

    Raises `Invalid` beyond its end, `NotAllowed`, `StalePlay`, `NothingToPlay`.
    """
    with changing_by(member) as room:
        playback = _controlled(room, member, play_id)
        if playback.item is None:
            raise NothingToPlay("Nothing plays yet.")
        if position_ms != _within(playback, position_ms):
            raise Invalid(f"A position is 0 to {playback.item.track.duration_ms} ms in this track.")
        if playback.state == PlaybackState.PLAYING:
            _run_from(playback, position_ms)
            _unlock_early(room, playback)
        else:
            playback.position_ms = position_ms
            _end_halt(playback)
        save(room, playback)
        return playback


def skip(*, member: Member, play_id: str | None = None) -> Playback:
    """End the track now and start the next. Raises `NotAllowed`, `StalePlay`, `NothingToPlay`."""
    with changing_by(member) as room:
        playback = _controlled(room, member, play_id)
        if playback.item is None:
            raise NothingToPlay("Nothing plays yet.")
        _skip(room, playback)
        return playback


def ask_to_skip(*, member: Member, play_id: str | None = None) -> Playback:
    """Ask to skip the playing track. It is skipped when enough ask: see `skip_needed`.

    Asking twice is asking once. Raises `NotAllowed`, `Muted`, `StalePlay`, `NothingToPlay` (also
    in a pause), and `JustJoined`: who opens one private window after another asks alone.
    """
    with changing_by(member) as room:
        member.require(Act.SKIP_VOTE)
        playback = _meant(room, play_id)
        if playback.item is None or playback.state != PlaybackState.PLAYING:
            raise NothingToPlay("Nothing plays now.")
        if until_ms := newcomers.skips_from_ms(member, opened_at_ms=room.created_at_ms):
            raise JustJoined(until_ms=until_ms)
        _, is_new = SkipVote.objects.get_or_create(item=playback.item, member=member)
        playback.skip_asked += is_new
        playback.skip_needed = skip_needed(room)
        tell(room, member.pk, skip=str(playback.play_id))
        if playback.skip_asked >= playback.skip_needed:
            _skip(room, playback)
        elif is_new:
            _tell_asks(room, playback)
        return playback


def skip_needed(room: Room) -> int:
    """How many must ask: a share of those active who may, but never one person alone."""
    return max(2, ceil(who_may_skip(room).count() * room.rules.skip_percent / 100))


def who_may_skip(room: Room) -> QuerySet[Member]:
    """Those active who may ask to skip; when everybody does, it must be enough."""
    active = Member.objects.active(clock.now_ms()).filter(room=room, muted=False)
    if room.rules.may_skip == Who.HOSTS:
        active = active.exclude(role=Role.LISTENER)
    return newcomers.skips_already(active, room)


def recount_asks(*, room: Room) -> None:
    """After other rules: so many must ask now, and if so many have, skip (room locked)."""
    playback = playback_of(room)
    needed = skip_needed(room)
    if playback.item is None or needed == playback.skip_needed:
        return
    playback.skip_needed = needed
    if playback.state == PlaybackState.PLAYING and playback.skip_asked >= needed:
        _skip(room, playback)
    else:
        _tell_asks(room, playback)


def auto_play(*, member: Member) -> Playback:
    """Start the top item now, whatever plays. Raises `NotAllowed`, `NothingToPlay`."""
    with changing_by(member) as room:
        playback = _controlled(room, member, None)
        if not QueueItem.objects.filter(room=room).waiting().exists():
            raise NothingToPlay("Nothing waits.")
        _skip(room, playback)
        return playback


def choose_shelf(*, member: Member, key: str | None) -> Playback:
    """What the room falls back on when nothing waits; None: silence.

    Raises `NotAllowed`, or `Invalid` for a shelf that is not there.
    """
    with changing_by(member) as room:
        member.require(Act.GOVERN)
        playback = playback_of(room)
        if key and shelf.shelf(key) is None:
            raise Invalid("There is no such shelf here.")
        if (key or "") != playback.shelf:
            playback.shelf = key or ""
            save(room, playback)
        return playback


def fail_current(*, room: Room, playback: Playback, played_ms: int = 0, cause: str = "") -> None:
    """Move on from a track that the speaker cannot play (room locked by the caller).

    `played_ms` of it were heard; what fails at its beginning was no turn of its requester's. After
    `MOST_FAILURES` in a row the next one only stands ready, and the room is halted.
    """
    item = playback.item
    assert item is not None
    unheard = played_ms < PLAYED_AFTER_MS
    playback.failures = playback.failures + 1 if unheard else 1
    halts = playback.failures >= MOST_FAILURES
    if halts:
        halt(playback, Halt.FAILURES)
        playback.failures = 0
    _start_next(
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


def hold(playback: Playback, position_ms: int) -> None:
    """Let the track of a locked room stand at a position; the caller saves and tells it."""
    playback.position_ms = _within(playback, position_ms)
    playback.state = PlaybackState.PAUSED
    playback.starts_at_ms = playback.ends_at_ms = playback.wake_at_ms = None
    _ease_lease(playback)


def halt(playback: Playback, why: Halt) -> None:
    """From now on the music waits for this reason, until somebody or something ends it."""
    playback.halt, playback.halt_at_ms = why, clock.now_ms()


def resume(room: Room, playback: Playback) -> None:
    """Go on where the track of a locked room stands; the caller saves and tells it."""
    _run_from(playback, playback.position_ms)
    _unlock_early(room, playback)


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
            _start_next(room, playback, at_ms=now_ms + START_AHEAD_MS)
        elif playback.state == PlaybackState.PLAYING and playback.ends_at_ms is not None:
            if now_ms >= playback.ends_at_ms - LEAD_MS:
                # A track that ended while no conductor ran does not start the next in the past.
                at_ms = max(playback.ends_at_ms, now_ms + START_AHEAD_MS)
                _start_next(room, playback, at_ms=at_ms)
            else:
                _lock_next(room)
                playback.wake_at_ms = playback.ends_at_ms - LEAD_MS
                playback.save(update_fields=["wake_at_ms"])
        else:
            playback.wake_at_ms = None
            playback.save(update_fields=["wake_at_ms"])
        return True


def wake_soon(room: Room) -> None:
    """Let the conductor look at a locked room at its next tick if the queue matters to it now."""
    now_ms = clock.now_ms()
    playback = playback_of(room)
    idle = playback.state == PlaybackState.IDLE and not playback.halt
    unlocked = playback.ends_at_ms is not None and now_ms >= playback.ends_at_ms - LOCK_AHEAD_MS
    if (idle or unlocked) and not QueueItem.objects.waiting().filter(
        room=room, locked=True
    ).exists():
        playback.wake_at_ms = now_ms
        playback.save(update_fields=["wake_at_ms"])


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
    )


def save(room: Room, playback: Playback) -> None:
    """Write the playback of a locked room and tell everybody."""
    playback.save()
    publish(room, PlaybackChanged(shape_of(playback)))


def _controlled(room: Room, member: Member, play_id: str | None) -> Playback:
    member.require(Act.CONTROL)
    return _meant(room, play_id)


def _meant(room: Room, play_id: str | None) -> Playback:
    """The playback that an act is meant for. Raises `StalePlay` when another track plays by now."""
    playback = playback_of(room)
    if play_id is not None and play_id != str(playback.play_id):
        raise StalePlay
    return playback


def _skip(room: Room, playback: Playback) -> None:
    _start_next(room, playback, at_ms=clock.now_ms() + START_AHEAD_MS, outcome=ItemState.SKIPPED)


def _tell_asks(room: Room, playback: Playback) -> None:
    playback.save(update_fields=["skip_asked", "skip_needed"])
    asked, needed = playback.skip_asked, playback.skip_needed
    publish(room, PlaybackSkipAsked(str(playback.play_id), asked, needed))


def _within(playback: Playback, position_ms: int) -> int:
    duration_ms = playback.item.track.duration_ms if playback.item else 0
    return min(max(position_ms, 0), duration_ms)


def _run_from(playback: Playback, position_ms: int) -> None:
    """Let the track run from a position, a moment ahead so that devices start together."""
    assert playback.item is not None
    _run(playback, starts_at_ms=clock.now_ms() + START_AHEAD_MS - position_ms)


def _run(playback: Playback, *, starts_at_ms: int) -> None:
    assert playback.item is not None
    playback.state = PlaybackState.PLAYING
    playback.starts_at_ms = starts_at_ms
    playback.position_ms = 0
    playback.ends_at_ms = starts_at_ms + playback.item.track.duration_ms
    playback.wake_at_ms = playback.ends_at_ms - LOCK_AHEAD_MS
    playback.out_of_step = False
    _end_halt(playback)
    if playback.speaker_until_ms is not None:
        # It is not to be held back to where its device was heard before.
        playback.heard_at_ms = clock.now_ms()
        playback.speaker_until_ms = min(playback.speaker_until_ms, playback.heard_at_ms + GRACE_MS)


def _end_halt(playback: Playback) -> None:
    playback.halt, playback.halt_at_ms = "", None


def _ease_lease(playback: Playback) -> None:
    """A speaker that was there until the music stopped reports less often from now on."""
    if playback.speaker_until_ms is not None:
        quiet_until_ms = clock.now_ms() + QUIET_LEASE_MS
        playback.speaker_until_ms = max(playback.speaker_until_ms, quiet_until_ms)


def _lock_next(room: Room) -> None:
    """Fix the top item as the next one; the shelf is never fixed, it yields to the last moment."""
    with reordering(room) as before:
        if before.ids and not any(fact.locked for fact in before.facts.values()):
            QueueItem.objects.filter(pk=before.ids[0]).update(locked=True)
            publish(room, QueueLocked(str(before.ids[0])))


def _unlock_early(room: Room, playback: Playback) -> None:
    """After a jump back, votes count again for what had been fixed as next."""
    if (playback.wake_at_ms or 0) <= clock.now_ms():
        return
    with reordering(room):
        locked = QueueItem.objects.waiting().filter(room=room, locked=True)
        if locked.update(locked=False):
            publish(room, QueueLocked(None))


def _start_next(
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
    if playback.item is not None:
        if outcome == ItemState.PLAYED or (
            outcome == ItemState.SKIPPED and playback.position_at(clock.now_ms()) >= PLAYED_AFTER_MS
        ):
            playback.failures = 0
        playback.item.state = outcome
        playback.item.ended_at_ms = min(at_ms, playback.ends_at_ms or at_ms)
        playback.item.save(update_fields=["state", "ended_at_ms"])
    playback.item = None
    playback.play_id += 1
    playback.skip_asked, playback.skip_needed = 0, skip_needed(room)
    playback.stalled = playback.out_of_step = False
    if not holds:
        _end_halt(playback)
    with reordering(room) as before:
        if gives_back and requester is not None:
            _give_back(playback, requester)
            before = standing(room)
        item = _next_waiting(room, before) or _next_of_shelf(room, playback)
        if item is None:
            playback.state = PlaybackState.IDLE
            playback.starts_at_ms = playback.ends_at_ms = playback.wake_at_ms = None
            playback.position_ms = 0
            _ease_lease(playback)
        else:
            _begin(room, playback, item, before, at_ms=at_ms, holds=holds)
    save(room, playback)


def _give_back(playback: Playback, requester: int) -> None:
    """What was charged when the last track began, as if it had never been."""
    playback.virtual_ms = playback.was_virtual_ms
    Member.objects.filter(pk=requester).update(
        plays=F("plays") - 1,
        played_at_ms=playback.was_played_at_ms,
        finish_ms=playback.was_finish_ms,
    )


def _next_waiting(room: Room, stands: Standing) -> QueueItem | None:
    """The first waiting item that can be played; those that cannot are set aside as failed."""
    for item_id in stands.ids:
        item = QueueItem.objects.with_facts().get(pk=item_id)
        if registry.playable(item.track):
            return item
        item.state, item.locked = ItemState.FAILED, False
        item.ended_at_ms = clock.now_ms()
        item.save(update_fields=["state", "locked", "ended_at_ms"])
        publish(room, QueueRemoved(str(item.pk), why="failed"))
    return None


def _next_of_shelf(room: Room, playback: Playback) -> QueueItem | None:
    awake = room.members.filter(seen_at_ms__gt=clock.now_ms() - SHELF_RESTS_AFTER_MS).exists()
    if not playback.shelf or not awake:
        return None
    track = shelf.next_track(room=room, key=playback.shelf)
    return None if track is None else QueueItem(room=room, track=track)


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
        _run(playback, starts_at_ms=at_ms)
    # Written before the new order is read: the run of one artist counts in it.
    playback.save()


def _remember(playback: Playback, fact: Facts) -> None:
    """How things stood before an item began, should it be no turn after all."""
    playback.was_virtual_ms = playback.virtual_ms
    playback.was_finish_ms = fact.requester_finish_ms
    playback.was_played_at_ms = fact.requester_played_at_ms
