"""What people do to the music: play, pause, seek, skip or ask to, choose the shelf."""

from __future__ import annotations

from music import shelf
from music.actions import newcomers
from music.actions.skips import skip_needed
from music.actions.transport import (
    START_AHEAD_MS,
    end_halt,
    hold,
    playback_of,
    run_from,
    save,
    within,
)
from music.actions.turns import resume, start_next, unlock_early
from music.events import PlaybackSkipAsked
from music.models import ItemState, Playback, PlaybackState, QueueItem, SkipVote
from rooms import clock
from rooms.errors import Invalid, JustJoined, NothingToPlay, StalePlay
from rooms.models import Member, Room
from rooms.publish import changing_by, publish, tell
from rooms.roles import Act


def play(*, member: Member, play_id: str | None = None) -> Playback:
    """Go on after a pause, or start an idle room with the top item, else from the shelf.

    Raises `NotAllowed`, `StalePlay`, `NothingToPlay`.
    """
    with changing_by(member) as room:
        member.require(Act.PAUSE)
        playback = _meant(room, play_id)
        if playback.state == PlaybackState.IDLE:
            start_next(room, playback, at_ms=clock.now_ms() + START_AHEAD_MS)
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
            end_halt(playback)
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
        if position_ms != within(playback, position_ms):
            raise Invalid(f"A position is 0 to {playback.item.duration_ms} ms in this track.")
        if playback.state == PlaybackState.PLAYING:
            run_from(playback, position_ms)
            unlock_early(room, playback)
        else:
            playback.position_ms = position_ms
            end_halt(playback)
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
    start_next(room, playback, at_ms=clock.now_ms() + START_AHEAD_MS, outcome=ItemState.SKIPPED)


def _tell_asks(room: Room, playback: Playback) -> None:
    playback.save(update_fields=["skip_asked", "skip_needed"])
    asked, needed = playback.skip_asked, playback.skip_needed
    publish(room, PlaybackSkipAsked(str(playback.play_id), asked, needed))
