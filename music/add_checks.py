"""Which tracks fit a room now, by its rules: asked when one is added, and for whatever is found."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from django.db.models import Max
from django.utils.translation import gettext_noop as _

from music import acts, closing
from music.errors import ClosingTime, ExplicitOff, Rests, TooLong, TooManyWaiting, WouldNotPlay
from music.models import (
    QUEUE_LENGTH,
    WONT_PLAY_FOR_MS,
    Alike,
    Playback,
    PlaybackState,
    QueueItem,
    Track,
)
from music.queue_state import standing
from music.room_rules import music_rules
from music.shapes import expected_end_ms
from rooms import clock
from rooms.errors import NotAllowed, RoomError
from rooms.models import Member, Room
from rooms.roles import Role


def check(member: Member, track: Track) -> None:
    """Raise what stands against adding a track now: see `refusals`."""
    if refusal := refusals(member, [track])[track.uri]:
        raise refusal


def refusals(
    member: Member, tracks: Collection[Track], alike: Alike | None = None
) -> dict[str, RoomError | None]:
    """What stands against this member adding each of these tracks now, by the track's uri.

    Each is `ClosingTime`, `TooManyWaiting`, `Rests`, `TooLong`, `ExplicitOff`, or `NotAllowed`
    where listeners may not add; None: nothing does. `alike`, where it is known, saves a query: see
    `TrackQuerySet.alike`. In a handful of queries for all of them, however long the past is.
    """
    room = member.room
    if not member.may(acts.ADD):
        return dict.fromkeys((track.uri for track in tracks), _not_allowed(member))
    full = _closing(room) or _too_many_waiting(member)
    alike = alike or Track.objects.alike(tracks)
    played = _last_plays(room, tracks, alike)
    broken = _would_not_play(room, tracks, alike)
    return {
        track.uri: full or broken.get(track.uri) or _unfit(room, track, played.get(track.uri))
        for track in tracks
    }


class TrackFacts(Protocol):
    """What decides whether a room refuses a track, saved or only listed."""

    @property
    def pk(self) -> int: ...
    @property
    def recording(self) -> str: ...
    @property
    def isrc(self) -> str: ...
    @property
    def explicit(self) -> bool: ...
    @property
    def duration_ms(self) -> int: ...


@dataclass(frozen=True)
class UnfitTracks:
    """What a room refuses now, whoever adds it, as `refusals` says why for each."""

    explicit: bool
    longest_ms: int | None
    ids: frozenset[int]
    recordings: frozenset[str]
    isrcs: frozenset[str]

    def __contains__(self, track: TrackFacts, /) -> bool:
        return (
            (track.explicit and not self.explicit)
            or (self.longest_ms is not None and track.duration_ms > self.longest_ms)
            or track.pk in self.ids
            or track.recording in self.recordings
            or track.isrc in self.isrcs
        )


def unfit_tracks(room: Room) -> UnfitTracks:
    """What to put last in a list, however long: in one query, and none for each track."""
    rules, now_ms, items = music_rules(room), clock.now_ms(), QueueItem.objects.filter(room=room)
    past = items.broken_since(now_ms - WONT_PLAY_FOR_MS)
    if rules.rest_ms:
        past |= items.asked_for_since(now_ms - rules.rest_ms)
    facts = list(past.values_list("track", "track__recording", "track__isrc").distinct())
    return UnfitTracks(
        rules.explicit,
        rules.longest_ms,
        frozenset(pk for pk, _, _ in facts),
        frozenset(recording for _, recording, _ in facts if recording),
        frozenset(isrc for _, _, isrc in facts if isrc),
    )


def _closing(room: Room) -> ClosingTime | None:
    if closing.closes_at_ms(room) is None:
        return None
    is_last = closing.is_last(room, Playback.objects.of(room), clock.now_ms())
    return ClosingTime() if is_last else None


def places_left(member: Member) -> int:
    """How many more tracks of this member may wait; host and co-hosts have the whole queue."""
    most = _most_waiting(member)
    return QUEUE_LENGTH if most is None else max(0, most - _waiting_of(member))


def _most_waiting(member: Member) -> int | None:
    return music_rules(member.room).open_requests if member.role == Role.LISTENER else None


def _waiting_of(member: Member) -> int:
    return QueueItem.objects.waiting().filter(room=member.room, added_by=member).count()


def _not_allowed(member: Member) -> RoomError:
    try:
        member.require(acts.ADD)
    except RoomError as refusal:
        return refusal
    return NotAllowed()


def _unfit(room: Room, track: Track, played_at_ms: int | None) -> RoomError | None:
    """What stands against the track itself."""
    rules = music_rules(room)
    if track.explicit and not rules.explicit:
        return ExplicitOff()
    if track.live:
        return None  # how long it plays is a rule of its own, and it never plays the same again
    if rules.longest_ms is not None and track.duration_ms > rules.longest_ms:
        return TooLong(most=rules.longest_min or 0)
    if played_at_ms is not None:
        ago = timedelta(milliseconds=clock.now_ms() - played_at_ms) // timedelta(minutes=1)
        until_ms = played_at_ms + rules.rest_ms
        if ago < 1:
            return Rests(
                _("{title} has just played. A track rests {rest} min in this room."),
                detail="rests_now",
                until_ms=until_ms,
                title=track.title,
                rest=rules.rest_min,
            )
        return Rests(until_ms=until_ms, title=track.title, ago=ago, rest=rules.rest_min)
    return None


def _last_plays(room: Room, tracks: Collection[Track], alike: Alike | None) -> dict[str, int]:
    """When each of these recordings last started here because somebody had asked for it.

    By the track's uri, only within the rest. What came from the shelf does not count: nobody chose
    it, and a small library would soon have nothing left to ask for.
    """
    rest_ms = music_rules(room).rest_ms
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
            refused[track.uri] = WouldNotPlay(until_ms=until_ms, title=track.title, wait=left)
    return refused


def _too_many_waiting(member: Member) -> RoomError | None:
    """As many tracks of a listener wait as one person may have."""
    most = _most_waiting(member)
    if most is None or (waiting := _waiting_of(member)) < most:
        return None
    return TooManyWaiting(until_ms=_next_start_of(member), n=waiting)


def _next_start_of(member: Member) -> int | None:
    """When the member's first waiting track starts if nothing changes; None while nothing runs."""
    playback = Playback.objects.of(member.room)
    if playback.state != PlaybackState.PLAYING:
        return None
    moment = expected_end_ms(playback)
    for fact in standing(member.room).facts.values():
        if moment is None or fact.requester == member.pk:
            break
        moment += fact.duration_ms
    return moment
