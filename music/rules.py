"""Which tracks fit a room now, by its rules: asked when one is added, and for whatever is found."""

from collections.abc import Collection
from datetime import timedelta

from django.db.models import Max

from music.models import (
    QUEUE_LENGTH,
    WONT_PLAY_FOR_MS,
    Alike,
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
    if refusal := refusals(member, [track])[track.pk]:
        raise refusal


def refusals(
    member: Member, tracks: Collection[Track], alike: Alike | None = None
) -> dict[int, RoomError | None]:
    """What stands against this member adding each of these tracks now, by the track's id.

    `alike`, where it is known, saves a query: see `TrackQuerySet.alike`. In a handful of queries
    for all of them, however long the past is. `TooManyWaiting`, `Rests`,
    `TooLong`, `ExplicitOff`, or `NotAllowed` where listeners may not add.
    """
    room = member.room
    if not member.may(Act.ADD):
        return dict.fromkeys((track.pk for track in tracks), _not_allowed(member))
    full = _too_many_waiting(member)
    alike = alike or Track.objects.alike(tracks)
    played = _last_plays(room, tracks, alike)
    broken = _would_not_play(room, tracks, alike)
    return {
        track.pk: full or broken.get(track.pk) or _unfit(room, track, played.get(track.pk))
        for track in tracks
    }


def places_left(member: Member) -> int:
    """How many more tracks of this member may wait; host and co-hosts have the whole queue."""
    most = member.room.rules.open_requests
    if most is None or member.role != Role.LISTENER:
        return QUEUE_LENGTH
    return max(0, most - _waiting_of(member))


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


def _last_plays(room: Room, tracks: Collection[Track], alike: Alike | None) -> dict[int, int]:
    """When each of these recordings last started here because somebody had asked for it.

    By the track's id, only within the rest. What came from the shelf does not count: nobody chose
    it, and a small library would soon have nothing left to ask for.
    """
    rest_ms = room.rules.rest_ms
    if not rest_ms:
        return {}
    alike = alike or Track.objects.alike(tracks)
    played = dict(
        QueueItem.objects.filter(
            room=room,
            track__in={pk for pks in alike.values() for pk in pks},
            added_by__isnull=False,
            started_at_ms__gt=clock.now_ms() - rest_ms,
        )
        .values_list("track")
        .annotate(Max("started_at_ms"))
    )
    last = {pk: [played[other] for other in pks if other in played] for pk, pks in alike.items()}
    return {pk: max(starts) for pk, starts in last.items() if starts}


def _would_not_play(room: Room, tracks: Collection[Track], alike: Alike) -> dict[int, WouldNotPlay]:
    """The refusals of those recordings that the room's device could not play lately."""
    now_ms = clock.now_ms()
    failed = dict(
        QueueItem.objects.failed_since(now_ms - WONT_PLAY_FOR_MS)
        .filter(room=room, track__in={pk for pks in alike.values() for pk in pks})
        .values_list("track")
        .annotate(Max("ended_at_ms"))
    )
    refused = {}
    for track in tracks:
        if ends := [failed[pk] for pk in alike[track.pk] if pk in failed]:
            until_ms = max(ends) + WONT_PLAY_FOR_MS
            left = max(1, round((until_ms - now_ms) / 60_000))
            refused[track.pk] = WouldNotPlay(
                f"{track.title} would not play on this room's device. "
                f"It can be tried again in {left} min.",
                until_ms=until_ms,
            )
    return refused


def _too_many_waiting(member: Member) -> RoomError | None:
    """As many tracks of a listener wait as one person may have."""
    if places_left(member) > 0:
        return None
    waiting = _waiting_of(member)
    tracks = "1 track" if waiting == 1 else f"{waiting} tracks"
    return TooManyWaiting(
        f"You have {tracks} waiting, the most for one person here. "
        "The next place opens when one of them plays.",
        until_ms=_next_start_of(member),
    )


def _next_start_of(member: Member) -> int | None:
    """When the member's first waiting track starts if nothing changes; None while nothing runs."""
    playback = getattr(member.room, "playback", None)  # a room that never played has none
    if playback is None or playback.state != PlaybackState.PLAYING:
        return None
    moment: int | None = playback.ends_at_ms
    for fact in standing(member.room).facts.values():
        if moment is None or fact.requester == member.pk:
            break
        moment += fact.duration_ms
    return moment
