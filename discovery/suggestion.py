"""Suggestions: candidates that can be played here, and which of them fit a room now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from django.db.models import Count, Q, QuerySet

from discovery.candidate import Reason
from discovery.library_index import LibraryIndex, library_index
from discovery.models import Dismissal
from music.actions.skips import skip_needed
from music.add_checks import UnfitTracks, unfit_tracks
from music.models import ItemState, QueueItem, Track
from music.room_rules import music_rules
from rooms import clock
from rooms.models import Member, Room
from rooms.roles import HOSTS

SHOWN = 10
# At most so many of an artist among ten.
PER_ARTIST = 2
# What a room has played or somebody took out is not suggested again this evening.
LATELY_MS = 12 * 60 * 60 * 1000
# The dismissals of so many count for a room at least.
FEWEST_PEOPLE = 2
# Of a track of a service this is kept while it is suggested; one of the library is looked up.
_KEPT = (
    *("uri", "source", "title", "artists", "album", "duration_ms", "explicit", "isrc"),
    *("cover", "link"),
)


@dataclass(frozen=True)
class Suggestion:
    """A track that can be played here, why it is suggested, and by which link of the chain."""

    track: Track
    reason: Reason
    link: str
    page: str = ""

    @property
    def key(self) -> str:
        return key_of(self.track)

    def as_json(self) -> dict[str, Any]:
        """As it lies in `RoomSuggestions.items`."""
        facts = (
            {"pk": self.track.pk}
            if self.track.pk is not None
            else {name: getattr(self.track, name) for name in _KEPT}
        )
        return {
            "track": facts,
            "why": {"code": self.reason.code, "values": dict(self.reason.values)},
            "link": self.link,
            "page": self.page,
        }


def key_of(track: Track) -> str:
    """What a dismissal names a track by: the recording, else the uri."""
    return track.recording or track.uri


def read_suggestions(stored: Iterable[dict[str, Any]]) -> list[Suggestion]:
    """Suggestions as they lie in the database, in one query for the tracks that are saved.

    Tracks that are gone or away meanwhile are left out.
    """
    rows = list(stored)
    ids = [row["track"]["pk"] for row in rows if "pk" in row["track"]]
    saved = Track.objects.filter(available=True).in_bulk(ids)
    found = []
    for row in rows:
        facts = row["track"]
        track = saved.get(facts["pk"]) if "pk" in facts else _unsaved(facts)
        if track is not None:
            reason = Reason(row["why"]["code"], row["why"]["values"])
            found.append(Suggestion(track, reason, row["link"], row["page"]))
    return found


def _unsaved(facts: dict[str, Any]) -> Track:
    track = Track(**facts)
    track.identify()
    return track


@dataclass(frozen=True)
class Excluded:
    """What is not suggested in a room now: it waits, was played or taken out, or breaks a rule."""

    unfit: UnfitTracks
    ids: frozenset[int]
    recordings: frozenset[str]
    isrcs: frozenset[str]
    dismissed: frozenset[str] = field(default_factory=frozenset)

    def __contains__(self, track: Any, /) -> bool:
        return (
            track in self.unfit
            or track.pk in self.ids
            or track.recording in self.recordings
            or track.isrc in self.isrcs
            or (track.recording or track.uri) in self.dismissed
        )


def read_excluded(
    room: Room, *, dismissed_by: Member | Literal["the room"] | None = None
) -> Excluded:
    """What not to suggest here now, in three queries, with the dismissals of whom.

    "the room": see `_dismissed_by_room`, which takes another two queries.
    """
    since_ms = clock.now_ms() - max(LATELY_MS, music_rules(room).rest_ms)
    there = Q(state__in=[ItemState.WAITING, ItemState.PLAYING], added_by__isnull=False)
    # A row of the shelf that waits may be suggested: who adds it gets it.
    there |= Q(state=ItemState.PLAYING) | Q(suggested_for__isnull=False)
    lately = Q(ended_at_ms__gt=since_ms) | Q(removed_at_ms__gt=since_ms)
    items = QueueItem.objects.filter(there | lately, room=room)
    facts = list(items.values_list("track", "track__recording", "track__isrc").distinct())
    dismissals = Dismissal.objects.none()
    if isinstance(dismissed_by, Member):
        dismissals = Dismissal.objects.filter(member=dismissed_by)
    elif dismissed_by is not None:
        dismissals = _dismissed_by_room(room)
    return Excluded(
        unfit_tracks(room),
        frozenset(pk for pk, _, _ in facts),
        frozenset(recording for _, recording, _ in facts if recording),
        frozenset(isrc for _, _, isrc in facts if isrc),
        frozenset(dismissals.values_list("key", flat=True)),
    )


def _dismissed_by_room(room: Room) -> QuerySet[Dismissal]:
    """The dismissals that count for a room: of the host, a co-host, or as many as may skip a track.

    One guest must not decide for all, however many names that guest has.
    """
    by_people = (
        Dismissal.objects.filter(member__in=Member.objects.inside().filter(room=room))
        .values("key")
        .annotate(people=Count("member"), hosts=Count("member", filter=Q(member__role__in=HOSTS)))
        .filter(Q(hosts__gt=0) | Q(people__gte=max(FEWEST_PEOPLE, skip_needed(room))))
    )
    return Dismissal.objects.filter(member__room=room, key__in=by_people.values("key"))


def fitting(
    suggestions: Iterable[Suggestion], excluded: Excluded, *, most: int = SHOWN
) -> list[Suggestion]:
    """The first of them that fit, each recording once, at most two of an artist."""
    found: list[Suggestion] = []
    keys: set[str] = set()
    artists: Counter[str] = Counter()
    for suggestion in suggestions:
        track = suggestion.track
        if len(found) == most:
            break
        if suggestion.key in keys or track in excluded or artists[track.artist] >= PER_ARTIST:
            continue
        keys.add(suggestion.key)
        if track.artist:
            artists[track.artist] += 1
        found.append(suggestion)
    return found


def library_tracks(ids: Iterable[int]) -> dict[int, Track]:
    """Saved tracks that are available, by id, in one query."""
    return Track.objects.filter(available=True).in_bulk(list(ids))


def others_of_library(excluded: Excluded, index: LibraryIndex | None = None) -> Iterator[int]:
    """Ids of library tracks that fit, in an order that is by chance and the same for an hour."""
    entries = list((index or library_index()).entries)
    Random(clock.now_ms() // 3_600_000).shuffle(entries)
    return (entry.pk for entry in entries if entry not in excluded)
