"""Which tracks fit a room now, by its rules: asked when one is added, and for whatever is found."""

from collections.abc import Collection
from datetime import timedelta

from django.db.models import Max

from music.models import (
    QUEUE_LENGTH,
    WONT_PLAY_FOR_MS,
    Alike,
    Playback,
    PlaybackState,
    QueueItem,
    Track,
)
from music.queue import standing
from rooms import clock
from rooms.errors import (
    ExplicitOff,
    NotAllowed,
    Rests,
    RoomError,
    TooLong,
    TooManyWaiting,
    WouldNotPlay,
)
from rooms.models import Member, Room
from rooms.roles import Act, Role


def check(member: Member, track: Track) -> None:
    """Raise what stands against adding a track now: see `refusals`."""
    if refusal := refusals(member, [track])[track.uri]:
        raise refusal


def refusals(
    member: Member, tracks: Collection[Track], alike: Alike | None = None
) -> dict[str, RoomError | None]:
    """What stands against this member adding each of these tracks now, by the track's uri.

    Each is `TooManyWaiting`, `Rests`, `TooLong`, `ExplicitOff`, or `NotAllowed` where listeners may
    not add; None: nothing does. `alike`, where it is known, saves a query: see
    `TrackQuerySet.alike`. In a handful of queries for all of them, however long the past is.
    """
    room = member.room
    if not member.may(Act.ADD):
        return dict.fromkeys((track.uri for track in tracks), _not_allowed(member))
    full = _too_many_waiting(member)
    alike = alike or Track.objects.alike(tracks)
    played = _last_plays(room, tracks, alike)
    broken = _would_not_play(room, tracks, alike)
    return {
        track.uri: full or broken.get(track.uri) or _unfit(room, track, played.get(track.uri))
        for track in tracks
    }


def places_left(member: Member) -> int:
    """How many more tracks of this member may wait; host and co-hosts have the whole queue."""
    most = _most_waiting(member)
    return QUEUE_LENGTH if most is None else max(0, most - _waiting_of(member))


def _most_waiting(member: Member) -> int | None:
    return member.room.rules.open_requests if member.role == Role.LISTENER else None


def _waiting_of(member: Member) -> int:
    return QueueItem.objects.waiting().filter(room=member.room, added_by=member).count()


def _not_allowed(member: Member) -> RoomError:
    try:
        member.require(Act.ADD)
    except RoomError as refusal:
        return refusal
    return NotAllowed()


def _unfit(room: Room, track: Track, played_at_ms: int | None) -> RoomError | None:
    """What stands against the track itself."""
    rules = room.rules
    if track.explicit and not rules.explicit:
        return ExplicitOff()
    if rules.longest_ms is not None and track.duration_ms > rules.longest_ms:
        return TooLong(f"Tracks are up to {rules.longest_min} min long in this room.")
    if played_at_ms is not None:
        ago = timedelta(milliseconds=clock.now_ms() - played_at_ms) // timedelta(minutes=1)
        when = "has just played" if ago < 1 else f"played {ago} min ago"
        return Rests(
            f"{track.title} {when}. A track rests {rules.rest_min} min in this room.",
            until_ms=played_at_ms + rules.rest_ms,
        )
    return None


def _last_plays(room: Room, tracks: Collection[Track], alike: Alike | None) -> dict[str, int]:
    """When each of these recordings last started here because somebody had asked for it.

    By the track's uri, only within the rest. What came from the shelf does not count: nobody chose
    it, and a small library would soon have nothing left to ask for.
    """
    rest_ms = room.rules.rest_ms
    if not rest_ms:
        return {}
    alike = alike or Track.objects.alike(tracks)
    played = dict(
        QueueItem.objects.asked_for_since(clock.now_ms() - rest_ms)
        .filter(room=room, track__in={pk for pks in alike.values() for pk in pks})
        .values_list("track")
        .annotate(Max("started_at_ms"))
    )
    last = {uri: [played[pk] for pk in pks if pk in played] for uri, pks in alike.items()}
    return {uri: max(starts) for uri, starts in last.items() if starts}


def _would_not_play(room: Room, tracks: Collection[Track], alike: Alike) -> dict[str, WouldNotPlay]:
    """The refusals of those recordings that the room's device could not play lately."""
    now_ms = clock.now_ms()
    failed = dict(
        QueueItem.objects.broken_since(now_ms - WONT_PLAY_FOR_MS)
        .filter(room=room, track__in={pk for pks in alike.values() for pk in pks})
        .values_list("track")
        .annotate(Max("ended_at_ms"))
    )
    refused = {}
    for track in tracks:
        if ends := [failed[pk] for pk in alike[track.uri] if pk in failed]:
            until_ms = max(ends) + WONT_PLAY_FOR_MS
            left = max(1, round((until_ms - now_ms) / 60_000))
            refused[track.uri] = WouldNotPlay(
                f"{track.title} would not play on this room's device. "
                f"It can be tried again in {left} min.",
                until_ms=until_ms,
            )
    return refused


def _too_many_waiting(member: Member) -> RoomError | None:
    """As many tracks of a listener wait as one person may have."""
    most = _most_waiting(member)
    if most is None or (waiting := _waiting_of(member)) < most:
        return None
    tracks = "1 track" if waiting == 1 else f"{waiting} tracks"
    return TooManyWaiting(
        f"You have {tracks} waiting, the most for one person here. "
        "The next place opens when one of them plays.",
        until_ms=_next_start_of(member),
    )


def _next_start_of(member: Member) -> int | None:
    """When the member's first waiting track starts if nothing changes; None while nothing runs."""
    playback = Playback.objects.of(member.room)
    if playback.state != PlaybackState.PLAYING:
        return None
    moment = playback.ends_at_ms
    for fact in standing(member.room).facts.values():
        if moment is None or fact.requester == member.pk:
            break
        moment += fact.duration_ms
    return moment
